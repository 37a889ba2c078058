/** Validation of a resource's inputs, and names made for them. */
import { createHash } from "node:crypto";
import type { z } from "zod";
import { formatPath } from "./diff";
import type { CallContext, CheckFailure, ResourceType } from "./provider";
import { marked } from "./state";
import {
  bare,
  mark,
  type Path,
  type Properties,
  plain,
  type Rich,
  type RichProperties,
  unknownPaths,
} from "./values";

/** How names are made that the program leaves out. */
export interface Autonaming {
  /** The resource's name in the program. */
  readonly name: string;
  /** Random, but the same when the engine repeats the request. */
  readonly seed: Uint8Array;
  /** A name that the stack's configuration asks for instead. */
  readonly proposed?: string | undefined;
  /** Whether the stack's configuration forbids made-up names. */
  readonly disabled?: boolean;
}

export interface Checked {
  readonly inputs: RichProperties;
  readonly failures: readonly CheckFailure[];
}

function startsWith(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((part, index) => part === path[index]);
}

function toPath(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === "symbol" ? String(part) : part));
}

/**
 * What the schema finds wrong. What it misses or dislikes because a value is not known yet is not wrong; such values
 * are checked again during the update.
 */
export function schemaFailures(
  schema: z.ZodType,
  provider: string,
  inputs: RichProperties,
): CheckFailure[] {
  const unknown = unknownPaths(inputs);
  const result = schema.safeParse(plain(inputs));
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => {
    const path = toPath(issue.path);
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        property: formatPath([...path, key]),
        reason: `it is not implemented by this ${provider} plugin; leave it out`,
      }));
    if (unknown.some((hole) => startsWith(hole, path) || startsWith(path, hole))) return [];
    return [{ property: formatPath(path), reason: issue.message }];
  });
}

function generate(naming: Autonaming, property: string): string {
  if (naming.proposed !== undefined && naming.proposed !== "") return naming.proposed;
  if (naming.disabled === true)
    throw new Error(
      `the stack's configuration (pulumi:autonaming) forbids made-up names: set ${property}`,
    );
  const hash = createHash("sha256").update(naming.seed).update(naming.name).update(property);
  return `${naming.name}-${hash.digest("hex").slice(0, 7)}`;
}

/** Validates new inputs and adds what the type sets by default. */
export async function check<Client>(
  type: ResourceType<Client>,
  provider: string,
  request: {
    readonly olds: RichProperties;
    readonly news: RichProperties;
    readonly naming: Autonaming;
  },
  ctx: CallContext<Client>,
): Promise<Checked> {
  const { olds, news } = request;
  const failures = schemaFailures(type.inputs, provider, news);
  if (failures.length > 0 || type.check === undefined) return { inputs: news, failures };
  const unknown = new Set(unknownPaths(news).map(([property]) => property));
  const plainOlds: Properties = plain(olds);
  const result = await type.check(plain(news), {
    ...ctx,
    olds: plainOlds,
    isUnknown: (property) => unknown.has(property),
    autoname: (property) => {
      const old = plainOlds[property];
      return typeof old === "string" && old !== "" ? old : generate(request.naming, property);
    },
  });
  const set = Object.entries(result.set ?? {}).map(([name, value]): [string, Rich] => {
    const model = news[name] ?? olds[name];
    if (model !== undefined && bare(model) === value) return [name, model];
    return [name, marked(type, name, mark(value, model), news)];
  });
  return { inputs: { ...news, ...Object.fromEntries(set) }, failures: result.failures ?? [] };
}
