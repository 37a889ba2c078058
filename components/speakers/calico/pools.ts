import { familyOf, prefix } from "../../../util/net";
import { blockSizeIn, inFamily, listOf, poolNames, usualBlockSize6 } from "../../../util/ranges";
import { nameOfAddress } from "./names";
import type { CalicoPlan, IPPool } from "./types";

/** Prefix lengths of the blocks of pools nobody takes blocks from; Calico wants one that fits the range. */
const usualBlock = { 4: 26, 6: usualBlockSize6 } as const;

/**
 * The pools of the COE's own containers, by range: no encapsulation, so that routes are the containers' own, or one that no
 * packet takes, and NAT only where it is asked for. One that retires is disabled: no address is assigned from it any more, and BIRD goes on announcing
 * the blocks in use.
 */
export function ipPools(plan: CalicoPlan): Record<string, IPPool> {
  const ranges = listOf(plan.podCidr);
  const names = adoptedNames(plan);
  return Object.fromEntries(
    ranges.map((range): [string, IPPool] => {
      const made = pool(range, {
        blockSize: blockSizeIn(plan, range),
        ipipMode: ipipModeOf(plan, range),
        ...(plan.retiring?.includes(range) === true ? { disabled: true } : {}),
        // There are addresses for everybody: the nodes' stand for no container's.
        natOutgoing: plan.natOutgoing && familyOf(range) === 4,
        nodeSelector: "all()",
      });
      const name = names[range];
      return [range, name === undefined ? made : { ...made, metadata: { name } }];
    }),
  );
}

/** The mode of the tunnel of a range's pool; there is none for IPv6. */
export function ipipModeOf(
  { ipipMode }: Pick<CalicoPlan, "ipipMode">,
  range: string,
): IPPool["spec"]["ipipMode"] {
  return familyOf(range) === 4 ? (ipipMode ?? "Never") : "Never";
}

/** An adopted pool keeps the nodes it is for: only what the plan cannot do without is written. */
export function asItIs(pool: IPPool): IPPool {
  const { nodeSelector: _theirs, ...spec } = pool.spec;
  return { ...pool, spec };
}

/** Whether the pool of a range was there before. */
export function isAdopted(plan: CalicoPlan, range: string): boolean {
  return adoptedNames(plan)[range] !== undefined;
}

function adoptedNames({ podCidr, adoptedPool }: CalicoPlan): Readonly<Record<string, string>> {
  return poolNames(listOf(podCidr), adoptedPool);
}

/** Every other pool the cluster needs, by a name that stays: the COE's and the range's, or what it is for. */
export function otherPools(plan: CalicoPlan): Record<string, IPPool> {
  const { loadBalancerIPs } = plan.announced;
  return {
    ...(plan.natOutgoing ? foreignPools(plan) : {}),
    ...(plan.loadBalancerPool === false
      ? {}
      : balancerPools(listOf(loadBalancerIPs), loadBalancerPool)),
    ...balancerPools(listOf(plan.balanced), balancedPool),
  };
}

/** That of IPv4 has the plain name. */
function balancerPools(
  ranges: readonly string[],
  make: (range: string) => IPPool,
): Record<string, IPPool> {
  return Object.fromEntries(
    ranges.map((range) => [
      familyOf(range) === 6 ? "load-balancers-ipv6" : "load-balancers",
      make(range),
    ]),
  );
}

/**
 * Felix gives the node's address to whatever leaves a pool with natOutgoing for an address that is in no pool, so the
 * other COEs' ranges are pools too: disabled, so that nothing is assigned from them, and not announced, since their
 * own nodes do that ("Configure outgoing NAT" of Calico). A pool with encapsulation would keep BIRD from
 * programming the routes to them.
 */
function foreignPools({ foreign }: CalicoPlan): Record<string, IPPool> {
  const entries = Object.entries(foreign).flatMap(([coe, ranges]) =>
    inFamily(ranges, 4).map((range): [string, IPPool] => [
      `${coe}-${nameOfAddress(range)}`,
      pool(range, {
        blockSize: fitting(range),
        disabled: true,
        disableBGPExport: true,
        natOutgoing: false,
        nodeSelector: "all()",
      }),
    ]),
  );
  return Object.fromEntries(entries);
}

/**
 * Calico's controller takes the addresses of services of type LoadBalancer from it ("LoadBalancer IP addresses"). The
 * mode is Calico's default, but it is not filled in for objects that come by the Kubernetes API, and the controller
 * of 3.31 dies of a pool without one.
 */
function loadBalancerPool(range: string): IPPool {
  return pool(range, {
    allowedUses: ["LoadBalancer"],
    assignmentMode: "Automatic",
    blockSize: fitting(range),
    natOutgoing: false,
    nodeSelector: "all()",
  });
}

/**
 * Nothing is assigned from it. Calico's BIRD passes on the addresses of a node's own interfaces if they are in a pool
 * (confd's template bird_ipam.cfg), and Felix gives no node's address to what goes there.
 */
function balancedPool(range: string): IPPool {
  return pool(range, {
    blockSize: fitting(range),
    disabled: true,
    natOutgoing: false,
    nodeSelector: "all()",
  });
}

function pool(
  range: string,
  {
    ipipMode = "Never",
    ...spec
  }: Omit<IPPool["spec"], "cidr" | "ipipMode" | "vxlanMode"> & {
    readonly ipipMode?: IPPool["spec"]["ipipMode"];
  },
): IPPool {
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "IPPool",
    metadata: { name: nameOfAddress(range) },
    spec: { ...spec, cidr: range, ipipMode, vxlanMode: "Never" },
  };
}

function fitting(range: string): number {
  const { family, length } = prefix(range);
  return Math.max(usualBlock[family], length);
}
