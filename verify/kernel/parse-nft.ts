import { z } from "zod";
import type { Family } from "../../util/net";
import { type Elements, type Expression, rulesOf } from "./nft-rules";
import type { Chain, Firewall, FirewallMatch, FirewallRule, Hook, Station } from "./types";

const chainSchema = z.object({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  type: z.string().optional(),
  hook: z.string().optional(),
  prio: z.number().optional(),
  policy: z.string().optional(),
});
const ruleSchema = z.object({
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  handle: z.number(),
  comment: z.string().optional(),
  expr: z.array(z.record(z.string(), z.unknown())),
});
const setSchema = z.object({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  elem: z.array(z.unknown()).optional(),
});
const rulesetSchema = z.object({
  nftables: z.array(
    z.object({
      chain: chainSchema.optional(),
      rule: ruleSchema.optional(),
      set: setSchema.optional(),
      map: setSchema.optional(),
    }),
  ),
});
type NftChain = z.infer<typeof chainSchema> & {
  /** Whose packets it sees, where that is not all. */
  readonly devices: readonly string[] | undefined;
};

/** Families of nftables whose chains see packets of a family; those of bridges see none that is routed. */
const familiesOf: Readonly<Record<Family | "arp", readonly string[]>> = {
  4: ["ip", "inet", "netdev"],
  6: ["ip6", "inet", "netdev"],
  arp: ["arp"],
};

const hooks: Readonly<Record<string, Hook>> = {
  ...{ ingress: "ingress", prerouting: "prerouting", input: "input", forward: "forward" },
  ...{ output: "output", postrouting: "postrouting", egress: "egress" },
};

/**
 * Reads what `nft -j list table` prints of each table (libnftables-json(5)).
 * @param texts what `nft -a list table` prints of the same: how people write the rules
 * @throws Error when it is something else
 */
export function parseNft(
  jsons: readonly string[],
  texts: readonly string[],
  of: Family | "arp" = 4,
): Firewall {
  const family = of === "arp" ? 4 : of;
  const all = jsons.flatMap((json) => rulesetSchema.parse(JSON.parse(objectIn(json))).nftables);
  const own = <T extends { family: string }>(one: T | undefined): one is T =>
    one !== undefined && familiesOf[of].includes(one.family);
  const { lines, devices } = readable(texts.join("\n"));
  const chains = all
    .map(({ chain }) => chain)
    .filter(own)
    .map((chain) => ({ ...chain, devices: devices.get(`${tableOf(chain)} ${chain.name}`) }));
  const elements = elementsOf(all.flatMap(({ set, map }) => [set, map]).filter(own));
  const tables: Record<string, Record<string, { policy?: string; rules: FirewallRule[] }>> = {};
  for (const chain of chains) {
    const table = tables[tableOf(chain)] ?? {};
    tables[tableOf(chain)] = table;
    const policy = chain.policy?.toUpperCase();
    table[chain.name] = { ...(policy === undefined ? {} : { policy }), rules: [] };
  }
  for (const rule of all.map((one) => one.rule).filter(own)) {
    const chain = tables[tableOf(rule)]?.[rule.chain];
    const name = `${tableOf(rule)} ${rule.chain} ${rule.handle}`;
    const said = {
      text: lines.get(name) ?? `handle ${rule.handle}`,
      comments: rule.comment === undefined ? [] : [rule.comment],
      handle: rule.handle,
    };
    const expressions: readonly Expression[] = rule.expr;
    const named = (set: string) => elements.get(`${tableOf(rule)} ${set}`);
    chain?.rules.push(...rulesOf(expressions, said, named, family));
  }
  return {
    backend: "nftables",
    ...(family === 6 ? { family } : {}),
    tables: onDevices(chains, tables),
    stations: stationsOf(chains),
  };
}

/** Its one line; nft warns on others. */
function objectIn(text: string): string {
  return text.split("\n").find((line) => line.startsWith("{")) ?? text;
}

function tableOf({ family, table }: { readonly family: string; readonly table: string }): string {
  return `${family} ${table}`;
}

function elementsOf(sets: readonly z.infer<typeof setSchema>[]): ReadonlyMap<string, Elements> {
  return new Map(sets.map((set) => [`${tableOf(set)} ${set.name}`, set.elem ?? []]));
}

/** Chains of the kernel's own in the order of a packet: by hook, and there by priority. */
function stationsOf(chains: readonly NftChain[]): Station[] {
  const order = Object.keys(hooks);
  return chains
    .flatMap((chain) => {
      const hook = hooks[chain.hook ?? ""];
      // Without its device it is not known which packets such a chain sees.
      const unseen = chain.hook === "ingress" || chain.hook === "egress" ? chain.devices : "all";
      return hook === undefined || unseen === undefined ? [] : [{ chain, hook }];
    })
    .sort(
      (a, b) =>
        order.indexOf(a.hook) - order.indexOf(b.hook) || (a.chain.prio ?? 0) - (b.chain.prio ?? 0),
    )
    .map(({ chain, hook }) => ({
      table: tableOf(chain),
      chain: chain.name,
      hook,
      ...(chain.type === "nat" ? { nat: true as const } : {}),
    }));
}

/** Chains of devices see what comes in there, or goes out there, alone. */
function onDevices(
  chains: readonly NftChain[],
  tables: Readonly<Record<string, Readonly<Record<string, Chain>>>>,
): Firewall["tables"] {
  const own = chains.filter(({ devices }) => devices !== undefined);
  if (own.length === 0) return tables;
  const changed: Record<string, Readonly<Record<string, Chain>>> = { ...tables };
  for (const one of own) {
    const table = changed[tableOf(one)] ?? {};
    const chain = table[one.name] ?? { rules: [] };
    const where: FirewallMatch = {
      option: one.hook === "egress" ? "-o" : "-i",
      values: one.devices ?? [],
      not: false,
    };
    const rules = chain.rules.map((rule) => ({ ...rule, matches: [where, ...rule.matches] }));
    const last: FirewallRule = {
      ...{ text: "policy DROP", matches: [where], comments: [], target: "DROP", options: [] },
    };
    changed[tableOf(one)] = {
      ...table,
      [one.name]: { rules: chain.policy === "DROP" ? [...rules, last] : rules },
    };
  }
  return changed;
}

interface Readable {
  /** By table, chain and handle, the line of a rule. */
  readonly lines: ReadonlyMap<string, string>;
  /** By table and chain, the devices that it is for, which older nft leaves out of JSON. */
  readonly devices: ReadonlyMap<string, readonly string[]>;
}

/** Rules as people write them. */
function readable(text: string): Readable {
  const [lines, devices] = [new Map<string, string>(), new Map<string, readonly string[]>()];
  let [table, chain] = ["", ""];
  for (const line of text.split("\n")) {
    const head = /^\s*(table|chain) (.+) \{/.exec(line);
    if (head?.[1] === "table") table = head[2] ?? "";
    else if (head?.[1] === "chain") chain = head[2] ?? "";
    else {
      const [, rule, handle] = /^\s*(\S.*?)\s+# handle (\d+)$/.exec(line) ?? [];
      if (rule !== undefined) lines.set(`${table} ${chain} ${handle}`, rule);
      const [, own] = /\bdevices?(?: =)? (\{[^}]*\}|\S+)/.exec(line) ?? [];
      if (own !== undefined && /^\s*type /.test(line))
        devices.set(`${table} ${chain}`, own.match(/[^\s{}",]+/g) ?? []);
    }
  }
  return { lines, devices };
}
