import type { CoeDraft } from "../../../config/draft";
import type { Path, Problem } from "../../../config/problems";
import { isLabel, labelRule } from "../../../util/label";
import type { CoeModel } from "../../contract/model";
import { frrFacts, frrProblems, linuxFacts, linuxProblems } from "../../linux/model";
import { draftOf, fields } from "./config";
import { ownPart } from "./plan";

/** Names that Docker has for networks of its own. */
const taken: readonly string[] = ["bridge", "host", "none", "ingress", "docker_gwbridge"];

/** Managers and workers alike run tasks, unless they are drained. */
export const swarmModel: CoeModel<"bird" | "frr"> = {
  ...linuxFacts,
  speakers: { ...linuxFacts.speakers, frr: frrFacts },
  roles: { manager: { speaker: true }, worker: { speaker: true } },
  defaultRole: "worker",
  fields,
  policy: {
    byNode: "published ports, by the routing mesh or on the node",
    needed: "hosts of yours that look after tasks, such as a monitoring server",
  },
  // Swarm's DNS answers in containers alone, each on one network.
  names: { zones: [] },
  *check(coe, at, { config, secrets }) {
    yield* networkProblems(coe, at);
    yield* managerProblems(coe, at);
    yield* linuxProblems(coe, at, secrets);
    yield* frrProblems(coe, at, config);
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
