import { isRecord } from "../../util/json";

/**
 * Property values as the engine sends them, and as resource types see them.
 *
 * On the wire a value is JSON in which some objects carry a signature (a secret, an asset) and one reserved string
 * stands for "not known yet". Here the wire form is decoded once into a {@link Rich} tree; {@link plain} takes the
 * secrets off for a resource type, {@link mark} puts them back on what it returns.
 * Signatures: pulumi/sdk go/common/resource/sig.
 */

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const assetSignatures: readonly unknown[] = [
  "c44067f5952c0a294b673a41bacd8c17",
  "0def7320c3a5731c473e5ecbe6d01bc7",
];
const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A plain JSON value, as resource types see it. An asset or archive appears as its wire object. */
export type Value = null | boolean | number | string | readonly Value[] | Properties;
export interface Properties {
  readonly [name: string]: Value;
}

/** Where a value is: property names and list positions from the outside in. */
export type Path = readonly (string | number)[];

/** A value that nobody but the owner of the stack may see. */
export class Secret {
  constructor(readonly value: Rich) {}
}

/** A value that will only be known during the update. */
export class Unknown {}
export const unknown = new Unknown();

/** A file or archive; compared by its hash, otherwise handed on as it came. */
export class Asset {
  constructor(readonly wire: Properties) {}
}

export type Rich =
  | null
  | boolean
  | number
  | string
  | Secret
  | Unknown
  | Asset
  | readonly Rich[]
  | RichProperties;
export interface RichProperties {
  readonly [name: string]: Rich;
}

export function isList(value: Rich): value is readonly Rich[] {
  return Array.isArray(value);
}

export function isObject(value: Rich | undefined): value is RichProperties {
  return (
    isRecord(value) &&
    !(value instanceof Secret || value instanceof Unknown || value instanceof Asset)
  );
}

function mapObject<From, To>(
  object: Readonly<Record<string, From>>,
  map: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}

/** Any JSON as plain values; what JSON does not have becomes null. */
function jsonOf(wire: unknown): Value {
  if (typeof wire === "string" || typeof wire === "number" || typeof wire === "boolean")
    return wire;
  if (Array.isArray(wire)) return wire.map(jsonOf);
  return isRecord(wire) ? mapObject(wire, jsonOf) : null;
}

function decodeValue(wire: unknown): Rich {
  if (wire === unknownString) return unknown;
  if (Array.isArray(wire)) return wire.map(decodeValue);
  if (!isRecord(wire)) return jsonOf(wire);
  const signature = wire[signatureKey];
  if (signature === undefined) return decode(wire);
  if (signature === secretSignature) return new Secret(decodeValue(wire.value));
  if (signature === outputSignature) {
    const value = "value" in wire ? decodeValue(wire.value) : unknown;
    return wire.secret === true ? new Secret(value) : value;
  }
  if (assetSignatures.includes(signature)) return new Asset(mapObject(wire, jsonOf));
  throw new Error(`the engine sent a value of an unknown kind (${String(signature)})`);
}

/** The decoded form of a wire object. Properties that are null count as absent. */
export function decode(wire: Readonly<Record<string, unknown>>): RichProperties {
  const present = Object.entries(wire).filter(([, value]) => value !== null && value !== undefined);
  return mapObject(Object.fromEntries(present), decodeValue);
}

function encodeValue(value: Rich): Value {
  if (value instanceof Unknown) return unknownString;
  if (value instanceof Secret)
    return { [signatureKey]: secretSignature, value: encodeValue(value.value) };
  if (value instanceof Asset) return value.wire;
  if (isList(value)) return value.map(encodeValue);
  return isObject(value) ? encode(value) : value;
}

/** The wire form; the inverse of {@link decode}. */
export function encode(properties: RichProperties): Properties {
  return mapObject(properties, encodeValue);
}

/** The value behind any secret marks on it; marks further inside stay. */
export function bare(value: Rich): Exclude<Rich, Secret> {
  return value instanceof Secret ? bare(value.value) : value;
}

function plainValue(value: Rich): Value {
  const inner = bare(value);
  if (inner instanceof Unknown) return null;
  if (inner instanceof Asset) return inner.wire;
  if (isList(inner)) return inner.map(plainValue);
  return isObject(inner) ? plain(inner) : inner;
}

/** The values without secret marks. What is unknown is left out of objects, and null in lists. */
export function plain(properties: RichProperties): Properties {
  const known = Object.entries(properties).filter(([, value]) => !(bare(value) instanceof Unknown));
  return mapObject(Object.fromEntries(known), plainValue);
}

/** Calls visit with every value of the tree, containers before their contents. */
function walk(value: Rich, path: Path, visit: (value: Rich, path: Path) => void): void {
  visit(value, path);
  if (value instanceof Secret) walk(value.value, path, visit);
  else if (isList(value)) value.forEach((item, index) => void walk(item, [...path, index], visit));
  else if (isObject(value))
    for (const [key, item] of Object.entries(value)) walk(item, [...path, key], visit);
}

export function holdsSecret(value: Rich): boolean {
  let found = false;
  walk(value, [], (item) => {
    found ||= item instanceof Secret;
  });
  return found;
}

/** The paths of all values that are not known yet. */
export function unknownPaths(value: Rich): Path[] {
  const paths: Path[] = [];
  walk(value, [], (item, path) => {
    if (item instanceof Unknown) paths.push(path);
  });
  return paths;
}

/** Every text or number inside a secret, for blotting them out. */
export function secretTexts(value: Rich): string[] {
  const texts: string[] = [];
  walk(value, [], (secret) => {
    if (!(secret instanceof Secret)) return;
    walk(secret.value, [], (item) => {
      if (typeof item === "string" || typeof item === "number") texts.push(String(item));
    });
  });
  return texts;
}

function secretsStayInPlace(value: readonly Value[], model: readonly Rich[]): boolean {
  if (value.length !== model.length) return false;
  return model.every((item, index) => !holdsSecret(item) || equal(item, value[index] ?? null));
}

/**
 * Marks as secret what is secret in the model at the same place. Where the shapes differ and the model holds a secret
 * anywhere below, the whole value is marked: a reordered list must not uncover anything.
 */
export function mark(value: Value, model: Rich | undefined): Rich {
  if (model === undefined) return value;
  if (model instanceof Secret) return new Secret(value);
  if (model instanceof Asset) return model;
  if (isObject(model) && isObject(value))
    return mapObject<Value, Rich>(value, (item, key) => mark(item, model[key]));
  if (isList(model) && isList(value) && secretsStayInPlace(value, model))
    return value.map((item, index) => mark(item, model[index]));
  return holdsSecret(model) ? new Secret(value) : value;
}

/** Whether two values are the same, secret or not; assets by hash. An unknown value equals nothing. */
export function equal(left: Rich, right: Rich): boolean {
  const a = bare(left);
  const b = bare(right);
  if (a instanceof Unknown || b instanceof Unknown) return false;
  if (a instanceof Asset || b instanceof Asset)
    return a instanceof Asset && b instanceof Asset && a.wire.hash === b.wire.hash;
  if (isList(a) && isList(b))
    return a.length === b.length && a.every((item, index) => equal(item, b[index] ?? null));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => key in b && equal(a[key] ?? null, b[key] ?? null))
    );
  }
  return a === b;
}
