import type { Harm } from "./walk";

/** Where a rule is, in one line. @param inTable how a rule of a table is written behind that */
export function placeOf(
  { backend, family, table, chain, rule }: Harm,
  inTable = (chain: string, rule: string) => `, chain ${chain}: ${rule}`,
): string {
  if (backend === "tc") return `tc filter ${rule}`;
  if (backend === "xfrm") return `ip xfrm policy: ${rule}`;
  const tables = family === undefined ? backend : `${backend} of IPv6`;
  return `${tables}, table ${table}${inTable(chain, rule)}`;
}

/** The command that takes a rule away. */
export function mendOf({ backend, family, table, chain, rule, handle }: Harm): string {
  if (backend === "nftables")
    return handle === undefined
      ? `nft chain ${table} ${chain} '{ policy accept; }', or accept packets between the plan's ranges there`
      : `nft delete rule ${table} ${chain} handle ${handle}`;
  if (backend === "tc") {
    const [, where = "", pref = ""] = /^(dev \S+ \S+) pref (\d+)/.exec(rule) ?? [];
    return `tc filter del ${where} pref ${pref}`;
  }
  if (backend === "xfrm") return `ip xfrm policy del ${rule.replace(/ (action|priority) .*/, "")}`;
  const tables = family === undefined ? "iptables" : "ip6tables";
  const programs: Readonly<Record<string, string>> = {
    arptables: "arptables",
    legacy: `${tables}-legacy`,
  };
  const program = programs[backend] ?? tables;
  return rule === "policy DROP"
    ? `${program} -t ${table} -P ${chain} ACCEPT, or accept packets between the plan's ranges there`
    : `${program} -t ${table} -D ${chain} ${rule}`;
}
