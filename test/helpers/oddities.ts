/** Files of a stack with oddities of YAML, and what Pulumi made of each. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const oddity = z.strictObject({
  name: z.string(),
  /** The file, as text or as bytes in base64. */
  text: z.string().optional(),
  base64: z.string().optional(),
  /** By setting without `seamless:`, what its text says; absent when Pulumi refuses the file. */
  says: z.record(z.string(), z.unknown()).optional(),
});

export type Oddity = z.infer<typeof oddity>;

const file = join(__dirname, "..", "unit", "fixtures", "oddities.json");

/** All of them; what Pulumi makes of them is held to the real one by test/daemons/oddities.test.ts. */
export const oddities: readonly Oddity[] = z
  .array(oddity)
  .parse(JSON.parse(readFileSync(file, "utf8")));

export function bytesOf({ text, base64 }: Oddity): Buffer {
  return base64 === undefined ? Buffer.from(text ?? "") : Buffer.from(base64, "base64");
}
