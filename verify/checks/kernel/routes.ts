import { routeProtocolOf } from "../../../components/kinds/traits";
import { nodeRanges } from "../../../plan/blocks";
import { isPrefix, parsePrefix } from "../../../util/net";
import { containedIn, podRanges } from "../../../util/ranges";
import { deployedCoes } from "../../coes";
import type { End } from "../../kernel/ends";
import type { Packet, Way } from "../../kernel/lookup";
import type { TableRoute } from "../../kernel/types";
import { wrongAnswers } from "./answers";
import type { KernelView, Problem } from "./index";
import { routedPacket } from "./packets";
import {
  type Exit,
  exitTo,
  ip,
  isStandard,
  others,
  ownContainer,
  writeTableRoute,
  writeWay,
} from "./ways";

/**
 * Where the tables and rules of a node lead packets to containers: on other nodes to these, and here to the container's own
 * link. The kernel's own answers are compared with the same.
 */
export function routeProblems(view: KernelView): Problem[] {
  const wrong = tableProblems(view);
  // Where the tables say it already, the kernel's own answers say it again.
  return wrong.length > 0 ? wrong : wrongAnswers(view).filter(({ by }) => by === "tables");
}

/** What is wrong in the tables and rules. */
export function tableProblems(view: KernelView): Problem[] {
  const own = ownContainer(view);
  const elsewhere = others(view).flatMap((end) => wrongWay(view, end, own?.address, own?.device));
  const here = view.ends
    .filter((end) => end.node.id === view.node.id)
    .flatMap((end) => wrongLink(view, end));
  return [...elsewhere, ...here, ...strays(view)];
}

function wrongWay(
  view: KernelView,
  end: End,
  from: string | undefined,
  iif: string | undefined,
): Problem[] {
  const exit = exitTo(view, end.node);
  const to = `${end.address} on ${end.node.id}`;
  if (exit === undefined) {
    const way = view.lookups.way({ from: view.node.address, to: end.node.address, mark: 0 });
    return [
      {
        found: `to ${end.node.id} (${end.node.address}): ${writeWay(way)}`,
        expected: `a route to ${end.node.address}`,
        cause: "the node cannot reach the other one at all",
        remedy: `on ${view.node.id}: ip route get ${end.node.address}`,
      },
    ];
  }
  const source = from ?? view.node.address;
  const course = { from: source, to: end.address, oif: exit.device };
  const packet = routedPacket(view, { ...course, ...(iif === undefined ? {} : { iif }) });
  const way = packetsOf(view, packet)
    .map((packet) => view.lookups.way(packet))
    .find(({ route }) => !leadsTo(route, exit));
  if (way === undefined) return [];
  return [
    {
      found: `to ${to}: ${writeWay(way)}`,
      expected: `to ${to}: via ${exit.gateway} dev ${exit.device}`,
      ...blame(view, way),
    },
  ];
}

/** The packet, and one of ICMP beside it where rules are about protocols or ports. */
function packetsOf({ kernel }: KernelView, packet: Packet): Packet[] {
  const particular = kernel.rules.some(
    ({ protocol, ports }) => protocol !== undefined || ports !== undefined,
  );
  if (!particular) return [packet];
  const { ports: _, ...rest } = packet;
  return [packet, { ...rest, protocol: "icmp" }];
}

function leadsTo(route: TableRoute | undefined, exit: Exit): boolean {
  return (
    route?.type === "unicast" &&
    route.hops.every((hop) => hop.gateway === exit.gateway && hop.device === exit.device)
  );
}

function blame(
  { node }: KernelView,
  { rule, route, refused }: Way,
): Pick<Problem, "cause" | "remedy"> {
  if (rule !== undefined && !isStandard(rule.text)) {
    const does =
      refused === undefined ? `looks into table ${route?.table ?? ""} before main` : "refuses it";
    return {
      cause: `a rule ${does}: ${rule.priority}: ${rule.text}`,
      remedy: `on ${node.id}: ${ip(node)} rule del priority ${rule.priority}`,
    };
  }
  if (route === undefined)
    return {
      cause: "the node has not learned the block, or somebody has taken the route away",
      remedy: `on ${node.id}: look at its BGP session`,
    };
  return {
    cause: `somebody else's route is more specific, or has replaced the learned one`,
    remedy: `on ${node.id}: ip route del ${writeTableRoute(route)}`,
  };
}

function wrongLink(view: KernelView, end: End): Problem[] {
  const way = view.lookups.way({ from: view.node.address, to: end.address, mark: 0 });
  const { route } = way;
  if (route?.type === "unicast" && route.hops.every(({ gateway }) => gateway === undefined))
    return [];
  return [
    {
      found: `to its own container ${end.address}: ${writeWay(way)}`,
      expected: `a route to ${end.address} by the container's own link`,
      cause: "the container's route is gone, or another one is in front of it",
      remedy: `on ${view.node.id}: ip route get ${end.address}; restart the container`,
    },
  ];
}

/**
 * Routes to a block of the plan, or to a part of one, that neither BGP nor a container's link has made: nothing there is
 * reached by them now or when the block is given to a node.
 */
function strays(view: KernelView): Problem[] {
  const tables = new Set(
    view.kernel.rules.flatMap(({ action }) => ("lookup" in action ? [action.lookup] : [])),
  );
  return view.kernel.routes
    .filter((route) => tables.has(route.table) && isStray(view, route))
    .map((route) => ({
      found: `${writeTableRoute(route)} is not of the plan`,
      expected: "routes to containers come from BGP, or lead to the container's own link",
      cause: `somebody has put it there (${route.protocol === undefined ? "no protocol" : `proto ${route.protocol}`})`,
      remedy: `on ${view.node.id}: ip route del ${writeTableRoute(route)}`,
    }));
}

const ofBridge: readonly string[] = ["local", "anycast"];

function isStray(view: KernelView, route: TableRoute): boolean {
  const learned = routeProtocolOf(view.coe);
  if (route.protocol === learned || ["broadcast", "multicast", "throw"].includes(route.type))
    return false;
  // The node's own address on the bridge of its containers, and with IPv6 that of all routers there (RFC 4291, 2.6.1).
  if (ofBridge.includes(route.type) && containedIn(nodeRanges(view.node), route.prefix))
    return false;
  // What is sent to an address of the node's range that no container has goes nowhere.
  if (route.type === "blackhole" && nodeRanges(view.node).includes(route.prefix)) return false;
  const parsed = parsePrefix(route.prefix);
  if (!isPrefix(parsed)) return false;
  const coe = deployedCoes(view.plan).find((one) => containedIn(podRanges(one), route.prefix));
  if (coe === undefined || parsed.length < coe.blockSize) return false;
  const direct =
    route.type === "unicast" && route.hops.every(({ gateway }) => gateway === undefined);
  return !(direct && coe.name === view.coe.name);
}
