/** What zod found wrong with a value, in our words. */
import type { z } from "zod";
import { nearest } from "../util/nearest";

/** What was found, and what is allowed; a rule's own message says the latter. */
export function inWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_value":
      return `${describe(issue.input)}; ${choice(issue)}`;
    case "invalid_type":
      return typeMessage(issue);
    default:
      return `${describe(issue.input)}; ${issue.message}`;
  }
}

/** The end of a message about a word nobody knows; empty when none is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const close = nearest(word, known);
  return close === undefined ? "" : `; did you mean ${close}?`;
}

/** A COE of a kind, with its article. */
export function aCoe(kind: string | undefined): string {
  return `${/^[aeiou]/.test(kind ?? "") ? "an" : "a"} ${kind} COE`;
}

function typeMessage(issue: z.core.$ZodIssueInvalidType): string {
  return `${describe(issue.input)}; allowed: ${article(issue.expected)}`;
}

function choice({ values, input }: z.core.$ZodIssueInvalidValue): string {
  const words = values.map(String).filter((word) => word !== "");
  const hint = typeof input === "string" && words.length > 1 ? didYouMean(input, words) : "";
  return `allowed: ${words.join(", ")}${hint}`;
}

/** What was found, without what is inside: a map can be long, and an encrypted value says nothing. */
export function describe(input: unknown): string {
  if (input === undefined) return "missing";
  if (Array.isArray(input)) return "found a list";
  if (typeof input !== "object" || input === null) return `found ${JSON.stringify(input)}`;
  const keys = Object.keys(input);
  if (keys.length === 0) return "found none";
  return keys.join() === "secure" ? "found an encrypted value" : "found a map";
}

function article(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    object: "a map",
    record: "a map",
    string: "a text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
  };
  return names[expected] ?? expected;
}
