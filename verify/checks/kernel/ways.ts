import type { NodePlan } from "../../../plan/types";
import { familyOf, hostOf } from "../../../util/net";
import { type End, linked, oneElsewhere } from "../../kernel/ends";
import type { Way } from "../../kernel/lookup";
import type { TableRoute } from "../../kernel/types";
import type { KernelView } from "./index";

/** Where a packet to a container of another node has to leave, as the way to that node says. */
export interface Exit {
  readonly gateway: string;
  readonly device: string;
}

/** The way to another node: directly where a link of this one has its network, else by the router that leads there. */
export function exitTo({ lookups, node }: KernelView, other: NodePlan): Exit | undefined {
  const { route } = lookups.way({ from: node.address, to: other.address, mark: 0 });
  const [hop] = route?.hops ?? [];
  if (route?.type !== "unicast" || hop?.device === undefined) return undefined;
  return { gateway: hop.gateway ?? other.address, device: hop.device };
}

/** A container of this node, and the device that leads to it. */
export interface Own {
  readonly address: string;
  readonly device: string;
}

/** The probe of this node, else whatever container its kernel has a link to. */
export function ownContainer(view: KernelView): Own | undefined {
  const { node, ends } = view;
  const links = linked(view);
  const probe = ends.find((end) => end.node.id === node.id && links.has(end.address));
  const [first] = links;
  const [one, device] =
    probe === undefined ? (first ?? []) : [probe.address, links.get(probe.address)];
  return one === undefined || device === undefined ? undefined : { address: one, device };
}

/** One container of each other node. */
export function others({ ends, node }: KernelView): readonly End[] {
  return oneElsewhere(ends, node);
}

/** The command for rules and routes, which is about IPv4 where nothing is said. */
export function ip({ address }: Pick<NodePlan, "address">): string {
  return familyOf(address) === 6 ? "ip -6" : "ip";
}

/** A route as `ip route show table all` prints it. */
export function writeTableRoute(route: TableRoute): string {
  return [
    ...(route.type === "unicast" ? [] : [route.type]),
    isEverything(route.prefix) ? "default" : (hostOf(route.prefix) ?? route.prefix),
    ...route.hops.flatMap(({ gateway, device }) => [
      ...(gateway === undefined ? [] : ["via", gateway]),
      ...(device === undefined ? [] : ["dev", device]),
    ]),
    ...(route.table === "main" ? [] : ["table", route.table]),
    ...(route.protocol === undefined ? [] : ["proto", route.protocol]),
    ...(route.metric === 0 ? [] : ["metric", String(route.metric)]),
    ...(route.mtu === undefined ? [] : ["mtu", String(route.mtu)]),
  ].join(" ");
}

function isEverything(text: string): boolean {
  return text === "0.0.0.0/0" || text === "::/0";
}

/** A way in one line: the route, and the rule where it is not one that every kernel has. */
export function writeWay({ rule, route, refused }: Way): string {
  const by =
    rule === undefined || isStandard(rule.text)
      ? ""
      : ` by the rule ${rule.priority}: ${rule.text}`;
  if (refused !== undefined) return `${refused}${by}`;
  return route === undefined ? "no route" : `${writeTableRoute(route)}${by}`;
}

export function isStandard(rule: string): boolean {
  return /^from all lookup (local|main|default)$/.test(rule);
}
