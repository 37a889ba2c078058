import type { Lookup } from "../../kernel/types";
import type { KernelView, Problem } from "./index";
import { exitTo, ip, ownContainer } from "./ways";

/** A kernel's own answer that is not what the tables and the plan say, and what makes it so. */
export interface WrongAnswer extends Problem {
  readonly by: "settings" | "tables";
}

/** What the kernel itself says of packets between a container here and some on other nodes, where that is wrong. */
export function wrongAnswers(view: KernelView): WrongAnswer[] {
  const own = ownContainer(view);
  return view.kernel.lookups.flatMap((lookup) => {
    const inbound = lookup.to === own?.address;
    const end = view.ends.find(({ address }) => address === (inbound ? lookup.from : lookup.to));
    const exit = end === undefined ? undefined : exitTo(view, end.node);
    if (own === undefined || end === undefined || exit === undefined) return [];
    // A container that has come or gone since the question was put.
    if (lookup.device !== (inbound ? exit.device : own.device)) return [];
    const wanted = inbound ? { device: own.device } : exit;
    const { outcome } = lookup;
    const right =
      !("refused" in outcome) &&
      outcome.device === wanted.device &&
      outcome.gateway === (inbound ? undefined : exit.gateway);
    return right ? [] : [wrongAnswer(view, lookup, said(wanted))];
  });
}

function wrongAnswer({ node }: KernelView, lookup: Lookup, wanted: string): WrongAnswer {
  const { from, to, device, outcome } = lookup;
  const got = "refused" in outcome ? outcome.refused : said(outcome);
  const get = `ip route get ${to} from ${from} iif ${device}`;
  const known = causes.find(([start]) => got.startsWith(start));
  return {
    found: `${get}: ${got}`,
    expected: `${get}: ${wanted}`,
    by: known === undefined ? "tables" : "settings",
    cause: known?.[1] ?? "a rule or a table leads elsewhere",
    remedy:
      known === undefined
        ? `on ${node.id}: ${ip(node)} rule; ${ip(node)} route show table all`
        : `on ${node.id}: sysctl -a --pattern 'forwarding|rp_filter'`,
  };
}

/** What settings make a kernel say (net/ipv4/route.c). */
const causes: readonly (readonly [string, string])[] = [
  ["Invalid cross-device link", "rp_filter: the way back to the sender is by another device"],
  ["No route to host", "the kernel does not forward what comes in by that device"],
];

function said(way: {
  readonly gateway?: string;
  readonly device: string;
  readonly table?: string;
}): string {
  return [
    ...(way.gateway === undefined ? [] : [`via ${way.gateway}`]),
    `dev ${way.device}`,
    ...(way.table === undefined ? [] : [`table ${way.table}`]),
  ].join(" ");
}
