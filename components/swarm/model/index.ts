import type { CoeDraft } from "../../../config/draft";
import type { Path, Problem } from "../../../config/problems";
import { sshExample, sshProblems, sshSecretProblem } from "../../../config/ssh";
import { isLabel, labelRule } from "../../../util/label";
import type { CoeModel } from "../../contract/model";
import { accessFields, draftOf, fields } from "./config";
import { ownPart } from "./plan";

/** Names that Docker has for networks of its own. */
const taken: readonly string[] = ["bridge", "host", "none", "ingress", "docker_gwbridge"];

/** Managers and workers alike run tasks, unless they are drained. */
export const swarmModel: CoeModel<"bird"> = {
  roles: { manager: { speaker: true }, worker: { speaker: true } },
  defaultRole: "worker",
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
    byNode: "published ports, by the routing mesh or on the node",
    needed: "hosts of yours that look after tasks, such as a monitoring server",
  },
  // Swarm's DNS answers in containers alone, each on one network.
  names: { zones: [] },
  *check(coe, at, { secrets }) {
    yield* networkProblems(coe, at);
    yield* managerProblems(coe, at);
    const { ssh } = draftOf(coe).access ?? {};
    if (coe.access !== undefined && ssh === undefined)
      yield {
        path: [...at, "access", "ssh"],
        message: `missing; a swarm COE needs ssh, such as ${sshExample}; {} takes what ssh does by itself`,
      };
    if (ssh !== undefined) yield* sshProblems([...at, "access", "ssh"], ssh, secrets);
    if (coe.policyOverrides !== undefined)
      yield {
        path: [...at, "policyOverrides"],
        message: "means nothing to a swarm COE, which has no policies of its own; leave it out",
      };
  },
  plan: ownPart,
};

/** The name is part of that of the settings, and Docker has networks of its own. */
function* networkProblems(coe: CoeDraft, at: Path): Iterable<Problem> {
  const { network } = draftOf(coe);
  if (network === undefined) return;
  const path = [...at, "network"];
  if (!isLabel(network))
    yield { path, message: `found ${JSON.stringify(network)}; allowed: ${labelRule}` };
  else if (taken.includes(network))
    yield {
      path,
      message: `found ${network}, which Docker makes by itself; allowed: another name`,
    };
}

/** Only a manager can make the network of a swarm. */
function* managerProblems(coe: CoeDraft, at: Path): Iterable<Problem> {
  const nodes = Object.values(coe.nodes);
  if (nodes.length === 0 || nodes.some(({ role }) => role === "manager")) return;
  yield {
    path: [...at, "nodes"],
    message:
      "found no manager, which makes the network of the swarm; needed: role: manager for one node or more",
  };
}
