import Ajv, { type ErrorObject } from "ajv-draft-04";
import { isRecord, mergeDeep } from "../../../util/json";
import { CosmosError } from "./errors";
import type { Json, Release } from "./package";

/**
 * The defaults of an option schema: those of `properties`, where a property's own `default` wins over the ones inside
 * it. Objects without any default are left out.
 */
export function defaultsOf(schema: Json): Json {
  const { properties } = schema;
  if (!isRecord(properties)) return {};
  const entries = Object.entries(properties).flatMap(([name, property]): [string, unknown][] => {
    if (!isRecord(property)) return [];
    if (property.default !== undefined) return [[name, property.default]];
    const inner = defaultsOf(property);
    return Object.keys(inner).length === 0 ? [] : [[name, inner]];
  });
  return Object.fromEntries(entries);
}

/**
 * The options that a package is rendered with.
 * @throws CosmosError JsonSchemaMismatch with everything in which they do not fit the package's schema
 */
export function resolveOptions({ config }: Release, user: Json): Json {
  const merged = mergeDeep(defaultsOf(config), user);
  // Cosmos looks at the schema only when there is something to look at.
  if (Object.keys(merged).length === 0) return merged;
  const validate = new Ajv({ allErrors: true, strict: false }).compile(config);
  if (validate(merged)) return merged;
  const errors = (validate.errors ?? []).map((error) => messageOfValidator(error, merged));
  throw new CosmosError("JsonSchemaMismatch", "Options JSON failed validation", { errors });
}

/** A violation in the form of the validator that Cosmos uses. */
function messageOfValidator(error: ErrorObject, options: Json): Json {
  const { keyword, instancePath, schemaPath, params } = error;
  const pointer = schemaPath.replace(/^#/, "").replace(/\/[^/]*$/, "");
  return {
    level: "error",
    schema: { loadingURI: "#", pointer },
    instance: { pointer: instancePath },
    domain: "validation",
    keyword,
    ...explain(error, valueAt(options, instancePath)),
    ...(keyword === "enum" ? { enum: params.allowedValues } : {}),
  };
}

function explain({ keyword, params, message }: ErrorObject, found: unknown): Json {
  switch (keyword) {
    case "required": {
      const missing = [params.missingProperty];
      return {
        message: `object has missing required properties (${JSON.stringify(missing)})`,
        missing,
      };
    }
    case "additionalProperties": {
      const unwanted = [params.additionalProperty];
      return {
        message: `object instance has properties which are not allowed by the schema: ${JSON.stringify(unwanted)}`,
        unwanted,
      };
    }
    case "minimum":
      return {
        message: `numeric instance is lower than the required minimum (minimum: ${params.limit}, found: ${String(found)})`,
        minimum: params.limit,
        found,
      };
    case "type":
      return {
        message: `instance type (${typeOf(found)}) does not match any allowed primitive type (allowed: ${JSON.stringify([params.type])})`,
        found: typeOf(found),
        expected: [params.type],
      };
    default:
      return { message: `${message ?? keyword}, found: ${JSON.stringify(found)}`, found };
  }
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function valueAt(root: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((value, part) => (isRecord(value) ? value[part] : undefined), root);
}
