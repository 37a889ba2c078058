import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseSet } from "../../components/reflector/bird/prefixes";
import { acceptsLines, acceptsWords, moreNames } from "../../components/reflector/bird/sets";
import { type PrefixPattern, patternsOf, setOf } from "../../util/net";
import { waitFor } from "../../util/wait";
import { askBird } from "../helpers/bgp/ask";
import { makeRoots, type Roots, removeRoots } from "../helpers/bgp/roots";

/*
 * What is accepted, as a real BIRD 2 tells it: a line holds 512 bytes, whatever a set is.
 */
const of = (prefix: string, min: number, max: number): PrefixPattern => ({ prefix, min, max });

const cases: Readonly<Record<string, readonly PrefixPattern[]>> = {
  one: [of("192.168.0.0/17", 26, 26), of("192.168.0.0/17", 32, 32)],
  halves: [of("192.168.0.0/17", 17, 32), of("192.168.128.0/17", 17, 32)],
  many: Array.from({ length: 40 }, (_, index) => of(`10.${index * 2}.0.0/15`, 15, 32)),
  short: [of("10.0.0.0/9", 9, 10), of("172.16.0.0/13", 24, 32)],
  six: [of("fd12:3456:789a::/49", 49, 128), of("fd12:3456:789b:800::/53", 64, 64)],
  single: Array.from({ length: 60 }, (_, index) => of(`10.0.${index}.0/24`, 24, 24)),
};

/** Without this file's care. */
const plain = `define whole = [ ${cases.halves?.map(({ prefix, min, max }) => `${prefix}{${min},${max}}`).join(", ")} ];`;

let roots: Roots;
let bird: ChildProcess;
const socket = () => join(roots.newer, "w/ctl");

beforeAll(async () => {
  roots = await makeRoots();
  const filters = Object.entries(cases).map(
    ([name, accepts]) =>
      `filter from_${name} { if ${acceptsWords(name, accepts)} then accept; reject; }`,
  );
  const sets = Object.entries(cases).flatMap(([name, accepts]) => acceptsLines(name, accepts));
  const text = ["router id 192.0.2.1;", "protocol device { }", plain, ...sets, ...filters];
  writeFileSync(join(roots.newer, "w/conf"), `${text.join("\n")}\n`);
  const argv = ["/usr/sbin/bird", "-f", "-c", "/w/conf", "-s", "/w/ctl", "-P", "/w/pid"];
  bird = spawn("chroot", [roots.newer, ...argv], { stdio: "ignore" });
  await waitFor({ what: "BIRD", timeoutMs: 30_000, intervalMs: 50 }, async () => {
    const seen = await askBird(socket(), "show status").catch((error: Error) => error.message);
    return /up and running/.test(seen) ? { done: true, value: undefined } : { done: false, seen };
  });
}, 180_000);

afterAll(async () => {
  const gone = once(bird, "exit");
  bird.kill("SIGKILL");
  await gone;
  removeRoots(roots);
});

/** The value of a constant. */
async function told(name: string): Promise<string> {
  return (await askBird(socket(), `eval ${name}`)).trim();
}

test("a set that is one constant is not told whole", async () => {
  expect(await told("whole")).toContain("<line overflow>");
});

test.each(Object.entries(cases))("%s is told as it was written", async (name, accepts) => {
  const count = /^define accepts_count_\S+ = (\d+);$/m.exec(acceptsLines(name, accepts).join("\n"));
  const names = [`accepts_${name}`, ...moreNames(name, count?.[1])];
  const seen = await Promise.all(names.map(told));
  const sets = seen.map((one) => /\[.*\]/s.exec(one)?.[0] ?? one);
  expect(patternsOf(setOf(sets.flatMap(parseSet)))).toEqual(patternsOf(setOf(accepts)));
});

test("one constant is enough where BIRD tells it whole", () => {
  expect(acceptsLines("one", cases.one ?? [])).toEqual([
    "define accepts_one = [",
    "  192.168.0.0/17{26,26},\n  192.168.0.0/17{32,32}",
    "];",
  ]);
});
