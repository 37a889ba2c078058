import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { z } from "zod";
import {
  addressAt,
  comparePrefixes,
  formatAddress,
  formatPrefix,
  isPrefix,
  lastOf,
  overlap,
  parseAddress,
  parsePrefix,
  prefix,
  sizeOf,
  split,
  within,
} from "../../../util/net";
import { anyAddress, anyPrefix } from "../../helpers/net";

const folder = join(__dirname, "../fixtures/net");
const pair = z.tuple([z.string(), z.string()]);
const casesSchema = z.object({
  addresses: z.array(z.string()),
  prefixes: z.array(z.string()),
  pairs: z.array(pair),
});
const answersSchema = z.object({
  addresses: z.array(z.object({ family: z.number(), value: z.string(), canonical: z.string() })),
  prefixes: z.array(
    z.object({
      canonical: z.string(),
      strict: z.boolean(),
      size: z.string(),
      first: z.string(),
      last: z.string(),
      third: z.string().nullable(),
      blocks: z.array(z.string()),
    }),
  ),
  pairs: z.array(z.object({ overlap: z.boolean(), within: z.boolean(), first: z.boolean() })),
});
const recorded = z
  .object({ cases: casesSchema, answers: answersSchema })
  .parse(JSON.parse(readFileSync(join(folder, "python.json"), "utf8")));

type Cases = z.infer<typeof casesSchema>;
type Answers = z.infer<typeof answersSchema>;

/** What Python's ipaddress says; undefined where there is no Python 3. */
function python(cases: Cases): Answers | undefined {
  const script = join(folder, "answers.py");
  const { status, stdout, error, stderr } = spawnSync("python3", [script], {
    input: JSON.stringify(cases),
    encoding: "utf8",
  });
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error(stderr);
  return answersSchema.parse(JSON.parse(stdout));
}

/** The same questions, asked of this program. */
function ours({ addresses, prefixes, pairs }: Cases): Answers {
  return {
    addresses: addresses.map((text) => {
      const found = parseAddress(text);
      if (found === undefined) throw new Error(text);
      return { ...found, value: String(found.value), canonical: formatAddress(found) };
    }),
    prefixes: prefixes.map((text) => {
      const parsed = parsePrefix(text);
      if (!isPrefix(parsed) && parsed.fault !== "host-bits") throw new Error(text);
      const canonical = isPrefix(parsed) ? formatPrefix(parsed) : parsed.canonical;
      const found = prefix(canonical);
      const longer = Math.min(found.length + 3, found.family === 4 ? 32 : 128);
      return {
        canonical,
        strict: isPrefix(parsed),
        size: String(sizeOf(found)),
        first: addressAt(canonical, 0),
        last: formatAddress(lastOf(found)),
        third: sizeOf(found) > 2n ? addressAt(canonical, 2) : null,
        blocks: [...split(found, longer)].map(formatPrefix),
      };
    }),
    pairs: pairs.map(([one, other]) => {
      const [a, b] = [prefix(one), prefix(other)];
      return { overlap: overlap(a, b), within: within(a, b), first: comparePrefixes(a, b) < 0 };
    }),
  };
}

test("the recorded answers of Python's ipaddress", () => {
  expect(recorded.cases.addresses.length).toBeGreaterThan(200);
  expect(ours(recorded.cases)).toEqual(recorded.answers);
});

test("Python's ipaddress says the same of other cases, where there is Python", () => {
  const seed = fc.sample(fc.integer(), 1)[0] ?? 0;
  const all = { numRuns: 300, seed };
  const cases = {
    addresses: fc.sample(anyAddress.map(formatAddress), all),
    prefixes: fc.sample(
      fc.tuple(anyAddress, fc.nat(128)).map(([one, length]) => {
        const text = formatAddress(one);
        return `${text}/${one.family === 4 ? length % 33 : length}`;
      }),
      all,
    ),
    pairs: fc.sample(
      fc
        .tuple(anyPrefix, anyPrefix)
        .map(([a, b]): [string, string] => [formatPrefix(a), formatPrefix(b)]),
      all,
    ),
  };
  const theirs = python(cases);
  if (theirs !== undefined) expect({ seed, ...ours(cases) }).toEqual({ seed, ...theirs });
});
