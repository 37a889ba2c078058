import { existsSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { sharedPath, sharedText } from "./shared";

/**
 * Types of RAML 1.0 libraries as JSON schemas (draft 4), as far as Marathon's definitions use RAML. Objects are closed: what
 * a client sends has to be a field that the definition names. RAML's `datetime` is a text.
 */
type Raw = Readonly<Record<string, unknown>>;
export type Schema = Readonly<Record<string, unknown>>;

const library = z.looseObject({
  uses: z.record(z.string(), z.string()).nullish(),
  types: z.record(z.string(), z.unknown()).nullish(),
});

const kept = [
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "pattern",
  "enum",
] as const;

/** The types of one release of Marathon. */
export class RamlTypes {
  private readonly libraries = new Map<string, z.infer<typeof library>>();

  /** @param folder of the shared data, such as `dcos-conformance/marathon/v1.9.109` */
  constructor(private readonly folder: string) {}

  /** @param name of a type of a library, such as `app.App` */
  schema(name: string): Schema {
    const [file = "", type = ""] = name.split(".");
    return this.named(`${file}.raml`, type);
  }

  has(name: string): boolean {
    const [file = "", type = ""] = name.split(".");
    if (!existsSync(sharedPath(...this.folder.split("/"), "types", `${file}.raml`))) return false;
    return type in (this.load(`${file}.raml`).types ?? {});
  }

  private load(file: string): z.infer<typeof library> {
    const there = this.libraries.get(file);
    if (there !== undefined) return there;
    const text = sharedText(...this.folder.split("/"), "types", file);
    const made = library.parse(parse(text, { logLevel: "silent" }));
    this.libraries.set(file, made);
    return made;
  }

  private named(file: string, type: string): Schema {
    const { types } = this.load(file);
    if (types === undefined || types === null || !(type in types))
      throw new Error(`${this.folder}: ${file} has no type ${type}`);
    return this.convert(file, types[type]);
  }

  /** A declaration: the name of a type, or what it is made of. */
  private convert(file: string, raw: unknown): Schema {
    if (typeof raw === "string") return this.expression(file, raw);
    if (!isRaw(raw)) return {};
    const { type } = raw;
    const base =
      typeof type === "string"
        ? this.expression(file, type)
        : isRaw(raw.properties)
          ? objectSchema
          : {};
    const facets = Object.fromEntries(kept.flatMap((k) => (k in raw ? [[k, raw[k]]] : [])));
    const items = "items" in raw ? { items: this.convert(file, raw.items) } : {};
    const own = { ...base, ...facets, ...items };
    return isRaw(raw.properties) ? this.withProperties(file, own, raw.properties) : own;
  }

  private withProperties(file: string, base: Schema, properties: Raw): Schema {
    const named: Record<string, Schema> = {};
    const patterns: Record<string, Schema> = {};
    const required: string[] = [];
    for (const [key, raw] of Object.entries(properties)) {
      const schema = this.convert(file, raw);
      const pattern = /^\/(.*)\/$/.exec(key)?.[1];
      if (pattern !== undefined) {
        patterns[pattern] = schema;
        continue;
      }
      const optional = key.endsWith("?") || (isRaw(raw) && raw.required === false);
      const name = key.replace(/\?$/, "");
      named[name] = schema;
      if (!optional && !(isRaw(raw) && "default" in raw)) required.push(name);
    }
    const inherited = isRaw(base.properties) ? base.properties : {};
    const before = Array.isArray(base.required) ? base.required : [];
    const all = [...before, ...required];
    const open = Object.keys(patterns).length > 0;
    return {
      ...base,
      type: "object",
      properties: { ...inherited, ...named },
      ...(open ? { patternProperties: patterns } : {}),
      additionalProperties: false,
      ...(all.length === 0 ? {} : { required: all }),
    };
  }

  /** `string`, `strings.Name`, `App[]`, `A | B`, `(A | B)`. */
  private expression(file: string, text: string): Schema {
    const plain = text.trim().replace(/^\((.*)\)$/, "$1");
    if (plain.includes("|"))
      return { anyOf: plain.split("|").map((one) => this.expression(file, one)) };
    if (plain.endsWith("[]"))
      return { type: "array", items: this.expression(file, plain.slice(0, -2)) };
    const scalar = scalars[plain];
    if (scalar !== undefined) return scalar;
    const [space, name] = plain.split(".");
    if (name === undefined) return this.named(file, plain);
    const used = this.load(file).uses?.[space ?? ""];
    if (used === undefined) throw new Error(`${this.folder}: ${file} uses no ${space}`);
    return this.named(basename(used), name);
  }
}

const objectSchema: Schema = { type: "object" };
const scalars: Readonly<Record<string, Schema>> = {
  string: { type: "string" },
  datetime: { type: "string" },
  number: { type: "number" },
  integer: { type: "integer" },
  boolean: { type: "boolean" },
  nil: { type: "null" },
  object: objectSchema,
  array: { type: "array" },
};

function isRaw(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An instance of a schema: the least that a server may send, or all that it may. */
export function sampleOf(schema: Schema, how: "least" | "most"): unknown {
  const { type, properties, required, items, anyOf } = schema;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (Array.isArray(anyOf)) return isRaw(anyOf[0]) ? sampleOf(anyOf[0], how) : undefined;
  if (type === "object") {
    const wanted = Object.entries(isRaw(properties) ? properties : {}).filter(
      ([name]) => how === "most" || (Array.isArray(required) && required.includes(name)),
    );
    return Object.fromEntries(
      wanted.map(([name, one]) => [name, isRaw(one) ? sampleOf(one, how) : undefined]),
    );
  }
  if (type === "array") {
    const count = how === "most" || Number(schema.minItems ?? 0) > 0 ? 1 : 0;
    return Array.from({ length: count }, () => (isRaw(items) ? sampleOf(items, how) : "x"));
  }
  if (type === "string") return typeof schema.pattern === "string" ? "/x" : "x";
  if (type === "boolean") return true;
  return Number(schema.minimum ?? 0);
}
