import { address, familyOf, formatAddress } from "../../../util/net";
import type { FirewallPacket } from "../../kernel/match";
import { mendOf, placeOf } from "../../kernel/mend";
import type { Firewall } from "../../kernel/types";
import { passage } from "../../kernel/walk";
import type { KernelView, Problem } from "./index";
import { traitsOf } from "./packets";
import { type Exit, exitTo, others } from "./ways";

/**
 * Rules by which a node and its next hops do not find each other on their link: those about ARP (RFC 826), and with IPv6
 * those that meet neighbour discovery (RFC 4861), which is ICMP.
 */
export function neighbourProblems(view: KernelView): Problem[] {
  if (rulesOf(view).length === 0) return [];
  const hops = new Map<string, Exit>();
  for (const { node } of others(view)) {
    const exit = exitTo(view, node);
    if (exit !== undefined) hops.set(exit.gateway, exit);
  }
  const found = new Map<string, Problem>();
  for (const hop of hops.values())
    for (const problem of unfound(view, hop))
      if (!found.has(problem.remedy)) found.set(problem.remedy, problem);
  return [...found.values()];
}

function unfound(view: KernelView, { gateway, device }: Exit): Problem[] {
  const own = view.node.address;
  const six = familyOf(own) === 6;
  const make = six ? discovery : arp;
  const name = six ? "neighbour discovery" : "ARP";
  return [true, false].flatMap((asks) =>
    (["received", "sent"] as const).flatMap((course) => {
      const into = course === "received";
      const [from, to] = into ? [gateway, own] : [own, gateway];
      const packet = { ...make(from, to, asks), ...(into ? { iif: device } : { oif: device }) };
      return rulesOf(view).flatMap((firewall): Problem[] => {
        const { harm } = passage(firewall, traitsOf(view), packet, course);
        if (harm === undefined) return [];
        const what = asks ? `the question of ${from} for ${to}` : `the answer of ${from} to ${to}`;
        return [
          {
            found: `${placeOf(harm)} drops ${what} (${name})`,
            expected: `${view.node.id} and ${gateway} find each other on ${device}`,
            cause: "a rule of somebody else keeps neighbours from finding each other",
            remedy: `on ${view.node.id}: ${mendOf(harm)}`,
          },
        ];
      });
    }),
  );
}

function rulesOf({ node, kernel }: KernelView): readonly Firewall[] {
  return familyOf(node.address) === 6 ? kernel.firewalls : (kernel.arp ?? []);
}

function arp(from: string, to: string, asks: boolean): FirewallPacket {
  return {
    ...{ from, to, protocol: "arp", opcode: asks ? 1 : 2 },
    ...{ length: 28, state: "UNTRACKED" },
  };
}

/** A neighbour solicitation, which goes to a multicast address of the neighbour, and the advertisement that answers it. */
function discovery(from: string, to: string, asks: boolean): FirewallPacket {
  return {
    ...{ from, to: asks ? solicited(to) : to, protocol: "icmp", type: asks ? 135 : 136 },
    ...{ length: 72, state: "UNTRACKED" },
  };
}

/** The solicited-node multicast address (RFC 4291, 2.7.1). */
function solicited(text: string): string {
  const base = address("ff02::1:ff00:0").value;
  return formatAddress({ family: 6, value: base + (address(text).value & 0xff_ffffn) });
}
