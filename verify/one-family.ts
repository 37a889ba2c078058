/** What was asked and seen, as far as it is about one family: the other half of planIn(). */
import type { Answer } from "../components/ask/types";
import { addressOf, keyIn } from "../plan/families";
import { familiesIn, planIn } from "../plan/one-family";
import type { Plan } from "../plan/types";
import { type Family, familyOf } from "../util/net";
import { kernelAsked } from "./kernel/script";
import type { NodeKernel } from "./kernel/types";
import type { Judged, Need, Observation } from "./types";

/** Questions that are put once in each family: those of IPv6 have `/ipv6` behind their names. */
const byFamily = ["fetches", "trips", "serviceFetches", "nameFetches", "intrusions"] as const;

const suffix = keyIn("", 6);

interface Asked {
  readonly part: (typeof byFamily)[number];
  readonly key: string;
}

/** A question that is put once in each family; undefined for one that is about both. */
function askedByFamily(need: Need): Asked | undefined {
  const part = byFamily.find((one) => need.startsWith(`${one}/`));
  return part === undefined ? undefined : { part, key: need.slice(part.length + 1) };
}

/** Of what is needed, what is asked in a family; the names are those of a plan of that family alone. */
export function neededIn(needed: ReadonlySet<Need>, family: Family): ReadonlySet<Need> {
  const own = [...needed].flatMap((need): Need[] => {
    const asked = askedByFamily(need);
    if (asked === undefined) return [need];
    const key = keyOf(asked.key, family);
    return key === undefined ? [] : [`${asked.part}/${key}`];
  });
  return new Set(own);
}

/** A key without its family; undefined where it is of the other one. */
function keyOf(key: string, family: Family): string | undefined {
  const six = key.endsWith(suffix);
  if (six !== (family === 6)) return undefined;
  return six ? key.slice(0, -suffix.length) : key;
}

/** What was asked in a family, by names of both families' plan. */
export function keyedIn<T>(
  record: Readonly<Record<string, T>>,
  family: Family,
): Readonly<Record<string, T>> {
  if (family === 4) return record;
  return Object.fromEntries(Object.entries(record).map(([key, one]) => [keyIn(key, 6), one]));
}

/**
 * Checks of a plan in each of its families: those of IPv6 have `/ipv6` behind their ids, and judge what was seen of IPv6
 * alone.
 */
export function inEachFamily(plan: Plan, checks: (plan: Plan) => readonly Judged[]): Judged[] {
  const families = familiesIn(plan);
  if (!families.includes(6)) return [...checks(plan)];
  return families.flatMap((family) =>
    checks(planIn(plan, family)).map((check): Judged => {
      const judge = (seen: Observation) => check.judge(seenIn(seen, family));
      if (family === 4) return { ...check, judge };
      const needs = check.needs.map(inIpv6);
      return { ...check, id: keyIn(check.id, 6), title: `IPv6: ${check.title}`, needs, judge };
    }),
  );
}

function inIpv6(need: Need): Need {
  const asked = askedByFamily(need);
  return asked === undefined ? need : `${asked.part}/${keyIn(asked.key, 6)}`;
}

/** What was seen of one family; all of it where the plan has one alone. */
export function seenOf(plan: Plan, seen: Observation, family: Family): Observation {
  return familiesIn(plan).length < 2 && family === 4 ? seen : seenIn(seen, family);
}

const known = new WeakMap<Observation, Map<Family, Observation>>();

/** What was seen of one family. */
export function seenIn(seen: Observation, family: Family): Observation {
  const made = known.get(seen) ?? new Map<Family, Observation>();
  known.set(seen, made);
  const one = made.get(family) ?? part(seen, family);
  made.set(family, one);
  return one;
}

/** Where packets come from and go to. */
export type Ends = Pick<Observation, "workloads" | "containers" | "services">;

/** Those that have an address of a family, by that address; all of them where the plan has one family alone. */
export function endsSeen(plan: Plan, ends: Ends, family: Family): Ends {
  return familiesIn(plan).length < 2 && family === 4 ? ends : endsIn(ends, family);
}

function endsIn({ workloads, containers, services }: Ends, family: Family): Ends {
  const is = ({ address }: { readonly address: string }) => familyOf(address) === family;
  return {
    workloads: answers(workloads, (all) =>
      all.flatMap((one) => {
        const { address6: _, ...rest } = one;
        const address = addressOf(one, family);
        return address === undefined ? [] : [{ ...rest, address }];
      }),
    ),
    containers: lists(containers, is),
    services: lists(services, is),
  };
}

function part(seen: Observation, family: Family): Observation {
  const is = (text: string) => familyOf(text) === family;
  const { kernels, trips, named } = seen;
  return {
    ...seen,
    ...endsIn(seen, family),
    routes: lists(seen.routes, ({ prefix }) => is(prefix)),
    rib: lists(seen.rib, ({ prefix }) => is(prefix)),
    blocks: lists(seen.blocks, ({ cidr }) => is(cidr)),
    fetches: keysOf(seen.fetches, family),
    serviceFetches: keysOf(seen.serviceFetches, family),
    nameFetches: keysOf(seen.nameFetches, family),
    intrusions: keysOf(seen.intrusions, family),
    ...(named === undefined
      ? {}
      : {
          named: answers(named, (all) =>
            all.map((one) => ({ ...one, addresses: one.addresses.filter(is) })),
          ),
        }),
    ...(trips === undefined ? {} : { trips: keysOf(trips, family) }),
    ...(kernels === undefined ? {} : { kernels: kernelsIn(kernels, family) }),
  };
}

/** Both families are asked for by one program. */
function kernelsIn(kernels: Answers<NodeKernel>, family: Family): Answers<NodeKernel> {
  const own = answers(kernels, (kernel) => kernelIn(kernel, family));
  if (family === 4) return own;
  const entries = Object.entries(own).map(([id, answer]): [string, Answer<NodeKernel>] => [
    id,
    { ...answer, asked: answer.asked.replace(kernelAsked(4), kernelAsked(6)) },
  ]);
  return Object.fromEntries(entries);
}

/** A kernel as far as it is about one family. */
export function kernelIn({ ipv6, ...kernel }: NodeKernel, family: Family): NodeKernel {
  if (family === 4) return kernel;
  const { insides: _, ...rest } = kernel;
  const none = [{ part: "routes", why: "not asked" }];
  const empty = { routes: [], rules: [], neighbours: [], settings: {}, firewalls: [], lookups: [] };
  return { ...rest, ...(ipv6 ?? { ...empty, untold: none }) };
}

function keysOf<T>(
  record: Readonly<Record<string, T>>,
  family: Family,
): Readonly<Record<string, T>> {
  const entries = Object.entries(record).flatMap(([name, one]): [string, T][] => {
    const key = keyOf(name, family);
    return key === undefined ? [] : [[key, one]];
  });
  return Object.fromEntries(entries);
}

type Answers<T> = Readonly<Record<string, Answer<T>>>;

function answers<T>(record: Answers<T>, map: (value: T) => T): Answers<T> {
  const entries = Object.entries(record).map(([key, one]): [string, Answer<T>] => [
    key,
    one.ok ? { ...one, value: map(one.value) } : one,
  ]);
  return Object.fromEntries(entries);
}

function lists<T>(record: Answers<readonly T[]>, keep: (one: T) => boolean) {
  return answers(record, (all) => all.filter(keep));
}
