/*
 * What a node's kernel does with packets, as it says itself: every table and rule of its routes, its links, its settings and
 * its firewall. Plain data, read from one program that ran on the node.
 */

import type { Program } from "./programs";

/** A route of a node's kernel (FIB), of any table. */
export interface TableRoute {
  /** Canonical prefix, `/32` and `/128` written out; `0.0.0.0/0` or `::/0` for the default route. */
  readonly prefix: string;
  /** unicast, local, broadcast, blackhole, unreachable, prohibit, throw, ... */
  readonly type: string;
  readonly table: string;
  readonly hops: readonly Hop[];
  /** Who installed it, such as kernel, boot or static. */
  readonly protocol?: string;
  readonly metric: number;
  /** The largest packet that it lets through whole, where it says one. */
  readonly mtu?: number;
}

export interface Hop {
  /** Absent where what is there is reached on the link itself. */
  readonly gateway?: string;
  readonly device?: string;
  /** The kernel does not use it, for its link is down. */
  readonly down?: true;
}

/** A rule by which the kernel chooses a table (ip-rule(8)). */
export interface PolicyRule {
  readonly priority: number;
  /** As `ip rule` writes it, without the priority. */
  readonly text: string;
  readonly not: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly iif?: string;
  readonly mark?: { readonly value: number; readonly mask: number };
  /** Of packets: `tcp`, `icmp`. */
  readonly protocol?: string;
  /** Of packets, as `80` or `1000-2000`. */
  readonly ports?: { readonly from?: string; readonly to?: string };
  /** Whether it also looks at what is not known here: users, tags. */
  readonly partial: boolean;
  readonly action:
    | { readonly lookup: string; readonly suppress?: number }
    | { readonly goto: number }
    | { readonly refuse: string }
    | { readonly nothing: true };
}

export interface Link {
  readonly mtu: number;
  readonly up: boolean;
  /** Its link address; absent where it has none. */
  readonly address?: string;
  /** What sends its packets, such as noqueue, fq_codel or netem. */
  readonly queue: string;
  /** It neither asks for neighbours by ARP nor answers. */
  readonly noArp?: true;
}

/** A queue of a device, by which packets wait before they are sent (tc-qdisc). */
export interface Queue {
  readonly kind: string;
  readonly device: string;
  /** As `tc qdisc show` prints it. */
  readonly text: string;
  /** What it lets through of packets that no filter has put elsewhere, as tc prints it: `8Kbit`. Absent: all. */
  readonly rate?: string;
}

/** A neighbour whose link address is known. */
export interface Neighbour {
  readonly address: string;
  readonly device: string;
  readonly link: string;
  /** As ip-neighbour(8) has it: PERMANENT is one that somebody has set by hand, REACHABLE one that has just answered. */
  readonly state: string;
}

/** What the kernel itself says it would do with one packet. */
export interface Lookup {
  readonly from: string;
  readonly to: string;
  /** The device by which it would come in. */
  readonly device: string;
  readonly outcome:
    | { readonly gateway?: string; readonly device: string; readonly table?: string }
    | { readonly refused: string };
}

/** Where packets meet chains of the kernel's own (nft(8), "ADDRESS FAMILIES"). */
export type Hook =
  | "ingress"
  | "prerouting"
  | "input"
  | "forward"
  | "output"
  | "postrouting"
  | "egress";

/** A chain of the kernel's own on the way of packets. */
export interface Station {
  readonly table: string;
  readonly chain: string;
  readonly hook: Hook;
  /** Only the first packet of a connection comes here. */
  readonly nat?: true;
}

/** The rules of one backend (nf_tables and legacy of iptables and ip6tables, nftables, tc, xfrm), by table and chain. */
export interface Firewall {
  readonly backend: string;
  /** Of ip6tables; absent for all else. */
  readonly family?: 6;
  readonly tables: Readonly<Record<string, Readonly<Record<string, Chain>>>>;
  /** In the order of a packet. Absent: those of iptables and tc. */
  readonly stations?: readonly Station[];
  /** Numbers of the queues from which a program takes packets (NFQUEUE). Absent: not known. */
  readonly served?: ReadonlySet<number>;
}

export interface Chain {
  /** Of a chain of the kernel's own: what becomes of packets that no rule decides. */
  readonly policy?: string;
  readonly rules: readonly FirewallRule[];
}

export interface FirewallRule {
  /** As iptables-save, or nft, writes it, without the chain. */
  readonly text: string;
  /** What nftables knows it by in its chain. */
  readonly handle?: number;
  readonly matches: readonly FirewallMatch[];
  readonly comments: readonly string[];
  /** A target or a chain; absent for a rule that only counts. */
  readonly target?: string;
  /** Its chain does not come back to this rule, but to where this rule's chain was called. */
  readonly goto?: true;
  /** The rest of the rule, which belongs to the target. */
  readonly options: readonly string[];
}

export interface FirewallMatch {
  readonly option: string;
  /** Of addresses, devices, protocols and ports one is enough. */
  readonly values: readonly string[];
  readonly not: boolean;
}

/** The network of a container, as it has it itself. */
export interface Inside {
  readonly routes: readonly TableRoute[];
  readonly firewalls: readonly Firewall[];
}

/** A part that a node could not tell. */
export interface Untold {
  readonly part: string;
  readonly why: string;
}

/** What a kernel does with packets of one family. */
export interface FamilyKernel {
  readonly routes: readonly TableRoute[];
  readonly rules: readonly PolicyRule[];
  readonly neighbours: readonly Neighbour[];
  /** By name below `net.ipv4` or `net.ipv6`, with slashes: `ip_forward`, `conf/eth0/rp_filter`. */
  readonly settings: Readonly<Record<string, number>>;
  readonly firewalls: readonly Firewall[];
  readonly lookups: readonly Lookup[];
  /** By address: what containers of the node do by themselves; only those that were asked and could be. */
  readonly insides?: Readonly<Record<string, Inside>>;
  readonly untold: readonly Untold[];
}

/** IPv4, with what both families share. */
export interface NodeKernel extends FamilyKernel {
  /** Rules about ARP. Absent: none. */
  readonly arp?: readonly Firewall[];
  /** By name. */
  readonly links: Readonly<Record<string, Link>>;
  /** Absent where the node has no tc. */
  readonly queues?: readonly Queue[];
  /** Programs of eBPF on its devices, by tc and XDP. Absent: none. */
  readonly programs?: readonly Program[];
  /** Absent where nobody asked for IPv6. */
  readonly ipv6?: FamilyKernel;
}
