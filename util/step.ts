import { text } from "node:stream/consumers";
import type { z } from "zod";
import { exitCode, SeamlessError } from "./errors";

/** Reads a step's standard input, JSON of a given shape. */
export async function readInput<T>(schema: z.ZodType<T>): Promise<T> {
  const raw = await text(process.stdin);
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw);
  } catch {
    throw new SeamlessError("standard input is not JSON", exitCode.usage);
  }
  const result = schema.safeParse(parsed);
  if (result.success) return result.data;
  const what = result.error.issues.map((one) => `${one.path.join(".")}: ${one.message}`);
  throw new SeamlessError(`standard input: ${what.join("; ")}`, exitCode.usage);
}

/** What the run of a step before this one printed, JSON of a given shape; the engine hands it on. Undefined: nothing of that shape. */
export function previousOutput<T>(schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(process.env.PULUMI_COMMAND_STDOUT ?? ""));
  } catch {
    return undefined;
  }
}

/** Progress of a step: shown by Pulumi at the resource while it is worked on. */
export function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** A step's environment variable. */
export function requiredVariable(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new SeamlessError(`the environment variable ${name} is not set`, exitCode.usage);
}
