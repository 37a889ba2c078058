import { admits } from "../../../plan/policy";
import {
  addressAt,
  formatAddress,
  formatPrefix,
  holds,
  address as parse,
  prefix,
} from "../../../util/net";
import { firstOf, type Prefix } from "../../../util/net/prefix";
import { podRanges } from "../../../util/ranges";
import { type End, linked } from "../../kernel/ends";
import type { FirewallPacket } from "../../kernel/match";
import { mendOf, placeOf } from "../../kernel/mend";
import { type Harm, type Passage, passage, touching, type Watched } from "../../kernel/walk";
import type { KernelView, Problem } from "./index";
import { packetsBack, packetsThere, traitsOf } from "./packets";
import { exitTo, type Own, others, ownContainer } from "./ways";

/** A packet and what became of it. */
interface Met {
  readonly harm: Harm;
  readonly packet: FirewallPacket;
}

/** How often rules that watch other addresses than those tried are met with addresses of theirs. */
const rounds = 3;

/**
 * Rules that packets between containers of the plan would meet on a node, and that drop or translate them. Addresses
 * are tried for one container of each COE, and for each range of the plan that a rule is about.
 */
export function firewallProblems(view: KernelView): Problem[] {
  const links = linked(view);
  const first = ownContainer(view) ?? unseen(view);
  const owns = new Map<string, Own>([[first.address, first]]);
  const others = new Map<string, End & { readonly device?: string }>();
  for (const end of representatives(view)) others.set(end.address, end);
  const found = new Map<string, Met>();
  const tried = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const watched: Watched[] = [];
    for (const own of owns.values()) {
      for (const other of others.values()) {
        const key = `${own.address} ${other.address}`;
        if (tried.has(key)) continue;
        tried.add(key);
        for (const met of meet(view, own, other, watched)) {
          const { backend, table, chain, rule } = met.harm;
          const name = `${backend} ${table} ${chain} ${rule}`;
          if (!found.has(name)) found.set(name, met);
        }
      }
    }
    const ends: readonly Watched["end"][] = ["from", "to"];
    for (const end of ends) {
      for (const range of touching(watched, end, podRanges(view.coe).map(prefix)))
        for (const [address, device] of links)
          if (holds(range, parse(address))) owns.set(address, { address, device });
      for (const other of fromRanges(view, watched, end)) others.set(other.address, other);
    }
  }
  return [...found.values()].map((met) => problemOf(view, met));
}

/**
 * Rules that might drop or translate packets between containers here and elsewhere: whether they do depends on what
 * nobody here knows, such as what is in a set, or what a program says.
 */
export function suspectRules(view: KernelView): Harm[] {
  const own = ownContainer(view) ?? unseen(view);
  const found = new Map<string, Harm>();
  for (const other of representatives(view))
    for (const { suspects } of passages(view, own, other))
      for (const one of suspects) found.set(placeOf(one), one);
  return [...found.values()];
}

/** Where the node runs no container: the first address of its COE, on a link nobody knows. */
function unseen({ coe }: KernelView): Own {
  const [range = ""] = podRanges(coe);
  return { address: addressAt(range, 0), device: "" };
}

/** One container of each COE on another node, or the first address of its range. */
function representatives(view: KernelView): End[] {
  const { plan, node } = view;
  return Object.values(plan.coes).flatMap((coe) => {
    const end = others(view).find((one) => one.coe.name === coe.name);
    const [range] = podRanges(coe);
    const elsewhere = Object.values(coe.nodes).find(({ id, speaker }) => id !== node.id && speaker);
    if (end !== undefined) return [end];
    if (range === undefined || elsewhere === undefined) return [];
    return [{ coe, node: elsewhere, address: addressAt(range, 0) }];
  });
}

/** Containers elsewhere in ranges that rules watch, or the first address of the range. */
function fromRanges(view: KernelView, watched: readonly Watched[], end: Watched["end"]): End[] {
  const here = linked(view);
  return Object.values(view.plan.coes).flatMap((coe) =>
    touching(watched, end, podRanges(coe).map(prefix)).flatMap((range: Prefix): End[] => {
      const known = view.ends.find(
        (one) => one.node.id !== view.node.id && holds(range, parse(one.address)),
      );
      if (known !== undefined) return [known];
      const address = formatAddress(firstOf(range));
      const [node] = Object.values(coe.nodes).filter(
        ({ id, speaker }) => speaker && id !== view.node.id,
      );
      if (node === undefined || here.has(address) || isHere(view, range)) return [];
      return [{ coe, node, address }];
    }),
  );
}

/** Whether the range is of a block that this node has. */
function isHere({ kernel, coe }: KernelView, range: Prefix): boolean {
  return kernel.routes.some(
    ({ type, prefix: text }) =>
      type === "blackhole" &&
      prefix(text).length >= coe.blockSize &&
      (text === formatPrefix(range) || holds(prefix(text), firstOf(range))),
  );
}

function meet(view: KernelView, own: Own, other: End, watched: Watched[]): Met[] {
  return passages(view, own, other).flatMap(({ packet, harm, watched: more }): Met[] => {
    watched.push(...more);
    return harm === undefined ? [] : [{ harm, packet }];
  });
}

type Passed = Passage & { readonly packet: FirewallPacket };

/** What becomes of packets both ways, as far as the plan's policies let one speak to the other. */
function passages(view: KernelView, own: Own, other: End): Passed[] {
  const exit = exitTo(view, other.node);
  const inside = own.device === "" ? {} : { device: own.device };
  const mtu = view.kernel.links[own.device]?.mtu ?? 1500;
  const out = {
    ...{ from: own.address, to: other.address },
    ...(inside.device === undefined ? {} : { iif: inside.device }),
    ...(exit === undefined ? {} : { oif: exit.device }),
  };
  const into = {
    ...{ from: other.address, to: own.address },
    ...(exit === undefined ? {} : { iif: exit.device }),
    ...(inside.device === undefined ? {} : { oif: inside.device }),
  };
  const packets = [
    ...(admits(other.coe, view.coe) ? [...packetsThere(out, mtu), ...packetsBack(into, mtu)] : []),
    ...(admits(view.coe, other.coe) ? [...packetsThere(into, mtu), ...packetsBack(out, mtu)] : []),
  ];
  return view.kernel.firewalls.flatMap((firewall) =>
    packets.map((packet) => ({ packet, ...passage(firewall, traitsOf(view), packet) })),
  );
}

function problemOf({ node }: KernelView, { harm, packet }: Met): Problem {
  const { does, sometimes, why } = harm;
  const { from, to, protocol, length } = packet;
  const what = `${sometimes ? "some " : ""}packets from ${from} to ${to} (${protocol}, ${length} bytes)`;
  return {
    found: `${placeOf(harm)} ${does} ${what}`,
    expected: "packets between containers of the plan pass as they are",
    cause:
      why ??
      (does === "drops"
        ? "a rule of somebody else drops them"
        : "a rule of somebody else translates their addresses"),
    remedy: `on ${node.id}: ${mendOf(harm)}`,
  };
}
