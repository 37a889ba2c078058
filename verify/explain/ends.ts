import { addressesOf } from "../../plan/families";
import { announcedPrefixes, announcersOf } from "../../plan/services";
import type { CoePlan, Plan } from "../../plan/types";
import { exitCode, SeamlessError } from "../../util/errors";
import { nearestOf } from "../../util/nearest";
import { parseAddress } from "../../util/net";
import { containedIn, listOf, podRanges } from "../../util/ranges";
import { zoneOf } from "./links/name";
import type { End } from "./types";

/** Something that has a name, and by what it may be asked for. */
export interface Named {
  readonly end: Omit<End, "asked">;
  /** As its COE has it, and shorter ones that are looked at only where nothing has the whole name. */
  readonly names: readonly string[];
  readonly short?: readonly string[];
}

/** How many names a message offers. */
const mostNear = 5;

/** What the plan alone knows by name: its COEs, each as some container of it, and their nodes. */
export function plannedNames(plan: Plan): Named[] {
  return Object.values(plan.coes).flatMap((coe): Named[] => [
    {
      end: {
        ...{ sort: "container", name: `any container of ${coe.name}`, coe: coe.name },
        nodes: speakerIds(coe),
      },
      names: [coe.name],
    },
    ...nodeNames(coe),
  ]);
}

/** The nodes of a COE as hosts. */
export function nodeNames(coe: CoePlan): Named[] {
  return Object.values(coe.nodes).map(({ id, name, address, address6 }) => ({
    end: {
      ...{ sort: "host", name: id, coe: coe.name, address, nodes: [id] },
      ...(address6 === undefined ? {} : { address6 }),
    },
    names: [id, name],
  }));
}

/**
 * What a word on the command line means.
 * @param place FROM or TO
 * @param missing whose names are not known, and why
 * @throws SeamlessError when nothing or several things have that name
 */
export function endOf(
  plan: Plan,
  known: readonly Named[],
  place: "FROM" | "TO",
  asked: string,
  missing: readonly string[] = [],
): End {
  if (parseAddress(asked) !== undefined) return { asked, ...atAddress(plan, known, place, asked) };
  const zone = zoneOf(plan, asked);
  if (zone !== undefined && !known.some(({ names }) => names.includes(asked))) {
    const { name } = zone.coe;
    const end = { sort: "container", name: asked, coe: name, nodes: speakerIds(zone.coe) } as const;
    return { asked, host: asked, ...end };
  }
  const [, coe, rest] = /^([^:]+):(.+)$/s.exec(asked) ?? [];
  const within = coe !== undefined && Object.hasOwn(plan.coes, coe) ? coe : undefined;
  const word = within === undefined ? asked : (rest ?? "");
  if (within !== undefined && parseAddress(word) !== undefined) {
    const end = atAddress(plan, known, place, word);
    if (end.coe === within) return { asked, ...end };
    throw usage(place, asked, `found ${word} in ${end.coe}; allowed: an address of ${within}`);
  }
  const candidates = known.filter(({ end }) => within === undefined || end.coe === within);
  const whole = candidates.filter(({ names }) => names.includes(word));
  const found =
    whole.length > 0 ? whole : candidates.filter(({ short = [] }) => short.includes(word));
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return { asked, ...only.end };
  if (only === undefined) {
    if (missing.length > 0) throw unasked(place, asked, missing);
    throw unknownName(plan, candidates, place, { asked, word, within });
  }
  throw ambiguous(found, place, asked, within);
}

/** What an address of the plan is, whether something is known to have it or not. */
function atAddress(
  plan: Plan,
  known: readonly Named[],
  place: string,
  address: string,
): Omit<End, "asked"> {
  const named = known.find(({ end }) => [end.address, end.address6].includes(address));
  if (named !== undefined) {
    const { address6: _, ...end } = named.end;
    return { ...end, address };
  }
  for (const coe of Object.values(plan.coes)) {
    const { name } = coe;
    if (containedIn(podRanges(coe), address)) {
      const nodes = speakerIds(coe);
      return { sort: "container", name: "a container", coe: name, address, nodes };
    }
    const own = { sort: "service", name: "a service", coe: name, address } as const;
    if (containedIn(announcedPrefixes(coe), address))
      return { ...own, nodes: announcersOf(coe).map(({ id }) => id) };
    if (containedIn(listOf(coe.serviceCidr), address)) return { ...own, nodes: [] };
  }
  const router = Object.values(plan.reflectors).find((one) => addressesOf(one).includes(address));
  const found =
    router === undefined
      ? "found an address outside every range of the plan"
      : `found the reflector ${router.name}, which carries routes and no packets`;
  throw usage(place, address, `${found}; allowed: ${rangesOf(plan)}, or the address of a node`);
}

function rangesOf(plan: Plan): string {
  return Object.values(plan.coes)
    .map((coe) => {
      const services = [...announcedPrefixes(coe), ...listOf(coe.serviceCidr)];
      return `${[...new Set([...podRanges(coe), ...services])].join(" and ")} (${coe.name})`;
    })
    .join(", ");
}

function speakerIds(coe: CoePlan): string[] {
  return Object.values(coe.nodes)
    .filter(({ speaker }) => speaker)
    .map(({ id }) => id);
}

function unasked(place: string, asked: string, missing: readonly string[]): SeamlessError {
  return new SeamlessError(
    `${place} ${asked}: found nothing of this name, but not everybody could be asked: ${missing.join("; ")}; try again when they answer, or name an address`,
    exitCode.nothingToCheck,
  );
}

function unknownName(
  plan: Plan,
  known: readonly Named[],
  place: string,
  { asked, word, within }: { asked: string; word: string; within: string | undefined },
): SeamlessError {
  const all = [...new Set(known.flatMap(({ names, short = [] }) => [...names, ...short]))].sort();
  const lower = word.toLowerCase();
  const holding = all.filter((one) => one.toLowerCase().includes(lower)).slice(0, mostNear);
  const close = [...new Set([...holding, ...nearestOf(word, all, mostNear)])].slice(0, mostNear);
  const near = close.length === 0 ? "" : `; near: ${close.join(", ")}`;
  return usage(
    place,
    asked,
    `found nothing of this name in ${within ?? Object.keys(plan.coes).join(", ")}${near}; allowed: a container, service or node as its COE names it, an address of the plan, each also as COE:NAME, or a DNS name in a zone of coes.COE.names`,
  );
}

/** Names are written with their COE where that tells them apart, else as addresses. */
function ambiguous(
  found: readonly Named[],
  place: string,
  asked: string,
  within: string | undefined,
): SeamlessError {
  const all = found.map(({ end }) => end);
  const coes = new Set(all.map(({ coe }) => coe));
  const words = all.map(({ coe, name, address }) =>
    within === undefined && coes.size === all.length ? `${coe}:${name}` : (address ?? name),
  );
  const list = all.map(({ sort, name, coe, address }) => {
    const at = address === undefined ? "" : ` (${address})`;
    return `${sort} ${name} of ${coe}${at}`;
  });
  return usage(
    place,
    asked,
    `found ${all.length} of this name: ${list.join(", ")}; allowed: ${words.join(" or ")}`,
  );
}

function usage(place: string, asked: string, what: string): SeamlessError {
  return new SeamlessError(`${place} ${asked}: ${what}`, exitCode.usage);
}
