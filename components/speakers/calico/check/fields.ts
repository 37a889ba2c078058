import { z } from "zod";
import { didYouMean, inWords } from "../../../../config/words";

/** What is wrong with a value: says what is allowed. Undefined: nothing. */
export type Rule = (value: string) => string | undefined;

export function must(fits: (value: string) => boolean, allowed: string): Rule {
  return (value) => (fits(value) ? undefined : `allowed: ${allowed}`);
}

/** A text that has to be there, and to follow the rule. */
export function text(rule: Rule) {
  return z.string().superRefine((value, context) => {
    const message = rule(value);
    if (message !== undefined) context.addIssue({ code: "custom", message, input: value });
  });
}

/** A text that may be left out, which Calico takes an empty one for. */
export function optional(rule: Rule = () => undefined) {
  return text((value) => (value === "" ? undefined : rule(value))).optional();
}

/** One of some words, or none. */
export function choice<const Words extends readonly string[]>(words: Words) {
  return z.enum([...words, ""]).optional();
}

/** A whole number. */
export function whole(least: number, most: number) {
  const inside = (value: number) => value >= least && value <= most;
  return z
    .int()
    .refine(inside, { error: `allowed: ${least} to ${most}` })
    .optional();
}

/** A number or a text, as in ports, protocols and AS numbers. */
export function either(fits: (value: unknown) => value is number | string, allowed: string) {
  // The rules about several fields are asked all the same.
  return z.custom<number | string>(fits, { error: `allowed: ${allowed}`, abort: false });
}

export const flag = z.boolean().optional();
export const texts = z.record(z.string(), z.string()).optional();

/** A map of exactly these fields. */
export function fields<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === "unrecognized_keys" ? Object.keys(shape).sort().join(", ") : undefined,
  });
}

/** What is wrong about fields together. */
export interface Conflict {
  readonly path: readonly PropertyKey[];
  /** What was found there. */
  readonly found: unknown;
  /** What is allowed, and what to do. */
  readonly message: string;
}

/** A map with rules about several fields, which are asked when each field is of its type. */
export function withRules<Schema extends z.ZodType>(
  schema: Schema,
  conflicts: (value: z.output<Schema>) => Iterable<Conflict>,
) {
  return schema.superRefine((value, context) => {
    for (const { path, found, message } of conflicts(value))
      context.addIssue({ code: "custom", path: [...path], message, input: found });
  });
}

/** An issue as path and message; each unknown field is one of its own. */
export function explain(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: inWords(issue) }];
  const known = issue.message.split(", ");
  return issue.keys.map((key) => ({
    path: [...issue.path, key],
    message: `unknown field; allowed: ${issue.message}${didYouMean(key, known)}`,
  }));
}
