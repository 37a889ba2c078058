import { z } from "zod";
import { type Conflict, fields, must, optional, type Rule, text, texts, withRules } from "./fields";
import { selectorFault } from "./selector";
import {
  isLabelValue,
  isName,
  isQualifiedName,
  type Network,
  network,
  networkOrAddress,
} from "./values";

export const name = must(isName, "1 to 253 of a-z, 0-9, - and ., a letter or digit at either end");

export const selector: Rule = (value) => {
  const fault = selectorFault(value);
  return fault === undefined
    ? undefined
    : `${fault}; allowed: a selector such as all() or role == 'rack-1'`;
};

/** Values and keys of labels follow Kubernetes; keys of annotations do, whatever their case. */
export function* labelConflicts(
  labels: Readonly<Record<string, string>> | undefined,
  path: readonly string[],
  annotations = false,
): Iterable<Conflict> {
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (!isQualifiedName(annotations ? key.toLowerCase() : key))
      yield {
        path: [...path, key],
        found: key,
        message: "allowed: a key such as role or example.org/role",
      };
    if (!annotations && !isLabelValue(value))
      yield {
        path: [...path, key],
        found: value,
        message:
          "allowed: up to 63 of letters, digits, -, _ and ., a letter or digit at either end",
      };
  }
}

/** What Calico's datastore holds of an object besides its specification; what servers add is let through. */
const metadata = withRules(
  fields({
    name: text(name),
    namespace: optional(() => "allowed: nothing; objects of this kind are in no namespace"),
    labels: texts,
    annotations: texts,
    creationTimestamp: z.unknown().optional(),
    deletionGracePeriodSeconds: z.unknown().optional(),
    deletionTimestamp: z.unknown().optional(),
    finalizers: z.unknown().optional(),
    generateName: z.unknown().optional(),
    generation: z.unknown().optional(),
    managedFields: z.unknown().optional(),
    ownerReferences: z.unknown().optional(),
    resourceVersion: z.unknown().optional(),
    selfLink: z.unknown().optional(),
    uid: z.unknown().optional(),
  }),
  function* ({ labels, annotations }) {
    yield* labelConflicts(labels, ["labels"]);
    yield* labelConflicts(annotations, ["annotations"], true);
  },
);

/** An object of projectcalico.org/v3. */
export function v3<Kind extends string, Spec extends z.ZodType>(kind: Kind, spec: Spec) {
  return fields({
    apiVersion: z.literal("projectcalico.org/v3"),
    kind: z.literal(kind),
    metadata,
    spec: z.preprocess((found) => found ?? {}, spec),
  });
}

/** A range without host bits. */
export const range: Rule = (value) => rangeFault(network(value));
/** Such a range, or an address. */
export const rangeOrAddress: Rule = (value) => rangeFault(networkOrAddress(value));

function rangeFault(found: Network | undefined): string | undefined {
  if (found === undefined) return "allowed: a range in CIDR notation, such as 192.168.0.0/17";
  return found.strict ? undefined : `allowed: no host bits; write ${found.canonical}`;
}

/** A reference to a key of a Secret (BGP passwords). */
export const password = fields({
  secretKeyRef: fields({
    key: z.string(),
    name: z.string().optional(),
    optional: z.boolean().optional(),
  }).optional(),
}).optional();
