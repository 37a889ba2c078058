import { isRecord } from "../../../util/json";
import type { Problem } from "./app";

/**
 * Reads fields of a JSON object and notes what is wrong with them, so that all problems of a definition are
 * reported at once. Every reader answers with the default when the field is missing or bad.
 */
export class Fields {
  constructor(
    private readonly record: Readonly<Record<string, unknown>>,
    private readonly path: string,
    private readonly problems: Problem[],
  ) {}

  bad(name: string, error: string): void {
    this.problems.push({ path: `${this.path}/${name}`, errors: [error] });
  }

  /** Notes every field that is not in the list. */
  only(names: readonly string[], why = "is not supported by the stand-in"): void {
    for (const name of Object.keys(this.record)) {
      if (!names.includes(name)) this.bad(name, why);
    }
  }

  has(name: string): boolean {
    return this.record[name] !== undefined && this.record[name] !== null;
  }

  number(name: string, fallback: number, least: number, whole = false): number {
    if (!this.has(name)) return fallback;
    const value = this.record[name];
    if (
      typeof value !== "number" ||
      !Number.isFinite(value) ||
      (whole && !Number.isInteger(value))
    ) {
      this.bad(name, whole ? "must be a whole number" : "must be a number");
      return fallback;
    }
    if (value < least) {
      this.bad(name, `must be at least ${least}, got ${value}`);
      return fallback;
    }
    return value;
  }

  boolean(name: string, fallback: boolean): boolean {
    if (!this.has(name)) return fallback;
    const value = this.record[name];
    if (typeof value === "boolean") return value;
    this.bad(name, "must be true or false");
    return fallback;
  }

  text(name: string): string | undefined {
    if (!this.has(name)) return undefined;
    const value = this.record[name];
    if (typeof value === "string") return value;
    this.bad(name, "must be a text");
    return undefined;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const found = allowed.find((one) => one === value);
    if (found === undefined) this.bad(name, `must be one of ${allowed.join(", ")}, got ${value}`);
    return found ?? fallback;
  }

  texts(name: string): readonly string[] | undefined {
    if (!this.has(name)) return undefined;
    const value = this.record[name];
    if (Array.isArray(value) && value.every((one): one is string => typeof one === "string")) {
      return value;
    }
    this.bad(name, "must be a list of texts");
    return undefined;
  }

  textMap(name: string): Readonly<Record<string, string>> {
    if (!this.has(name)) return {};
    const value = this.record[name];
    if (isRecord(value)) {
      const pairs = Object.entries(value).filter(
        (pair): pair is [string, string] => typeof pair[1] === "string",
      );
      if (pairs.length === Object.keys(value).length) return Object.fromEntries(pairs);
    }
    this.bad(name, "must be an object of texts");
    return {};
  }

  object(name: string): Fields | undefined {
    if (!this.has(name)) return undefined;
    const value = this.record[name];
    if (isRecord(value)) return new Fields(value, `${this.path}/${name}`, this.problems);
    this.bad(name, "must be an object");
    return undefined;
  }

  objects(name: string): readonly Fields[] {
    if (!this.has(name)) return [];
    const value = this.record[name];
    if (Array.isArray(value) && value.every(isRecord)) {
      return value.map((one, i) => new Fields(one, `${this.path}/${name}(${i})`, this.problems));
    }
    this.bad(name, "must be a list of objects");
    return [];
  }

  /** The value as it came, for what has no reader of its own. */
  raw(name: string): unknown {
    return this.record[name];
  }
}
