import { sshExample, sshProblems, sshSecretProblem } from "../../../config/ssh";
import type { CoeModel } from "../../contract/model";
import { accessFields, draftOf, fields } from "./config";
import { ownPart } from "./plan";

/** Plain Linux hosts, each with a range of its own that its BIRD announces. */
export const hostsModel: CoeModel<"bird"> = {
  roles: { host: { speaker: true } },
  defaultRole: "host",
  speakers: { bird: { nodeRanges: true } },
  defaultSpeaker: "bird",
  fields,
  access: { fields: accessFields, example: sshExample },
  secrets: { sorts: ["keys"], check: sshSecretProblem },
  listsNodes: false,
  services: { ranges: [] },
  labPorts: {},
  probe: { image: "an image with /bin/busybox, such as busybox:1.37", fields: {} },
  policy: {
    byNode: "a port that Docker publishes on its host",
    needed: "hosts of yours that look after containers, such as a monitoring server",
  },
  // Nothing on plain hosts answers for names of containers.
  names: { zones: [] },
  *check(coe, at, { secrets }) {
    const { containers, ssh } = draftOf(coe);
    if (coe.access !== undefined && ssh === undefined)
      yield {
        path: [...at, "access", "ssh"],
        message: `missing; a hosts COE needs ssh, such as ${sshExample}; {} takes what ssh does by itself`,
      };
    if (ssh !== undefined) yield* sshProblems([...at, "access", "ssh"], ssh, secrets);
    if (coe.probe !== undefined && containers !== "docker" && containers !== undefined)
      yield {
        path: [...at, "probe"],
        message: `found a probe with containers: ${containers}; the probe is a container of Docker: leave it out, and verify asks hosts instead`,
      };
    if (coe.natOutgoing === true && containers === "none")
      yield {
        path: [...at, "natOutgoing"],
        message:
          "found true with containers: none; nothing runs there that would need it: leave it out",
      };
    if (coe.policyOverrides !== undefined)
      yield {
        path: [...at, "policyOverrides"],
        message: "means nothing to a hosts COE, which has no policies of its own; leave it out",
      };
  },
  plan: ownPart,
};
