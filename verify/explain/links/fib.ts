import type { NodePlan } from "../../../plan/types";
import { hostOf } from "../../../util/net";
import { writeRoute } from "../../route";
import type { KernelRoute, Observation } from "../../types";
import { longest, routeFor } from "../kernel";
import type { Standing } from "../types";
import type { Trip } from "../way";
import { unknownLink } from "./unknown";

/** What the kernel of the source's node does with a packet to the other end. @param behind links its route comes by */
export function fibLink(trip: Trip, seen: Observation, behind: readonly string[]): Standing {
  const { source, to, target, prefix } = trip;
  const address = to.address ?? "";
  if (source === undefined)
    return {
      ...{ layer: "fib", at: trip.from.coe, says: `no route to ${address} is known` },
      ...{ status: "unknown", why: `nobody knows on which node ${trip.from.name} is` },
    };
  const own = { layer: "fib", at: source.id } as const;
  const answer = seen.routes[source.id];
  if (!answer?.ok) return unknownLink(own, answer);
  const route = routeFor(answer.value, address);
  const expected = gatewaysOf(trip);
  const wanted = `${prefix ?? address} via ${expected.join(" or ")}`;
  if (route === undefined || (prefix !== undefined && isDefault(route)))
    return {
      ...{ ...own, says: `no route to ${prefix ?? address}`, status: "broken" },
      why: lacking(route, source, wanted),
      remedy: `${askAgain(source)}, and the log of its BGP speaker`,
      standsOn: behind,
    };
  const says = writeRoute(route);
  if (route.type !== "unicast")
    return {
      ...{ ...own, says, status: "broken" },
      why: `${source.id} drops what is for ${address}; the plan wants ${wanted}`,
      remedy: removal(source, route),
    };
  const strangers = route.gateways.filter((gateway) => !expected.includes(gateway));
  if (target !== undefined && route.gateways.length > 0 && strangers.length === 0)
    return { ...own, says, status: "ok" };
  if (target === undefined || isConnected(trip, route)) return { ...own, says, status: "ok" };
  return {
    ...{ ...own, says, status: "broken" },
    why: `${to.name} is behind ${target.id}; the plan wants ${wanted}`,
    remedy: removal(source, route),
    ...(followsRib(trip, seen, route) ? { standsOn: behind } : {}),
  };
}

/** What the kernel of the target's node does with it: it has an interface to the container. */
export function deliveryLink({ to, target }: Trip, seen: Observation): Standing | undefined {
  if (target === undefined || to.sort !== "container" || to.address === undefined) return undefined;
  const own = { layer: "fib", at: target.id } as const;
  const answer = seen.routes[target.id];
  if (!answer?.ok) return unknownLink(own, answer);
  const route = routeFor(answer.value, to.address);
  if (route !== undefined && hostOf(route.prefix) === to.address && isLocal(route))
    return { ...own, says: writeRoute(route), status: "ok" };
  return {
    ...{ ...own, says: route === undefined ? `no route to ${to.address}` : writeRoute(route) },
    status: "broken",
    why: `${target.id} has no route to the interface of its own container ${to.address}`,
    remedy: `on ${target.id}: ip route replace ${to.address} dev INTERFACE scope link, where INTERFACE is the container's; or start the container again`,
  };
}

function gatewaysOf({ plan, to, target }: Trip): string[] {
  if (to.sort !== "service") return target === undefined ? [] : [target.address];
  return Object.values(plan.coes)
    .flatMap(({ nodes }) => Object.values(nodes))
    .filter(({ id }) => to.nodes.includes(id))
    .map(({ address }) => address);
}

/** A host is reached on the link, or by whatever the node's network has for it. */
function isConnected({ to }: Trip, route: KernelRoute): boolean {
  return to.sort === "host" && (route.device !== undefined || route.gateways.length > 0);
}

function isLocal({ type, gateways, device }: KernelRoute): boolean {
  return type === "unicast" && gateways.length === 0 && device !== undefined;
}

function isDefault({ prefix }: KernelRoute): boolean {
  return prefix.endsWith("/0");
}

/** Whether the wrong gateway is what a reflector says, too. */
function followsRib(
  { to }: Trip,
  { rib }: Observation,
  { prefix, gateways }: KernelRoute,
): boolean {
  return Object.values(rib).some(
    (answer) =>
      answer.ok &&
      longest(
        answer.value.filter((path) => path.prefix === prefix && to.address !== undefined),
        (path) => path.prefix,
      ) !== undefined &&
      answer.value.some((path) => path.prefix === prefix && gateways.includes(path.nextHop)),
  );
}

function lacking(route: KernelRoute | undefined, source: NodePlan, wanted: string): string {
  const instead = route === undefined ? "" : `; ${writeRoute(route)} takes it`;
  return `${source.id} did not learn ${wanted}, or did not keep it${instead}`;
}

function askAgain({ id }: NodePlan): string {
  return `on ${id}: ip route`;
}

/** How a route is taken out of a kernel. */
function removal({ id }: NodePlan, route: KernelRoute): string {
  return `on ${id}: ip route del ${writeRoute(route)}`;
}
