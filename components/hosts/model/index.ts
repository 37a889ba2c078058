import type { CoeModel } from "../../contract/model";
import { frrFacts, frrProblems, linuxFacts, linuxProblems } from "../../linux/model";
import { draftOf, fields } from "./config";
import { ownPart } from "./plan";

/** Plain Linux hosts, each with a range of its own that its BIRD or FRR announces. */
export const hostsModel: CoeModel<"bird" | "frr"> = {
  ...linuxFacts,
  speakers: { ...linuxFacts.speakers, frr: frrFacts },
  roles: { host: { speaker: true } },
  defaultRole: "host",
  fields,
  policy: {
    byNode: "a port that Docker publishes on its host",
    needed: "hosts of yours that look after containers, such as a monitoring server",
  },
  // Nothing on plain hosts answers for names of containers.
  names: { zones: [] },
  *check(coe, at, { config, secrets }) {
    yield* linuxProblems(coe, at, secrets);
    yield* frrProblems(coe, at, config);
    const { containers } = draftOf(coe);
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
  },
  plan: ownPart,
};
