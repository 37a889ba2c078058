import { z } from "zod";
import { type CoeKind, type Kinds, kindOf, type ReflectorKind } from "./kind";
import type { Path, Problem } from "./problems";
import { innerOf, isFields } from "./readable";
import {
  coeFields,
  fromCluster,
  networkSchema,
  oneOrMore,
  port,
  probeFields,
  reflectorFields,
  writtenFields,
} from "./types";
import { aCoe, describe, didYouMean, inWords } from "./words";

/** The loopback ports of a lab where the configuration names none. @param given its COEs, as they are written */
export function defaultPorts({ coes }: Kinds, given: unknown): Readonly<Record<string, number>> {
  const used = new Set(Object.values(isFields(given) ? given : {}).map((coe) => kindIn(coe, coes)));
  const kinds = Object.values(coes).filter(
    (kind) => kind.labPortsIfUsed === undefined || used.has(kind),
  );
  return Object.assign({}, ...kinds.map(({ labPorts }) => labPorts));
}

/** The shape of one configuration: each of its COEs has the fields of its kind. */
function shapeOf(given: Readonly<Record<string, unknown>>, kinds: Kinds) {
  const { coes } = given;
  const ports = Object.entries(defaultPorts(kinds, coes)).map(([name, usual]) => [
    name,
    port.default(usual),
  ]);
  // Where two COEs of a kind are in one lab, each can have ports of its own.
  const ownPorts = Object.entries(isFields(coes) ? coes : {}).flatMap(([name, coe]) =>
    Object.keys(kindIn(coe, kinds.coes)?.labPorts ?? {}).map((kinds) => [
      `${name}.${kinds}`,
      port.exactOptional(),
    ]),
  );
  return z.strictObject({
    network: networkSchema,
    reflectors: reflectorsShape(given, kinds),
    coes: recordsOf(coes, (coe) => coeShape(kindIn(coe, kinds.coes), kinds)),
    gate: z.boolean().exactOptional(),
    lab: z
      .strictObject({
        name: z.string().default("lab"),
        ports: z.strictObject(Object.fromEntries([...ports, ...ownPorts])).prefault({}),
      })
      .exactOptional(),
  });
}

/** One reflector or more; in a mesh there may be none. */
function reflectorsShape({ network, reflectors }: Readonly<Record<string, unknown>>, kinds: Kinds) {
  const shape = recordsOf(reflectors, (one) =>
    reflectorShape(kindIn(one, kinds.reflectors), kinds),
  );
  const mesh = isFields(network) && network.topology === "mesh";
  return mesh ? shape.exactOptional() : shape.refine(oneOrMore, { error: "allowed: one or more" });
}

/** The records that there are, each by a shape of its own. */
function recordsOf(given: unknown, shape: (one: unknown) => z.ZodObject) {
  if (!isFields(given)) return z.record(z.string(), z.unknown());
  const shapes = Object.entries(given).map(([name, one]) => [name, shape(one)]);
  return z.object(Object.fromEntries(shapes));
}

function kindIn<T>(record: unknown, kinds: Readonly<Record<string, T>>): T | undefined {
  const kind = isFields(record) ? record.kind : undefined;
  return typeof kind === "string" ? kindOf(kinds, kind) : undefined;
}

/** Of a kind that nobody knows, all fields of all kinds are allowed: the kind itself is what is wrong. */
function fieldsOf<T>(
  kind: T | undefined,
  kinds: Readonly<Record<string, T>>,
  of: (kind: T) => Fields,
) {
  if (kind !== undefined) return of(kind);
  const names = Object.values(kinds).flatMap((one) => Object.keys(of(one)));
  return Object.fromEntries(names.map((name): [string, z.ZodType] => [name, any]));
}

function reflectorShape(kind: ReflectorKind | undefined, { reflectors }: Kinds): z.ZodObject {
  return z.strictObject({ ...reflectorFields, ...fieldsOf(kind, reflectors, (one) => one.fields) });
}

function coeShape(kind: CoeKind | undefined, kinds: Kinds): z.ZodObject {
  const fields = (of: (kind: CoeKind) => Fields): Fields => fieldsOf(kind, kinds.coes, of);
  return z.strictObject({
    ...coeFields,
    ...writtenFields,
    access: z.union([z.literal("embedded"), z.strictObject(fields(({ access }) => access.fields))]),
    probe: z
      .strictObject({ ...probeFields, ...fields(({ probe }) => probe.fields) })
      .exactOptional(),
    ...fields((one) => one.fields),
  });
}

type Fields = CoeKind["fields"];
const any = z.unknown().optional();

/** What is wrong with the shape of a configuration, in our words. */
export function shapeProblems(given: Readonly<Record<string, unknown>>, kinds: Kinds): Problem[] {
  const shape = shapeOf(given, kinds);
  const parsed = shape.safeParse(given, { reportInput: true });
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => explain(issue, [], { given, kinds, shape }));
}

interface Judged {
  readonly given: Readonly<Record<string, unknown>>;
  readonly kinds: Kinds;
  readonly shape: z.ZodObject;
}

function explain(issue: z.core.$ZodIssue, base: Path, judged: Judged): Problem[] {
  const path = [...base, ...issue.path.map(String)];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], key, path, judged));
    case "invalid_union":
      return explainUnion(issue, path, judged);
    default:
      return [{ path, message: inWords(issue) }];
  }
}

/** What is one range or a list of them; the list comes last in its union. */
function listed(path: Path): string | undefined {
  const key = path.at(-1) ?? "";
  if (["serviceCidr", "loadBalancerCidr", "externalCidr"].includes(key))
    return "a range such as 10.96.0.0/16, or a list of ranges";
  if (key !== "podCidr" && path[0] !== "network") return undefined;
  return key === "nodes"
    ? "a range such as 172.16.18.0/24, a list of ranges, or a map of racks such as { rack-1: { cidr: 10.1.1.0/24 } }"
    : "a range such as 192.168.0.0/16, or a list of ranges";
}

/** What is a word or a map; the map comes last in its union. */
function wordOrMap(path: Path, judged: Judged): string {
  switch (path.at(-1)) {
    case "access": {
      const kind = kindAt(path, judged)?.[1];
      return `embedded, or an object${kind === undefined ? "" : ` such as ${kind.access.example}`}`;
    }
    case "pool":
      return "the name of a pool, or a map from range to name";
    default:
      return `a map such as { worker-1: { address: 10.1.0.21 } }, or ${fromCluster}`;
  }
}

/** What writes a range that is missing. */
function assignable(input: unknown, path: Path, { given: { network } }: Judged): string {
  const free = isFields(network) && network.supernet !== undefined;
  return input === undefined && path.at(-1) === "podCidr" && free
    ? "; `seamless plan --assign` writes one of network.supernet into this file"
    : "";
}

/** `access` and `nodes` are a word or a map: a map is judged by the map's rules. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, judged: Judged): Problem[] {
  const { input, errors } = issue;
  const list = listed(path);
  const isList = Array.isArray(input);
  const isRacks = isFields(input) && path.join(".") === "network.nodes";
  const inside = list !== undefined ? isList || isRacks : isFields(input);
  // Of what is a range, a list or a map, the map comes last.
  const option = list !== undefined && isList ? errors[1] : errors.at(-1);
  if (inside) return (option ?? []).flatMap((one) => explain(one, path, judged));
  const allowed = `${list ?? wordOrMap(path, judged)}${assignable(input, path, judged)}`;
  return [{ path, message: `${describe(input)}; allowed: ${allowed}` }];
}

function unknownKey(path: Path, key: string, parent: Path, judged: Judged): Problem {
  const keys = keysAt(judged.shape, parent);
  const known = [...keys].sort().join(", ");
  const kind = kindAt(path, judged);
  const secret = kind?.[1].secrets.sorts.find((sort) => sort === `${key}s`);
  if (secret !== undefined && path[2] === "access") {
    const file = keys.includes(`${key}File`) ? `, or name its file by ${key}File` : "";
    return {
      path,
      message: `unknown key; a ${key} is a secret: remove it here, and run: pulumi config set --secret --path 'seamless:${secret}["${path[1]}"]'${file}`,
    };
  }
  if (kind === undefined || !isOfAnother(path, key, judged))
    return { path, message: `unknown key; allowed: ${known}${didYouMean(key, keys)}` };
  const allowed = parent.length > 2 ? `allowed: ${keys.join(", ")}` : "leave it out";
  return { path, message: `means nothing to ${aCoe(kind[0])}; ${allowed}` };
}

/** Whether another kind of COE knows a key at that place. */
function isOfAnother(path: Path, key: string, { kinds }: Judged): boolean {
  return Object.values(kinds.coes).some((kind) =>
    keysAt(coeShape(kind, kinds), path.slice(2, -1)).includes(key),
  );
}

/** The kind of the COE that a path is in, with its name. */
function kindAt(
  [section, coe = ""]: Path,
  { given, kinds }: Judged,
): [string, CoeKind] | undefined {
  const coes = section === "coes" && isFields(given.coes) ? given.coes : {};
  const one = Object.hasOwn(coes, coe) ? coes[coe] : undefined;
  const kind = kindIn(one, kinds.coes);
  return kind !== undefined && isFields(one) ? [String(one.kind), kind] : undefined;
}

/** The keys that a schema knows at a path; none where there are no maps with fields. */
function keysAt(schema: z.core.$ZodType | undefined, [key, ...rest]: Path): string[] {
  const inner = schema === undefined ? undefined : innerOf(schema);
  if (inner !== undefined) return keysAt(inner, key === undefined ? [] : [key, ...rest]);
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) =>
      keysAt(option, key === undefined ? [] : [key, ...rest]),
    );
  if (schema instanceof z.ZodRecord)
    return key === undefined ? [] : keysAt(schema.def.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  if (key === undefined)
    return Object.entries(schema.shape).flatMap(([name, field]) => (isGone(field) ? [] : [name]));
  return keysAt(Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined, rest);
}

/** A field that is refused with a reason of its own is none to offer. */
function isGone(field: z.core.$ZodType): boolean {
  return field instanceof z.ZodType && field.meta()?.deprecated === true;
}
