import { nodeRanges } from "../../../plan/blocks";
import type { NodePlan } from "../../../plan/types";
import { contains, hostOf } from "../../../util/net";
import type { KernelView } from "../../checks/kernel";
import { ip, isStandard, writeTableRoute } from "../../checks/kernel/ways";
import { directDevice } from "../../kernel/ends";
import type { Way } from "../../kernel/lookup";
import type { PolicyRule, TableRoute } from "../../kernel/types";
import type { Observation } from "../../types";
import type { Standing } from "../types";
import { isView, kernelWay, viewOf } from "../view";
import type { Trip } from "../way";
import { unknownLink } from "./unknown";

/** What the kernel of the source's node does with a packet to the other end. @param behind links its route comes by */
export function fibLink(trip: Trip, seen: Observation, behind: readonly string[]): Standing {
  const { source, to, prefix } = trip;
  if (source === undefined)
    return {
      ...{ layer: "fib", at: trip.from.coe, says: `no route to ${to.address} is known` },
      ...{ status: "unknown", why: `nobody knows on which node ${trip.from.name} is` },
    };
  const own = { layer: "fib", at: source.id } as const;
  const view = viewOf(trip, seen, source);
  if (!isView(view)) return unknownLink(own, view);
  const way = kernelWay(view, trip);
  const ruled = byRule(source, way, trip);
  if (ruled !== undefined) return ruled;
  const { route } = way;
  const expected = gatewaysOf(trip);
  const wanted = `${prefix ?? to.address} via ${expected.join(" or ")}`;
  if (route === undefined || (prefix !== undefined && isDefault(route)))
    return {
      ...{ ...own, says: `no route to ${prefix ?? to.address}`, status: "broken" },
      ...lacking(route, source, wanted, trip, seen),
      standsOn: behind,
    };
  const says = writeTableRoute(route);
  if (route.type !== "unicast")
    return {
      ...{ ...own, says, status: "broken" },
      why: `${source.id} drops what is for ${to.address}; the plan wants ${wanted}`,
      remedy: removal(source, route),
    };
  if (leadsThere(route, expected, trip)) return asked(view, trip, { ...own, says, status: "ok" });
  return {
    ...{ ...own, says, status: "broken" },
    why: `${to.name} is behind ${trip.target?.id ?? "no node"}; the plan wants ${wanted}`,
    remedy: removal(source, route),
    ...(followsRib(seen, route) ? { standsOn: behind } : {}),
  };
}

/** What the kernel of the target's node does with it: it has an interface to the container. */
export function deliveryLink(trip: Trip, seen: Observation): Standing | undefined {
  const { to, target } = trip;
  if (target === undefined || to.sort !== "container" || to.address === undefined) return undefined;
  const own = { layer: "fib", at: target.id } as const;
  const view = viewOf(trip, seen, target);
  if (!isView(view)) return unknownLink(own, view);
  const way = kernelWay(view, trip);
  const ruled = byRule(target, way, trip);
  if (ruled !== undefined) return ruled;
  const { route } = way;
  const device = route?.hops[0]?.device;
  if (route !== undefined && device !== undefined && isCable(route, to.address, target)) {
    const says = writeTableRoute(route);
    if (view.kernel.links[device]?.up !== false)
      return asked(view, trip, { ...own, says, status: "ok" });
    return {
      ...{ ...own, says: `${says}, and ${device} is down`, status: "broken" },
      why: `${device} is the node's end of the cable to ${to.name}`,
      remedy: `on ${target.id}: ip link set ${device} up`,
    };
  }
  return {
    ...{ ...own, says: route === undefined ? `no route to ${to.address}` : writeTableRoute(route) },
    status: "broken",
    why: `${target.id} has no route to the interface of its own container ${to.address}`,
    remedy: `on ${target.id}: ip route replace ${to.address} dev INTERFACE scope link, where INTERFACE is the container's; or start the container again`,
  };
}

/** A rule that is not of every kernel, and keeps the packet from the table main. */
function byRule({ id }: NodePlan, { rule, route, refused }: Way, trip: Trip): Standing | undefined {
  if (rule === undefined || isStandard(rule.text)) return undefined;
  const said = `${rule.priority}: ${rule.text}`;
  if (refused === undefined && route !== undefined && leadsThere(route, gatewaysOf(trip), trip))
    return undefined;
  const why =
    refused === undefined
      ? `table ${route?.table} has ${route === undefined ? "no route" : writeTableRoute(route)}, and is looked up before main`
      : `the rule refuses packets from ${trip.from.address} to ${trip.to.address} (${refused})`;
  return {
    ...{ layer: "rules", at: id, says: said, status: "broken", why },
    remedy: `on ${id}: ${ipFor(trip)} rule del ${ruleWords(rule)}`,
  };
}

/** The command for the rules of the trip's family. */
function ipFor({ to: { address = "" } }: Trip): string {
  return ip({ address });
}

function ruleWords({ priority }: PolicyRule): string {
  return `priority ${priority}`;
}

/** The kernel's own word (`ip route get`), where it was asked for this very packet. */
function asked({ node, kernel }: KernelView, trip: Trip, link: Standing): Standing {
  const { from, to } = trip;
  const lookup = kernel.lookups.find((one) => one.from === from.address && one.to === to.address);
  if (lookup === undefined || !("refused" in lookup.outcome)) return link;
  const { refused } = lookup.outcome;
  // What settings do is told with the settings.
  if (settings.some((start) => refused.startsWith(start))) return link;
  const get = `ip route get ${to.address} from ${from.address} iif ${lookup.device}`;
  return {
    ...{ layer: "fib", at: node.id, says: `${get}: ${refused}`, status: "broken" },
    why: `${link.says}, and the kernel does not take it`,
    remedy: `on ${node.id}: ${ipFor(trip)} rule; ${ipFor(trip)} route show table all`,
  };
}

/** What a kernel says where settings keep it from a route (net/ipv4/route.c). */
const settings: readonly string[] = ["Invalid cross-device link", "No route to host"];

function gatewaysOf({ plan, to, target }: Trip): string[] {
  if (to.sort !== "service") return target === undefined ? [] : [target.address];
  return Object.values(plan.coes)
    .flatMap(({ nodes }) => Object.values(nodes))
    .filter(({ id }) => to.nodes.includes(id))
    .map(({ address }) => address);
}

/** Whether every hop leads to a node of the other end; a host is reached by whatever the node's network has for it. */
function leadsThere(
  { type, hops }: TableRoute,
  expected: readonly string[],
  { to }: Trip,
): boolean {
  if (type !== "unicast" || hops.length === 0) return false;
  if (to.sort === "host") return true;
  return hops.every(({ gateway }) => gateway !== undefined && expected.includes(gateway));
}

/** The container's own link, or the bridge of the range that is the node's own. */
function isCable(route: TableRoute, address: string, node: NodePlan): boolean {
  if (directDevice(route) === undefined) return false;
  return hostOf(route.prefix) === address || nodeRanges(node).includes(route.prefix);
}

function isDefault({ prefix }: TableRoute): boolean {
  return prefix.endsWith("/0");
}

/** Whether the wrong gateway is what a reflector says, too. */
function followsRib({ rib }: Observation, { prefix, hops }: TableRoute): boolean {
  const gateways = hops.map(({ gateway }) => gateway);
  return Object.values(rib).some(
    (answer) =>
      answer.ok &&
      answer.value.some((path) => path.prefix === prefix && gateways.includes(path.nextHop)),
  );
}

/** Why a kernel has no route: its speaker has none, or does not hand it on. */
function lacking(
  route: TableRoute | undefined,
  { id }: NodePlan,
  wanted: string,
  { to, prefix }: Trip,
  seen: Observation,
): Pick<Standing, "why" | "remedy"> {
  const instead = route === undefined ? "" : `; ${writeTableRoute(route)} takes it`;
  const speaker = seen.speakers[id];
  const sessions = speaker?.ok ? speaker.value.sessions : [];
  const show = `on ${id}: ip route show ${prefix ?? to.address}, and the log of its BGP speaker`;
  if (sessions.length === 0)
    return {
      why: `${id} did not learn ${wanted}, or did not keep it${instead}`,
      remedy: show,
    };
  const held = sessions.some(({ imported }) =>
    imported.some((one) => contains(one.prefix, to.address ?? "")),
  );
  if (held)
    return {
      why: `its BGP speaker has ${wanted}, and does not give it to the kernel${instead}`,
      remedy: `on ${id}: start its BGP speaker again, which writes all its routes`,
    };
  const [coe = ""] = id.split("/");
  const objects = seen.objects[coe];
  const fault = (objects?.ok ? objects.value : []).find(
    ({ group, filters }) => group === "peers" && filters !== "idle",
  );
  if (fault !== undefined)
    return {
      why: `its BGP speaker took no ${wanted}: ${fault.object}: ${fault.found}; ${fault.effect}${instead}`,
      remedy: fault.remedy ?? "pulumi up --refresh, which writes the plan's objects again",
    };
  return {
    why: `its BGP speaker was sent no ${wanted}, or a filter on ${id} keeps it out${instead}`,
    remedy: `pulumi up, which writes the reflector's configuration again; and on ${id}: the filters of its BGP speaker`,
  };
}

/** How a route is taken out of a kernel. */
function removal({ id }: NodePlan, route: TableRoute): string {
  return `on ${id}: ip route del ${writeTableRoute(route)}`;
}
