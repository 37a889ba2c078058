import { z } from "zod";

/**
 * What can be read of a value, whatever else is wrong with it: what is of the wrong type counts as absent, and a word that
 * is none of those allowed is a word. Rules judge this, so that a slip in one place hides no problem in another.
 */
export type Readable<T> = T extends string
  ? string
  : T extends readonly unknown[] | number | boolean
    ? T
    : T extends object
      ? string extends keyof T
        ? Readonly<Record<string, Readable<T[keyof T]>>>
        : { readonly [Key in keyof T]?: Readable<T[Key]> | undefined }
      : T;

/** Reads as much of a value as can be read. @returns undefined where nothing can */
export function readable<T>(schema: z.ZodType<T>, value: unknown): Readable<T> | undefined {
  // The schema is walked by its parts, which the compiler cannot follow.
  return read(schema, value) as Readable<T> | undefined;
}

/** Whether a value is a map. */
export function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function read(schema: z.core.$ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    const found = value === undefined ? undefined : read(schema.def.innerType, value);
    return found ?? z.parse(schema, undefined);
  }
  const inner = innerOf(schema);
  if (inner !== undefined) return value === undefined ? undefined : read(inner, value);
  if (schema instanceof z.ZodUnion) {
    // A map is one of those that the options know; anything else is a whole.
    const option = isFields(value) ? schema.options.find(isMap) : undefined;
    return option === undefined ? whole(schema, value) : read(option, value);
  }
  if (schema instanceof z.ZodObject) return isFields(value) ? fields(schema, value) : undefined;
  if (schema instanceof z.ZodRecord) {
    if (!isFields(value)) return undefined;
    const { valueType } = schema.def;
    const entries = Object.entries(value).flatMap(([key, one]): [string, unknown][] => {
      const found = read(valueType, isMap(valueType) && !isFields(one) ? {} : one);
      return found === undefined ? [] : [[key, found]];
    });
    return Object.fromEntries(entries);
  }
  return whole(schema, value);
}

function fields(schema: z.ZodObject, value: Readonly<Record<string, unknown>>): object {
  const entries = Object.entries(schema.shape).flatMap(([key, one]): [string, unknown][] => {
    const found = read(one, Object.hasOwn(value, key) ? value[key] : undefined);
    return found === undefined ? [] : [[key, found]];
  });
  return Object.fromEntries(entries);
}

/** A text, a number and a yes or no are read whatever the rules of their schema. */
function whole(schema: z.core.$ZodType, value: unknown): unknown {
  if (
    schema instanceof z.ZodString ||
    schema instanceof z.ZodEnum ||
    schema instanceof z.ZodLiteral
  )
    return typeof value === "string" ? value : undefined;
  if (schema instanceof z.ZodNumber) return typeof value === "number" ? value : undefined;
  return z.safeParse(schema, value).data;
}

/** What a schema is around, where it says no more than whether the value may be absent or changed. */
export function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return schema.def.innerType;
  return undefined;
}

/** Whether a schema is of a map. */
export function isMap(schema: z.core.$ZodType): boolean {
  const inner = innerOf(schema);
  if (inner !== undefined) return isMap(inner);
  return schema instanceof z.ZodObject || schema instanceof z.ZodRecord;
}
