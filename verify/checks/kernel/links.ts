import type { NodePlan } from "../../../plan/types";
import { linked } from "../../kernel/ends";
import type { Neighbour } from "../../kernel/types";
import type { KernelView, Problem } from "./index";
import { neighbourProblems } from "./neighbours";
import { exitTo, others, writeTableRoute } from "./ways";

/** Links and neighbours by which packets are lost, cut or sent to somebody else. */
export function linkProblems(view: KernelView): Problem[] {
  const { kernel } = view;
  const containers = [...new Set(linked(view).values())];
  const whole = Math.max(0, ...containers.map((device) => kernel.links[device]?.mtu ?? 0));
  const exits = [...new Set(others(view).flatMap((end) => exitTo(view, end.node)?.device ?? []))];
  return [
    ...exits.flatMap((device) => narrow(view, device, whole)),
    ...[...exits, ...containers].flatMap((device) => disturbed(view, device)),
    ...narrowRoutes(view, whole),
    ...fixed(view),
    ...neighbourProblems(view),
  ];
}

function narrow({ node, kernel: { links } }: KernelView, device: string, whole: number): Problem[] {
  const link = links[device];
  if (link === undefined || link.mtu >= whole) return [];
  return [
    {
      found: `MTU of ${device} is ${link.mtu}, containers send packets of ${whole}`,
      expected: `MTU of ${device} is ${whole} or more`,
      cause: "the link to the other nodes is narrower than the containers' own",
      remedy: `on ${node.id}: ip link set ${device} mtu ${whole}, or give all containers an MTU of ${link.mtu}`,
    },
  ];
}

export function disturbed({ node, kernel }: KernelView, device: string): Problem[] {
  const link = kernel.links[device];
  if (link === undefined) return [];
  const down = link.up
    ? []
    : [
        {
          found: `${device} is down`,
          expected: `${device} is up`,
          cause: "the link was taken down, or its other end is gone",
          remedy: `on ${node.id}: ip link set ${device} up`,
        },
      ];
  return [...down, ...deaf(node.id, kernel, device), ...queued(node.id, kernel, device)];
}

/** A link of Ethernet without ARP knows nobody's address there but those set by hand. */
function deaf(node: string, { links }: KernelView["kernel"], device: string): Problem[] {
  const link = links[device];
  if (link?.noArp !== true || link.address === undefined) return [];
  return [
    {
      found: `${device} has NOARP: it asks nobody for link addresses, and answers nobody`,
      expected: `${device} finds its neighbours by ARP`,
      cause: "somebody has switched ARP off",
      remedy: `on ${node}: ip link set ${device} arp on`,
    },
  ];
}

/** Below this, containers do not get much through, whatever it is meant for. */
const leastKbit = 1_000;

/** Queues that lose, delay or hold back packets, wherever on the device they are. */
function queued(node: string, { links, queues }: KernelView["kernel"], device: string): Problem[] {
  const own = queues?.filter((queue) => queue.device === device) ?? [];
  const mend = {
    expected: `${device} sends packets as they come`,
    remedy: `on ${node}: tc qdisc del dev ${device} root`,
  };
  const netem = own.some(({ kind }) => kind === "netem") || links[device]?.queue === "netem";
  const slow = own.filter(({ rate }) => rate !== undefined && kbitOf(rate) < leastKbit);
  return [
    ...(netem
      ? [
          {
            ...mend,
            found: `${device} has the queue netem, which loses, delays or changes packets`,
            cause: "somebody has tried how the network does when packets are lost",
          },
        ]
      : []),
    ...slow.map(({ kind, rate }) => ({
      ...mend,
      found: `${device} sends no more than ${rate} (${kind}), and drops the rest`,
      cause: "somebody has limited what the device may send",
    })),
  ];
}

/** A rate in kbit/s, as tc prints it: `8Kbit`, `1Mbit`. */
function kbitOf(rate: string): number {
  const [, figure, unit = ""] = /^(\d+(?:\.\d+)?)([KMG]?)bit$/.exec(rate) ?? [];
  const factor = { "": 0.001, K: 1, M: 1_000, G: 1_000_000 }[unit] ?? Number.POSITIVE_INFINITY;
  return figure === undefined ? Number.POSITIVE_INFINITY : Number(figure) * factor;
}

export function narrowRoutes(view: KernelView, whole: number): Problem[] {
  const { node, lookups, ends } = view;
  const used = new Set(
    ends
      .filter((end) => end.node.id !== node.id)
      .flatMap((end) => lookups.way({ from: node.address, to: end.address, mark: 0 }).route ?? []),
  );
  const devices = linked(view);
  return [...used]
    .filter(({ mtu }) => devices.size > 0 && mtu !== undefined && mtu < whole)
    .map((route) => ({
      found: `${writeTableRoute(route)}: containers send packets of ${whole}`,
      expected: `a route that takes packets of ${whole}`,
      cause: "somebody has given the route an MTU of its own",
      remedy: `on ${node.id}: ip route del ${writeTableRoute(route)}; the speaker puts its own there again`,
    }));
}

/** Link addresses that are not those of the nodes: set by hand, or by somebody else's answer. */
export function fixed(view: KernelView): Problem[] {
  const { node, kernel } = view;
  return kernel.neighbours.flatMap((one): Problem[] => {
    const { address, device, link, state } = one;
    const other = nodeAt(view, address);
    if (other === undefined || isOwn(view, other, one) !== false) return [];
    const expected = `the link address that ${other.id} itself answers with`;
    if (state === "PERMANENT")
      return [
        {
          found: `${address} (${other.id}) is ${link} on ${device}, set by hand; no link of ${other.id} has that address`,
          expected,
          cause: "a permanent neighbour entry leads packets to another machine, or to none",
          remedy: `on ${node.id}: ip neighbour del ${address} dev ${device}`,
        },
      ];
    // An old one is asked again when it is used. Some clouds answer for all machines with one address.
    if (state !== "REACHABLE" || !answersThemselves(view) || isRouter(view, one)) return [];
    return [
      {
        found: `${address} (${other.id}) is ${link} on ${device}; no link of ${other.id} has that address`,
        expected,
        cause: "another machine has the same address, and answers for it",
        remedy: `look on the switch which machine has ${link}, and take ${address} from it`,
      },
    ];
  });
}

function nodeAt({ plan }: KernelView, address: string): NodePlan | undefined {
  return Object.values(plan.coes)
    .flatMap(({ nodes }) => Object.values(nodes))
    .find((one) => one.address === address);
}

/** Whether a node has a link of that address; undefined where its links are not known. */
function isOwn({ kernels }: KernelView, node: NodePlan, { link }: Neighbour): boolean | undefined {
  const links = kernels.get(node.id)?.links;
  return links && Object.values(links).some(({ address }) => address === link);
}

/** Whether who answers does so for other nodes, too, or is a gateway: a router that proxies ARP for another segment. */
function isRouter(view: KernelView, { address, link }: Neighbour): boolean {
  const { neighbours, routes } = view.kernel;
  const same = neighbours.filter((one) => one.link === link && one.address !== address);
  const gateways = new Set(
    routes.flatMap(({ hops }) => hops.flatMap(({ gateway }) => gateway ?? [])),
  );
  return same.some((one) => {
    const node = nodeAt(view, one.address);
    return node === undefined ? gateways.has(one.address) : isOwn(view, node, one) === false;
  });
}

/** Whether some node has learned another's own link address. */
function answersThemselves(view: KernelView): boolean {
  return [...view.kernels.values()]
    .flatMap(({ neighbours }) => neighbours)
    .some((one) => {
      const node = one.state === "PERMANENT" ? undefined : nodeAt(view, one.address);
      return node !== undefined && isOwn(view, node, one) === true;
    });
}
