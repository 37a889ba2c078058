import type { z } from "zod";
import { describe, didYouMean } from "../../../../config/words";
import { exitCode, SeamlessError } from "../../../../util/errors";
import { configuration, peer } from "./bgp";
import { explain } from "./fields";
import { globalNetworkPolicy, globalNetworkSet, profile, tier } from "./policy";
import { pool } from "./pool";

/** What is wrong with one object. */
export interface Problem {
  /** Kind and name: `BGPPeer 172-16-18-32`. */
  readonly object: string;
  /** Where in it: `spec.ingress[0].action`; empty for the object as a whole. */
  readonly path: string;
  /** What was found, what is allowed, what to do. */
  readonly message: string;
}

const kinds: Readonly<Record<string, z.ZodType>> = {
  BGPConfiguration: configuration,
  BGPPeer: peer,
  GlobalNetworkPolicy: globalNetworkPolicy,
  GlobalNetworkSet: globalNetworkSet,
  IPPool: pool,
  Profile: profile,
  Tier: tier,
};

const known = Object.keys(kinds);

/**
 * Everything that Calico would refuse in an object of projectcalico.org/v3, found without asking it: fields nobody
 * knows, values out of range, fields that exclude each other. The rules are those of Calico 3.31 ("Resource
 * definitions" and calicoctl); where the Kubernetes API is stricter than calicoctl, its rule counts. What only the
 * datastore knows is not looked at: pools that overlap, tiers and filters that are missing.
 */
export function checkObject(document: unknown): Problem[] {
  const found = withoutNull(document);
  if (!isMap(found))
    return [
      {
        object: "document",
        path: "",
        message: `${describe(document)}; allowed: a map with apiVersion, kind, metadata and spec`,
      },
    ];
  const { kind, metadata } = found;
  const name = isMap(metadata) && metadata.name ? String(metadata.name) : "without a name";
  const object = `${kind === undefined ? "object" : String(kind)} ${name}`;
  const schema = typeof kind === "string" && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (schema === undefined)
    return [
      {
        object,
        path: "kind",
        message: `${describe(kind)}; allowed: ${known.join(", ")}${didYouMean(String(kind), known)}`,
      },
    ];
  const { error } = schema.safeParse(found, { reportInput: true });
  return (error?.issues ?? [])
    .flatMap(explain)
    .map(({ path, message }) => ({ object, path: place(path), message }));
}

/** @throws SeamlessError that lists everything that is wrong with any of the objects */
export function refuseBad(objects: readonly unknown[]): void {
  const problems = objects.flatMap(checkObject);
  if (problems.length === 0) return;
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  throw new SeamlessError(
    [`${count} in Calico's objects; nothing was sent`, ...problems.map(describeProblem)].join("\n"),
    exitCode.usage,
  );
}

/** `BGPPeer 172-16-18-32: spec.peerIP: found "x"; allowed: ...` */
export function describeProblem({ object, path, message }: Problem): string {
  return [object, ...(path === "" ? [] : [path]), message].join(": ");
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Fields that are null are left out, as both APIs take them. */
function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      inner === null ? [] : [[key, withoutNull(inner)]],
    ),
  );
}

/** `spec.ingress[0].action`; a key that is no plain word is quoted. */
function place(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      const word = /^[\w-]+$/.test(String(key)) ? String(key) : JSON.stringify(String(key));
      return index === 0 ? word : `.${word}`;
    })
    .join("");
}
