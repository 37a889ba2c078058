import type { Firewall, FirewallMatch, FirewallRule, Hook, Station } from "./types";

/** Where policies of each direction meet packets; those that are forwarded are let in by one, and out by another. */
const hooks = { fwd: "forward", in: "input", out: "postrouting" } as const satisfies Readonly<
  Record<string, Hook>
>;
type Direction = keyof typeof hooks;

const isDirection = (text: string): text is Direction => text in hooks;

const stations = Object.entries(hooks).map(
  ([chain, hook]): Station => ({ table: "xfrm", chain, hook }),
);

/**
 * Reads `ip -o xfrm policy show` (ip-xfrm(8)): policies of IPsec as rules of a firewall. One that blocks drops what it
 * is about; what one that encrypts does is not known here.
 * @returns none where there is no policy
 */
export function parsePolicies(text = ""): Firewall[] {
  const policies = text
    .split("\n")
    .flatMap(policyIn)
    .sort((a, b) => a.priority - b.priority);
  if (policies.length === 0) return [];
  const chain = (direction: Direction) => ({
    rules: policies.filter((one) => one.direction === direction).map(({ rule }) => rule),
  });
  const chains = { fwd: chain("fwd"), in: chain("in"), out: chain("out") };
  return [{ backend: "xfrm", tables: { xfrm: chains }, stations }];
}

interface Policy {
  readonly direction: Direction;
  /** Of several that are about a packet, the lowest decides. */
  readonly priority: number;
  readonly rule: FirewallRule;
}

function policyIn(line: string): Policy[] {
  const [own = "", ...templates] = line.split(/\s*\\\s*tmpl /);
  const words = own.split(/[\s\\]+/).filter((word) => word !== "");
  const after = (name: string) => {
    const at = words.indexOf(name);
    return at === -1 ? undefined : words[at + 1];
  };
  const direction = after("dir") ?? "";
  if (!isDirection(direction)) return [];
  const matches = Object.entries(options).flatMap(([word, option]): FirewallMatch[] => {
    const value = after(word);
    return value === undefined ? [] : [{ option, values: [value], not: false }];
  });
  const end = after("action") === "block" ? "DROP" : "ACCEPT";
  const target = templates.length === 0 ? end : "encrypts";
  const rule = { text: words.join(" "), matches, comments: [], target, options: [] };
  return [{ direction, priority: Number(after("priority") ?? 0), rule }];
}

/** What a policy looks at, in the words of iptables. */
const options: Readonly<Record<string, string>> = {
  ...{ src: "-s", dst: "-d", proto: "-p", sport: "--sport", dport: "--dport", mark: "--mark" },
  ...{ dev: "xfrm dev", if_id: "xfrm if_id" },
};
