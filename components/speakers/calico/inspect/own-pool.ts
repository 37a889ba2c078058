import type { CoePlan } from "../../../../plan/types";
import { familyOf } from "../../../../util/net";
import { blockSizeIn, podRanges } from "../../../../util/ranges";
import { ipipModeOf, ipPools, isAdopted } from "../pools";
import type { CalicoPlan } from "../types";
import { type Finding, takeOver } from "./finding";
import { type PoolState, setByWhom } from "./state";

/** The pool of the planned range, whoever has made it. */
export function ownPool(id: string, coe: CoePlan, plan: CalicoPlan, pool: PoolState): Finding[] {
  return [
    ...identityFindings(id, coe, plan, pool),
    ...useFindings(id, pool),
    ...changeFindings(id, coe, plan, pool),
    ...keptFindings(id, coe, plan, pool),
  ];
}

/** Name, owner and block size: what cannot be changed afterwards. */
function identityFindings(id: string, coe: CoePlan, plan: CalicoPlan, pool: PoolState): Finding[] {
  const name = ipPools(plan)[pool.cidr]?.metadata.name ?? pool.name;
  const findings: Finding[] = [];
  const named = podRanges(coe).length === 1 ? pool.name : `{ ${pool.cidr}: ${pool.name} }`;
  const adopt = `adopt it: set coes.${coe.name}.pool: ${named}`;
  if (pool.name !== name)
    findings.push({
      id,
      level: "blocks",
      found: `${pool.cidr} under this name; the plan's pool is ${name}`,
      effect: "there would be two pools of one range, which Calico does not expect",
      advice: adopt,
    });
  else if (pool.ours === false && !isAdopted(plan, pool.cidr))
    findings.push({
      id,
      level: "blocks",
      found: `${pool.cidr} was there before the plan`,
      effect: "the stack would take it over, and remove it when the stack is destroyed",
      advice: adopt,
    });
  const size = blockSizeIn(coe, pool.cidr);
  if (pool.blockSize !== size)
    findings.push({
      id: `${id}/blockSize`,
      level: "blocks",
      found: `blocks of /${pool.blockSize}; the plan says /${size}`,
      effect: "a pool's block size cannot change",
      advice: `plan ${familyOf(pool.cidr) === 6 ? "blockSize6" : "blockSize"}: ${pool.blockSize}`,
    });
  if (pool.written !== undefined)
    findings.push({
      id: `${id}/cidr`,
      level: "blocks",
      found: `stored as ${pool.written}, which Calico reads as ${pool.cidr}`,
      effect: "a pool's range cannot change, not even its spelling",
      advice: `write cidr: ${pool.cidr} into the pool (kubectl, past calicoctl), or use a pool of another range`,
    });
  return findings;
}

/** Fields that the plan relies on. */
function useFindings(id: string, pool: PoolState): Finding[] {
  const findings: Finding[] = [];
  if (!pool.allowedUses.includes("Workload"))
    findings.push({
      id: `${id}/allowedUses`,
      level: "blocks",
      found: `allowedUses ${pool.allowedUses.join(", ")}`,
      effect: "no container gets an address of it",
      advice: "add Workload to its allowedUses, or plan another range",
    });
  if (pool.disableBGPExport)
    findings.push({
      id: `${id}/disableBGPExport`,
      level: "blocks",
      found: "disableBGPExport true",
      effect: "BIRD announces none of its blocks, so nobody reaches its containers",
      advice: "set disableBGPExport: false on the pool",
    });
  return findings;
}

/** What joining changes: encapsulation, and NAT where the plan says another thing. */
function changeFindings(
  id: string,
  { retiring = [] }: CoePlan,
  plan: CalicoPlan,
  pool: PoolState,
): Finding[] {
  // Under another name it is to be adopted, and is not written as a whole.
  const planned = ipPools(plan)[pool.cidr]?.metadata.name === pool.name;
  const nat = ipPools(plan)[pool.cidr]?.spec.natOutgoing ?? plan.natOutgoing;
  const mode = ipipModeOf(plan, pool.cidr);
  const tunnel =
    (pool.ipipMode !== "Never" && pool.ipipMode !== mode) || pool.vxlanMode !== "Never";
  const changes = [
    ...(pool.ipipMode === mode ? [] : [`ipipMode ${pool.ipipMode} -> ${mode}`]),
    ...(pool.vxlanMode === "Never" ? [] : [`vxlanMode ${pool.vxlanMode} -> Never`]),
    ...(pool.natOutgoing === nat ? [] : [`natOutgoing ${pool.natOutgoing} -> ${nat}`]),
    ...(isAdopted(plan, pool.cidr) || !planned || pool.nodeSelector === "all()"
      ? []
      : [`nodeSelector ${pool.nodeSelector} -> all()`]),
    ...disabledChange(pool, retiring.includes(pool.cidr), isAdopted(plan, pool.cidr)),
  ];
  if (changes.length === 0) return [];
  const managed = pool.managedBy !== undefined && /operator/.test(pool.managedBy);
  return [
    {
      id: `${id}/spec`,
      level: managed ? "blocks" : "changes",
      found: `${changes.join(", ")}${setByWhom(pool.setBy)}`,
      effect: [
        ...(tunnel
          ? [
              `packets between nodes lose their tunnel, ${plan.rackRouters === true ? "and go by the routers of their racks" : "so all nodes have to be on one network"}`,
            ]
          : []),
        ...(pool.natOutgoing && !nat
          ? [
              "containers reach other networks only where those know the way back (or set natOutgoing: true)",
            ]
          : []),
        ...(!pool.natOutgoing && nat
          ? ["other networks see the node's address in place of the container's"]
          : []),
        ...(managed ? [`${pool.managedBy} would put the old values back`] : []),
      ].join("; "),
      ...(managed
        ? {
            advice:
              "set the planned values in the operator's Installation (calicoNetwork.ipPools) first",
          }
        : takeOver(pool.setBy)),
    },
  ];
}

/** A pool that retires is disabled; one that the stack has made is not, as long as it does not retire. */
function disabledChange({ disabled }: PoolState, retires: boolean, adopted: boolean): string[] {
  if (retires) return disabled ? [] : ["enabled -> disabled"];
  return disabled && !adopted ? ["disabled -> enabled"] : [];
}

/** What stays as it is, though a pool of the plan's own would not have it. */
function keptFindings(
  id: string,
  { retiring = [] }: CoePlan,
  plan: CalicoPlan,
  pool: PoolState,
): Finding[] {
  const kept: Pick<Finding, "found" | "effect">[] = [];
  const { nodeSelector, assignmentMode, disabled, others } = pool;
  if (disabled && isAdopted(plan, pool.cidr) && !retiring.includes(pool.cidr))
    kept.push({ found: "disabled true", effect: "new containers get no addresses of it" });
  if (assignmentMode !== "Automatic")
    kept.push({
      found: `assignmentMode ${assignmentMode}`,
      effect: "only containers that ask for it get addresses of it",
    });
  if (nodeSelector !== "all()" && isAdopted(plan, pool.cidr))
    kept.push({
      found: `nodeSelector ${nodeSelector}`,
      effect: "containers on other nodes get addresses of other pools, or none",
    });
  for (const [field, value] of Object.entries(others))
    kept.push({ found: `${field} ${JSON.stringify(value)}`, effect: `${field} works as before` });
  if (kept.length === 0) return [];
  return [
    {
      id: `${id}/kept`,
      level: "notes",
      found: `${kept.map(({ found }) => found).join(", ")}; it stays`,
      effect: kept.map(({ effect }) => effect).join("; "),
    },
  ];
}
