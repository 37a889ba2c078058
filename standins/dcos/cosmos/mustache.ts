import Mustache from "mustache";
import { isRecord } from "../../../util/json";
import type { Json } from "./package";

/** Prints as JSON prints it, and is not taken for nothing in a section when it is 0. */
class Printed {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** A list that a variable prints like JSON, with its texts in quotes; a section goes through it all the same. */
function printedList(items: readonly unknown[]): readonly unknown[] {
  const shown = items.map((one) => (typeof one === "string" ? JSON.stringify(one) : view(one)));
  return Object.assign(shown, { toString: () => `[${shown.map(String).join(", ")}]` });
}

/**
 * Renders a package's template by the rules of Cosmos: nothing is escaped for HTML; texts are escaped as inside a JSON
 * string, without its quotes, and in lists with them; false, missing and empty leave a section out; and
 * `{{#asJson}}name{{/asJson}}` is the JSON of a text variable, or null.
 */
export function renderTemplate(template: string, options: Json): string {
  const view = {
    ...viewOf(options),
    asJson: () => (name: string) => JSON.stringify(textAt(options, name.trim()) ?? null),
  };
  return Mustache.render(template, view, {}, { escape: String });
}

function viewOf(record: Json): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, view(value)]));
}

function view(value: unknown): unknown {
  if (typeof value === "string") return JSON.stringify(value).slice(1, -1);
  if (typeof value === "number") return new Printed(String(value));
  if (Array.isArray(value)) return printedList(value);
  return isRecord(value) ? viewOf(value) : value;
}

function textAt(options: Json, path: string): string | undefined {
  const value = path
    .split(".")
    .reduce<unknown>((at, part) => (isRecord(at) ? at[part] : undefined), options);
  return typeof value === "string" ? value : undefined;
}
