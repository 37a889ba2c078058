import { linked } from "../../kernel/ends";
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
  const slow = own.filter(({ kind, text }) => kind === "tbf" && rateOf(text) < leastKbit);
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
    ...slow.map(({ text }) => ({
      ...mend,
      found: `${device} sends no more than ${/rate (\S+)/.exec(text)?.[1]} (tbf), and drops the rest`,
      cause: "somebody has limited what the device may send",
    })),
  ];
}

/** The rate of a queue in kbit/s, as tc prints it: `8Kbit`, `1Mbit`. */
function rateOf(text: string): number {
  const [, figure, unit = ""] = /rate (\d+(?:\.\d+)?)([KMG]?)bit/.exec(text) ?? [];
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

/** Link addresses set by hand that are not those of the nodes. */
export function fixed({ plan, node, kernel, kernels }: KernelView): Problem[] {
  return kernel.neighbours.flatMap(({ address, device, link }) => {
    const other = Object.values(plan.coes)
      .flatMap(({ nodes }) => Object.values(nodes))
      .find((one) => one.address === address);
    const links = other === undefined ? undefined : kernels.get(other.id)?.links;
    if (other === undefined || links === undefined) return [];
    if (Object.values(links).some((one) => one.address === link)) return [];
    return [
      {
        found: `${address} (${other.id}) is ${link} on ${device}, set by hand; no link of ${other.id} has that address`,
        expected: `the link address that ${other.id} itself answers with`,
        cause: "a permanent neighbour entry leads packets to another machine, or to none",
        remedy: `on ${node.id}: ip neighbour del ${address} dev ${device}`,
      },
    ];
  });
}
