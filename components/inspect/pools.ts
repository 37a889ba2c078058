import type { CoePlan } from "../../plan/types";
import { cidr, contains, overlap } from "../../util/cidr";
import { containedIn, podRanges } from "../../util/ranges";
import { ipPools } from "../calico/pools";
import type { CalicoPlan } from "../calico/types";
import { type Finding, takeOver } from "./finding";
import { emptyFindings, leavingPool } from "./leaving";
import { type DatastoreState, type PoolState, setByWhom } from "./state";

/** What the plan makes of a pool that is there. */
export function poolFindings(
  coe: CoePlan,
  plan: CalicoPlan,
  calico: DatastoreState,
  pool: PoolState,
): Finding[] {
  // The plan is about IPv4.
  if (pool.cidr.includes(":")) return [];
  const id = `pool/${pool.name}`;
  const used = calico.blocks.filter((block) => contains(pool.cidr, block.cidr)).length;
  const own = podRanges(coe);
  if (own.includes(pool.cidr))
    return [...ownPool(id, coe, plan, pool), ...emptyFindings(coe, calico, pool)];
  const leaving = leavingPool(coe, calico, pool);
  if (leaving !== undefined) return [leaving];
  const foreign = Object.values(plan.foreign).flat();
  if (foreign.includes(pool.cidr) && pool.disabled) return [];
  if (pool.cidr === plan.announced.loadBalancerIPs) return [];
  const near = own.filter((range) => overlap(cidr(pool.cidr), cidr(range)));
  if (near.length > 0) {
    const outside = calico.blocks.filter(
      (block) => contains(pool.cidr, block.cidr) && !containedIn(own, block.cidr),
    ).length;
    return [
      {
        id,
        level: "blocks",
        found: `${pool.cidr} with ${used} blocks in use, ${outside} of them outside the plan's ${near.join(", ")}`,
        effect:
          "a pool in use cannot shrink or grow: its containers keep addresses the reflector refuses",
        advice: `plan podCidr: ${pool.cidr}, or move its containers to a pool of ${near.join(", ")} and remove it`,
      },
    ];
  }
  if (pool.disabled && used === 0) return [];
  const others = Object.entries(plan.foreign).flatMap(([other, ranges]) =>
    ranges
      .filter((range) => overlap(cidr(pool.cidr), cidr(range)))
      .map((range) => `${range} of ${other}`),
  );
  if (others.length > 0)
    return [
      {
        id,
        level: "blocks",
        found: `${pool.cidr} with ${used} blocks in use, which overlaps ${others.join(", ")}`,
        effect: "an address would be a container of one here and of another there",
        advice: "disable it and move its containers, or plan other ranges",
      },
    ];
  return [
    {
      id,
      level: "notes",
      found: `${pool.cidr} with ${used} blocks in use${pool.disabled ? ", disabled" : ""}; it is not in the plan`,
      effect:
        "its containers keep their addresses, which the reflector does not pass on: other COEs do not reach them",
      ...(pool.disabled
        ? {}
        : {
            advice: "disable it (disabled: true), so that new containers get addresses of the plan",
          }),
    },
  ];
}

/** The pool of the planned range, whoever has made it. */
function ownPool(id: string, coe: CoePlan, plan: CalicoPlan, pool: PoolState): Finding[] {
  const findings: Finding[] = [];
  const asked = ipPools(plan)[pool.cidr]?.metadata.name;
  if (asked !== undefined && pool.name !== asked)
    findings.push({
      id,
      level: "blocks",
      found: `${pool.cidr} under this name; the plan's pool is ${asked}`,
      effect: "there would be two pools of one range, which Calico does not expect",
      advice: `adopt it: set coes.${coe.name}.pool: ${pool.name}`,
    });
  if (pool.blockSize !== coe.blockSize)
    findings.push({
      id: `${id}/blockSize`,
      level: "blocks",
      found: `blocks of /${pool.blockSize}; the plan says /${coe.blockSize}`,
      effect: "a pool's block size cannot change",
      advice: `plan blockSize: ${pool.blockSize}`,
    });
  const changes = [
    ...(pool.ipipMode === "Never" ? [] : [`ipipMode ${pool.ipipMode} -> Never`]),
    ...(pool.vxlanMode === "Never" ? [] : [`vxlanMode ${pool.vxlanMode} -> Never`]),
    ...(pool.natOutgoing === plan.natOutgoing
      ? []
      : [`natOutgoing ${pool.natOutgoing} -> ${plan.natOutgoing}`]),
    ...disabledChange(pool.disabled, coe.retiring?.includes(pool.cidr) === true),
  ];
  if (changes.length === 0) return findings;
  const managed = pool.managedBy !== undefined && /operator/.test(pool.managedBy);
  findings.push({
    id: `${id}/spec`,
    level: managed ? "blocks" : "changes",
    found: `${changes.join(", ")}${setByWhom(pool.setBy)}`,
    effect: [
      ...(pool.ipipMode === "Never" && pool.vxlanMode === "Never"
        ? []
        : ["packets between nodes lose their tunnel, so all nodes have to be on one network"]),
      ...(pool.natOutgoing && !plan.natOutgoing
        ? [
            "containers reach other networks only where those know the way back (or set natOutgoing: true)",
          ]
        : []),
      ...(managed ? [`${pool.managedBy} would put the old values back`] : []),
    ].join("; "),
    ...(managed
      ? {
          advice:
            "set the planned values in the operator's Installation (calicoNetwork.ipPools) first",
        }
      : takeOver(pool.setBy)),
  });
  return findings;
}

/** What becomes of a pool that is disabled, or that is to be. */
function disabledChange(is: boolean, asked: boolean): string[] {
  const word = (disabled: boolean) => (disabled ? "disabled" : "enabled");
  return is === asked ? [] : [`${word(is)} -> ${word(asked)}`];
}
