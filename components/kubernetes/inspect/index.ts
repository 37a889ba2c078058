import type { CoePlan } from "../../../plan/types";
import { SeamlessError } from "../../../util/errors";
import type { CalicoPlan } from "../../calico/types";
import type { Kubectl } from "../kubectl";
import { compareCluster } from "./compare";
import { readCluster } from "./read";
import type { ClusterState, Finding } from "./state";

export interface Inspection {
  readonly seen: ClusterState;
  readonly findings: readonly Finding[];
}

/** Compares a cluster with its part of the plan, and changes nothing. @throws SeamlessError when it does not answer */
export async function inspect(
  kubectl: Kubectl,
  coe: CoePlan,
  calico: CalicoPlan,
): Promise<Inspection> {
  const seen = await readCluster(kubectl);
  return { seen, findings: compareCluster(coe, calico, seen) };
}

/** @throws SeamlessError that names everything that stands in the way of the plan, with the way out */
export async function refuseUnsafe(
  kubectl: Kubectl,
  coe: CoePlan,
  calico: CalicoPlan,
): Promise<void> {
  const { findings } = await inspect(kubectl, coe, calico);
  const blocking = findings.filter(({ level }) => level === "blocks");
  if (blocking.length === 0) return;
  const head = `${coe.name} cannot be joined as it is; nothing was changed`;
  throw new SeamlessError([head, ...blocking.flatMap(describe)].join("\n"));
}

/** A finding for people, on two or three lines. */
function describe({ level, id, found, effect, advice }: Finding): string[] {
  return [
    `${level.padEnd(7)} ${id}: ${found}`,
    `        effect  ${effect}`,
    ...(advice === undefined ? [] : [`        to do   ${advice}`]),
  ];
}

/** The whole inspection for people. */
export function renderInspection(coe: string, { seen, findings }: Inspection): string[] {
  const count = (level: Finding["level"]) => findings.filter((one) => one.level === level).length;
  return [
    `${coe}: ${Object.keys(seen.nodes).length} nodes, ${about(seen)}`,
    "",
    ...findings.flatMap(describe),
    ...(findings.length === 0 ? [] : [""]),
    `${count("blocks")} in the way, ${count("changes")} changed by joining, ${count("notes")} to know`,
  ];
}

function about({ calico }: ClusterState): string {
  if (calico === undefined) return "no Calico";
  return [
    `Calico ${calico.version} with ${calico.backend}${calico.operator ? " by its operator" : ""}`,
    `projectcalico.org/v3 ${calico.api ? "served" : "not served"}`,
    `${calico.pools.length} pools, ${calico.blocks.length} blocks in use`,
  ].join(", ");
}
