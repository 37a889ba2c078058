import type { Accepted } from "../../../components/ask/router";
import { keyIn } from "../../../plan/families";
import type { Plan } from "../../../plan/types";
import { contains, familyOf, hostPrefix, prefix as parsed } from "../../../util/net";
import type { AcceptanceState, Observation } from "../../types";
import type { Standing } from "../types";
import type { Trip } from "../way";
import { acceptanceLink, nodeAcceptanceLinks } from "./planned";

/** What a reflector takes from the node that announces, as its daemon says it. */
export function liveAcceptance(
  plan: Plan,
  reflector: string,
  sender: string,
  { prefix = "" }: Trip,
  seen: Observation,
): Standing {
  const planned = acceptanceLink(plan, reflector, sender, prefix);
  const address = plan.fences[keyIn(sender, familyOf(prefix) ?? 4)]?.address ?? "";
  const answer = seen.accepts[reflector];
  if (answer?.ok)
    return { ...planned, ...asRead(answer.value, reflector, sender, address, prefix) };
  return counted(planned, reflector, sender, address, prefix, seen);
}

/**
 * What a node itself takes, by the objects that make its filters. Filters that are not in force break no way; they are told, for
 * whoever reads this takes them to be.
 */
export function liveNodeAcceptance(
  plan: Plan,
  node: string,
  sender: string,
  { prefix = "" }: Trip,
  seen: Observation,
): Standing[] {
  const [coe = "", own = ""] = node.split("/");
  const [objects, speaker] = [seen.objects[coe], seen.speakers[node]];
  const faults = (objects?.ok ? objects.value : []).filter(
    ({ filters, object }) => filters !== undefined && isAbout(plan, object, coe, own),
  );
  const fault = faults.find(({ filters }) => filters === "others") ?? faults[0];
  return nodeAcceptanceLinks(plan, node, sender).map((link): Standing => {
    if (fault === undefined) return link;
    const { object, found, effect, filters, remedy } = fault;
    const takes = filters === "idle" ? "whatever it sends" : "not what the plan says";
    const says = `from ${sender}: ${takes}: ${object}: ${found}`;
    const held = (speaker?.ok ? speaker.value.sessions : []).some(({ imported }) =>
      imported.some((one) => contains(one.prefix, prefix)),
    );
    if (filters === "idle" || speaker?.ok !== true || held) return { ...link, says };
    return {
      ...{ ...link, says, status: "broken", why: `${effect}; ${node} has no ${prefix}` },
      ...(remedy === undefined ? {} : { remedy }),
    };
  });
}

/** What is about a single node has its name at the end. */
function isAbout(plan: Plan, object: string, coe: string, own: string): boolean {
  const others = Object.keys(plan.coes[coe]?.nodes ?? {}).filter((name) => name !== own);
  return !others.some((name) => object.endsWith(`.${name}`) || object.endsWith(` on ${name}`));
}

function asRead(
  { accepted, beside }: AcceptanceState,
  reflector: string,
  sender: string,
  address: string,
  prefix: string,
): Pick<Standing, "says" | "status" | "why" | "remedy"> {
  const own = accepted.filter(({ neighbors }) => neighbors.includes(hostPrefix(address)));
  const says = `from ${sender}: ${wordsOf(own) || "nothing"}`;
  if (own.some((one) => covers(one, prefix, address))) return { says, status: "ok" };
  if (beside.length > 0)
    return { says: `${says}; beside the plan: ${beside.join(", ")}`, status: "ok" };
  return {
    ...{ says, status: "broken" },
    why: `${prefix} is not among it, so ${reflector} refuses it`,
    remedy: "pulumi up, which writes the reflector's configuration again",
  };
}

/** Lengths of one range by the same next hops stand together: `10.0.0.0/16 26 or 32 by 192.0.2.1`. */
function wordsOf(accepted: readonly Accepted[]): string {
  const ranges = new Map<string, string[]>();
  for (const { prefix, lengths, nextHops } of accepted) {
    const key = JSON.stringify([prefix, nextHops.join(" or ")]);
    const [least, most] = lengths.split("..");
    const words = least === undefined || least !== most ? lengths : least;
    ranges.set(key, [...(ranges.get(key) ?? []), words]);
  }
  return [...ranges]
    .map(([key, lengths]) => {
      const [prefix, by]: [string, string] = JSON.parse(key);
      return `${prefix} ${lengths.join(" or ")} by ${by}`;
    })
    .join(", ");
}

function covers(
  { prefix: range, lengths, nextHops }: Accepted,
  prefix: string,
  by: string,
): boolean {
  const [least = 0, most = least] = lengths.split("..").map(Number);
  const { length } = parsed(prefix);
  return contains(range, prefix) && least <= length && length <= most && nextHops.includes(by);
}

/** Where the policy itself could not be read: how many prefixes were refused. */
function counted(
  planned: Standing,
  reflector: string,
  sender: string,
  address: string,
  prefix: string,
  seen: Observation,
): Standing {
  const [neighbours, rib] = [seen.neighbours[reflector], seen.rib[reflector]];
  const read = seen.accepts[reflector];
  const why = read?.ok === false ? `${read.asked}: ${read.error}` : "no access to it";
  const unread: Standing = { ...planned, says: "could not be read", status: "unknown", why };
  if (!neighbours?.ok || !rib?.ok) return unread;
  const peer = neighbours.value.find((one) => one.address === address);
  const refused = (peer?.received ?? 0) - (peer?.accepted ?? 0);
  const has = rib.value.some((path) => path.nextHop === address && contains(path.prefix, prefix));
  if (has) return planned;
  if (refused <= 0) return unread;
  return {
    ...{ ...planned, status: "broken" },
    says: `${refused} of ${peer?.received} prefixes from ${sender} refused, and ${prefix} is not in the RIB`,
    why: `what ${reflector} accepts from ${sender} is not what the plan says`,
    remedy: "pulumi up, which writes the reflector's configuration again",
  };
}
