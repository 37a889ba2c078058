import { z } from "zod";
import { labelConflicts, name, selector, v3 } from "./common";
import { type Conflict, fields, flag, must, optional, text, texts, withRules } from "./fields";
import { noGlobal, type RuleShape, rule } from "./rule";
import { isSimpleName, networkOrAddress } from "./values";

const rules = z.array(rule).optional();

const policySpec = fields({
  applyOnForward: flag,
  doNotTrack: flag,
  egress: rules,
  ingress: rules,
  namespaceSelector: optional(selector),
  order: z.number().optional(),
  performanceHints: z.array(z.enum(["AssumeNeededOnEveryNode"])).optional(),
  preDNAT: flag,
  selector: optional(selector),
  serviceAccountSelector: optional(selector),
  tier: optional(name),
  types: z.array(z.enum(["Egress", "Ingress"])).optional(),
});

type PolicySpec = z.output<typeof policySpec>;

export const globalNetworkPolicy = withRules(
  v3(
    "GlobalNetworkPolicy",
    withRules(policySpec, function* (one) {
      yield* early(one);
      for (const field of ["performanceHints", "types"] as const) {
        const found = one[field] ?? [];
        if (new Set<string>(found).size < found.length)
          yield { path: [field], found, message: "allowed: each once" };
      }
      yield* noGlobal(one, ["selector", "serviceAccountSelector", "namespaceSelector"]);
      yield* services(one.ingress, "ingress", "source", "destination");
      yield* services(one.egress, "egress", "destination", "source");
      for (const [index, { http }] of (one.egress ?? []).entries())
        if (http !== undefined)
          yield {
            path: ["egress", index, "http"],
            found: http,
            message: "allowed: in ingress rules only",
          };
    }),
  ),
  ({ metadata, spec }) => policyName(metadata.name, spec.tier),
);

/** A policy's name says its tier, but for Calico's own tier it need not. */
function* policyName(found: string, tier = ""): Iterable<Conflict> {
  const own = tier === "" ? "default" : tier;
  const [first, second] = found.split(".");
  const parts = found.split(".").length;
  // Policies that Calico's OpenStack driver makes are in the default tier whatever they are called.
  if (parts === 2 && (first === own || first === "ossg") && second !== "") return;
  if (parts === 1 && own === "default") return;
  yield {
    path: ["metadata", "name"],
    found,
    message: `allowed: ${own === "default" ? "a name without dots, or one" : "a name"} that starts with its tier: ${own}.<name>`,
  };
}

/** Rules that are before connection tracking, or before NAT, are about interfaces of hosts. */
function* early(one: PolicySpec): Iterable<Conflict> {
  const { doNotTrack = false, preDNAT = false, applyOnForward = false } = one;
  if (preDNAT) {
    if (doNotTrack)
      yield { path: ["preDNAT"], found: true, message: "allowed: false beside doNotTrack" };
    if ((one.egress ?? []).length > 0)
      yield { path: ["egress"], found: one.egress, message: "allowed: no rules with preDNAT" };
    if (one.types?.includes("Egress"))
      yield { path: ["types"], found: one.types, message: "allowed: Ingress alone with preDNAT" };
  }
  if ((doNotTrack || preDNAT) && !applyOnForward)
    yield {
      path: ["applyOnForward"],
      found: one.applyOnForward,
      message: "allowed: true with doNotTrack or preDNAT",
    };
}

/** Services can be the far end only, and have to say their namespace, as the policy is in none. */
function* services(
  among: readonly RuleShape[] | undefined,
  field: "egress" | "ingress",
  far: "destination" | "source",
  near: "destination" | "source",
): Iterable<Conflict> {
  for (const [index, one] of (among ?? []).entries()) {
    const other = one[near]?.services;
    if (other !== undefined)
      yield {
        path: [field, index, near, "services"],
        found: other,
        message: `allowed: in ${far} only`,
      };
    const services = one[far]?.services;
    if (services !== undefined && (services.namespace ?? "") === "")
      yield {
        path: [field, index, far, "services", "namespace"],
        found: services.namespace,
        message: "allowed: the namespace of the service",
      };
  }
}

/** The order Calico's own tiers have; it takes no other. */
const ownTiers: Readonly<Record<string, number>> = {
  adminnetworkpolicy: 1_000,
  baselineadminnetworkpolicy: 10_000_000,
  default: 1_000_000,
};

export const tier = withRules(
  v3(
    "Tier",
    fields({ defaultAction: z.enum(["Deny", "Pass"]).optional(), order: z.number().optional() }),
  ),
  function* ({ metadata, spec }): Iterable<Conflict> {
    if (!isSimpleName(metadata.name))
      yield {
        path: ["metadata", "name"],
        found: metadata.name,
        message: "allowed: 1 to 63 of a-z, 0-9 and -, no . and no - at either end",
      };
    const order = ownTiers[metadata.name];
    if (order !== undefined && (spec.order ?? ownTiers.default) !== order)
      yield {
        path: ["spec", "order"],
        found: spec.order,
        message: `allowed: ${order} for Calico's own tier ${metadata.name}`,
      };
  },
);

export const globalNetworkSet = withRules(
  v3(
    "GlobalNetworkSet",
    fields({
      nets: z
        .array(
          text(
            must(
              (value) => value === "" || networkOrAddress(value) !== undefined,
              "a range in CIDR notation, or an address",
            ),
          ),
        )
        .optional(),
    }),
  ),
  function* ({ metadata }): Iterable<Conflict> {
    const key = "projectcalico.org/namespace";
    if (metadata.labels?.[key] !== undefined)
      yield {
        path: ["metadata", "labels", key],
        found: metadata.labels[key],
        message: "allowed: another key; this one is Calico's, for sets of a namespace",
      };
  },
);

export const profile = withRules(
  v3(
    "Profile",
    withRules(
      fields({ egress: rules, ingress: rules, labelsToApply: texts }),
      ({ labelsToApply }) => labelConflicts(labelsToApply, ["labelsToApply"]),
    ),
  ),
  function* ({ metadata }): Iterable<Conflict> {
    if (metadata.name === "projectcalico-default-allow")
      yield {
        path: ["metadata", "name"],
        found: metadata.name,
        message: "allowed: another name; this profile is Calico's own",
      };
  },
);
