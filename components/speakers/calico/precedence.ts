import { z } from "zod";
import { policyName } from "./policy";

/** A policy of a cluster, as far as its place among others and the end of its rules go. */
export interface RankedPolicy {
  /** As it is stored, with its namespace where it has one: `shop/default.deny-all`. */
  readonly name: string;
  readonly tier: string;
  /** Undefined: after all that have one. */
  readonly order: number | undefined;
  /** Whether a rule of it denies, beside that what no rule matches is dropped. */
  readonly denies: boolean;
  /** Whether nothing is left to the end of the tier: in each direction a rule is about all traffic. */
  readonly decides?: boolean;
  /** Whether it allows everything, as `allow-all` does. */
  readonly allowsAll?: boolean;
}

/** What becomes of a policy where `allow-all` is. `denies only`: what it denies by a rule stays so. */
export type Fate = "stays" | "denies only" | "lost";

/** Tiers that are there by themselves, where the cluster does not list them ("Tier" of Calico). */
const usualOrders: Readonly<Record<string, number>> = {
  adminnetworkpolicy: 1_000,
  baselineadminnetworkpolicy: 10_000_000,
  default: 1_000_000,
  "kube-admin": 1_000,
  "kube-baseline": 10_000_000,
};

/**
 * Calico goes through tiers by their order, and in each through policies by order and name. `allow-all` is in the tier
 * `default` and has no order. What no rule of a tier's policies is about is dropped at the tier's end, to which nothing
 * comes any more behind `allow-all`.
 */
export function fateOf(
  policy: RankedPolicy,
  tiers: readonly { readonly name: string; readonly order: number | undefined }[],
): Fate {
  const orderOf = (tier: string) =>
    tiers.find(({ name }) => name === tier)?.order ?? usualOrders[tier] ?? Number.POSITIVE_INFINITY;
  const { tier, denies, decides = false, allowsAll = false } = policy;
  if (allowsAll) return "stays";
  const [its, own] = [orderOf(tier), orderOf("default")];
  if (tier !== "default") return its < own || (its === own && tier < "default") ? "stays" : "lost";
  if (!comesBefore(policy)) return "lost";
  if (decides) return "stays";
  return denies ? "denies only" : "lost";
}

/**
 * Among policies without an order names decide: `namespace/name` up to Calico 3.31, the name alone after it. A policy
 * that is before by one of them only counts as behind.
 */
function comesBefore({ name, order }: RankedPolicy): boolean {
  if (order !== undefined) return true;
  const short =
    name
      .split("/")
      .at(-1)
      ?.replace(/^default\./, "") ?? name;
  const stored = name.includes("/") ? name : `default.${short}`;
  return short < policyName && stored < `default.${policyName}`;
}

const rules = z
  .array(z.looseObject({ action: z.string().default("") }))
  .nullish()
  .transform((list) => list ?? []);
const ruled = z.looseObject({
  ingress: rules,
  egress: rules,
  types: z.array(z.string()).nullish(),
});

type Rules = z.output<typeof rules>;

/** What the rules of a policy of Calico come to. @param spec its specification */
export function ruleFacts(
  spec: unknown,
): Required<Pick<RankedPolicy, "denies" | "decides" | "allowsAll">> {
  const { ingress, egress, types } = ruled.parse(spec);
  const usual = egress.length > 0 && ingress.length === 0 ? ["Egress"] : ["Ingress"];
  const both = egress.length > 0 && ingress.length > 0 ? ["Ingress", "Egress"] : usual;
  const judged = (types?.length ? types : both).map((type) =>
    /^egress$/i.test(type) ? egress : ingress,
  );
  return {
    denies: [...ingress, ...egress].some(({ action }) => /^deny$/i.test(action)),
    decides: judged.every((list) => list.some(isAboutAll)),
    allowsAll: judged.every(onlyAllows),
  };
}

/** Whether no other than Allow comes before an Allow of everything. */
function onlyAllows(list: Rules): boolean {
  const last = list.findIndex(isAboutAll);
  return last >= 0 && list.slice(0, last + 1).every(({ action }) => /^(allow|log)$/i.test(action));
}

/** Whether a rule has no condition, and ends the search. */
function isAboutAll({ action, metadata: _, ...conditions }: Rules[number]): boolean {
  const empty = (value: unknown) =>
    value === undefined ||
    value === null ||
    (typeof value === "object" && Object.values(value).every(empty));
  return !/^log$/i.test(action) && Object.values(conditions).every(empty);
}
