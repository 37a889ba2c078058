import type { NetworkConfig } from "../config/types";
import { contains } from "../util/net";
import { listOf, oneOrList } from "../util/ranges";
import type { Plan, RackPlan } from "./types";

/** The networks of the nodes: of racks, in the order of their names, since a map has none. */
export function networksOf({ nodes }: NetworkConfig): readonly string[] {
  return isMap(nodes)
    ? Object.values(racksOf(nodes)).flatMap(({ cidr }) => listOf(cidr))
    : listOf(nodes);
}

/** The racks as they are written; undefined where networks have no names. */
export function racksIn({ nodes }: NetworkConfig): Racks | undefined {
  return isMap(nodes) ? nodes : undefined;
}

/** The record of racks in a plan; none where the networks have no names. */
export function rackPlans({ nodes }: NetworkConfig): Pick<Plan, "racks"> {
  return isMap(nodes) ? { racks: racksOf(nodes) } : {};
}

/** The rack of an address; none where racks have no names. */
export function rackAt({ nodes }: NetworkConfig, address: string): { readonly rack?: string } {
  if (!isMap(nodes)) return {};
  const [rack] =
    Object.entries(nodes).find(([, { cidr }]) =>
      listOf(cidr).some((range) => contains(range, address)),
    ) ?? [];
  return rack === undefined ? {} : { rack };
}

type Racks = Exclude<NetworkConfig["nodes"], string | readonly string[]>;

function isMap(nodes: NetworkConfig["nodes"]): nodes is Racks {
  return typeof nodes === "object" && !Array.isArray(nodes);
}

function racksOf(nodes: Racks): Record<string, RackPlan> {
  return Object.fromEntries(
    Object.entries(nodes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { cidr, gateway, gateway6 }]) => [
        name,
        {
          name,
          cidr: oneOrList(listOf(cidr)) ?? [],
          ...(gateway === undefined ? {} : { gateway }),
          ...(gateway6 === undefined ? {} : { gateway6 }),
        },
      ]),
  );
}
