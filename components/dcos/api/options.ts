import Ajv, { type ErrorObject } from "ajv-draft-04";
import { messageOf } from "../../../util/errors";
import { isRecord, mergeDeep } from "../../../util/json";

type Json = Readonly<Record<string, unknown>>;

/** One place of the options that the package's schema does not allow. */
export interface Violation {
  /** From the outermost group to the option. */
  readonly path: readonly (string | number)[];
  /** What was found and what is allowed. */
  readonly reason: string;
}

/** What checking options came to. */
export interface CheckedOptions {
  /** The package's defaults with the given options over them, which is what the app is rendered from. */
  readonly merged: Json;
  readonly violations: readonly Violation[];
  /** Why the options could not be checked: the package's own schema is at fault. */
  readonly unchecked?: string;
}

/**
 * Merges and validates as Cosmos does it (PackageDefinitionRenderer): the schema's defaults, the options over them,
 * then the whole against the schema unless it is empty.
 * @param schema `config` of the package, JSON schema draft 4; a package without one takes no options.
 */
export function checkOptions(schema: Json | undefined, options: Json): CheckedOptions {
  if (schema === undefined) {
    const violations = Object.keys(options).map((name) => ({
      path: [name],
      reason: "the package has no options; leave it out",
    }));
    return { merged: options, violations };
  }
  const merged = mergeDeep(defaultsOf(schema) ?? {}, options);
  if (Object.keys(merged).length === 0) return { merged, violations: [] };
  return { merged, ...violationsOf(schema, merged) };
}

/** The defaults in a schema. One of an object wins over those of its properties; objects without any are left out. */
export function defaultsOf(schema: Json): Json | undefined {
  const { properties } = schema;
  if (!isRecord(properties)) return undefined;
  const found = Object.entries(properties).flatMap(([name, property]): [string, unknown][] => {
    if (!isRecord(property)) return [];
    const value = "default" in property ? property.default : defaultsOf(property);
    return value === undefined ? [] : [[name, value]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function violationsOf(schema: Json, value: Json): Omit<CheckedOptions, "merged"> {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    // Schemas of packages have words of their own, such as `media`.
    strict: false,
    validateFormats: false,
    validateSchema: false,
    logger: false,
  });
  // It names a meta schema that need not be a known one.
  const { $schema: _, ...rest } = schema;
  try {
    const validate = ajv.compile(rest);
    validate(value);
    return { violations: (validate.errors ?? []).map(violationOf) };
  } catch (thrown) {
    return { violations: [], unchecked: messageOf(thrown) };
  }
}

function violationOf(error: ErrorObject): Violation {
  const path = error.instancePath.split("/").slice(1).map(unescapePointer);
  const { keyword, params, data, parentSchema } = error;
  const found = `found ${JSON.stringify(data)}`;
  switch (keyword) {
    case "additionalProperties": {
      const there: unknown = parentSchema?.properties;
      const names = isRecord(there) ? Object.keys(there).sort().join(", ") : "none";
      return {
        path: [...path, String(params.additionalProperty)],
        reason: `not an option of this package; allowed: ${names}`,
      };
    }
    case "required":
      return {
        path: [...path, String(params.missingProperty)],
        reason: "missing; the package needs it",
      };
    case "type":
      return { path, reason: `${found}; allowed: ${[params.type].flat().join(" or ")}` };
    case "enum":
      return { path, reason: `${found}; allowed: ${listed(params.allowedValues)}` };
    case "minimum":
    case "maximum":
      return { path, reason: `${found}; allowed: ${params.comparison} ${params.limit}` };
    case "pattern":
      return { path, reason: `${found}; allowed: what matches ${params.pattern}` };
    default:
      return { path, reason: `${found}, but it ${error.message ?? `fails "${keyword}"`}` };
  }
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.map((one) => JSON.stringify(one)).join(", ") : "others";
}

/** A step of a JSON pointer (RFC 6901). */
function unescapePointer(part: string): string | number {
  const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
  return /^\d+$/.test(name) ? Number(name) : name;
}
