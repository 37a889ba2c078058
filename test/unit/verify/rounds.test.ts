import { performance } from "node:perf_hooks";
import { askedAgain, merged } from "../../../verify/merge";
import { defaultPace, type Pace, rounds } from "../../../verify/rounds";
import type { Fault, Judged, Need, Observation, Verdict } from "../../../verify/types";
import { fail, pass } from "../../../verify/verdict";
import { healthy, no, ok, unasked } from "./fixture";

const quick: Pace = {
  times: 3,
  pauses: [1],
  settleMs: 0,
  lateMs: 0,
  unaskedMs: 0,
  restlessMs: 9_000,
};

type Status = Verdict["status"] | "late";

/** A check that gets these verdicts one after the other, the last for ever, and needs what it is called. */
function check(
  name: string,
  ...statuses: readonly [Status, ...Status[]]
): Judged & { asked(): number; lasted(): number } {
  let asked = 0;
  const times: number[] = [];
  return {
    id: `addon/${name}`,
    group: "addon",
    title: name,
    needs: [`addons/${name}`],
    judge: () => {
      times.push(performance.now());
      const status = statuses[Math.min(asked++, statuses.length - 1)] ?? "pass";
      const said = { asked: name, found: `${asked}` };
      return status === "late" ? { ...said, status: "fail", late: true } : { ...said, status };
    },
    asked: () => asked,
    lasted: () => (times.at(-1) ?? 0) - (times[0] ?? 0),
  };
}

async function run(checks: readonly Judged[], pace = quick, waitMs = 0) {
  const asked: Need[][] = [];
  const said: string[] = [];
  const collect = async (needed: ReadonlySet<Need>) => {
    asked.push([...needed]);
    return healthy;
  };
  const onWait = (message: string) => said.push(message);
  const { results } = await rounds({ checks, collect, pace, waitMs, onWait });
  return { statuses: results.map(({ status }) => status), results, asked, said };
}

test("a check that passes is asked once, and one that fails is asked again alone, twice", async () => {
  const { statuses, asked } = await run([check("a", "pass"), check("b", "fail")]);
  expect(statuses).toEqual(["pass", "fail"]);
  expect(asked).toEqual([["addons/a", "addons/b"], ["addons/b"], ["addons/b"]]);
});

test("what fails once or twice and then passes is no fault", async () => {
  const checks = [check("a", "fail", "pass"), check("b", "fail", "fail", "pass")];
  const { results } = await run(checks);
  expect(results.map(({ status, found }) => [status, found])).toEqual([
    ["pass", "2"],
    ["pass", "3"],
  ]);
});

test("what passes in between begins again", async () => {
  const flapping = check("a", "fail", "skip");
  expect((await run([flapping])).statuses).toEqual(["skip"]);
});

test("a failure lasts as long as it takes to settle, and longer where it is late", async () => {
  const pace = { ...quick, pauses: [20], settleMs: 100, lateMs: 300 };
  const [soon, late] = [check("a", "fail"), check("b", "late")];
  const { results } = await run([soon, late], pace);
  expect(results.map((result) => [result.status, "late" in result])).toEqual([
    ["fail", false],
    ["fail", false],
  ]);
  expect(soon.asked()).toBeGreaterThanOrEqual(3);
  expect(soon.lasted()).toBeGreaterThanOrEqual(99);
  expect(late.lasted()).toBeGreaterThanOrEqual(299);
});

/** A check that fails with these faults one after the other, the last for ever; without any it passes. */
function faulty(...rounds: readonly (readonly Fault[])[]): Judged {
  let asked = 0;
  return {
    ...{ id: "addon/faulty", group: "addon", title: "faulty", needs: ["addons/faulty"] },
    judge: () => {
      const faults = rounds[Math.min(asked++, rounds.length - 1)] ?? [];
      const about = { at: "here", expected: "nothing", source: "plan" };
      return faults.length === 0 ? pass("faulty", "sound") : fail("faulty", faults, about);
    },
  };
}

test("of several things that are wrong those count that last, each by itself", async () => {
  const [stays, comes] = ["block 1 has no owner", "block 2 has no owner"];
  const { results } = await run([faulty([stays, "a"], [stays, "b"], [stays, comes])]);
  expect(results.map(({ status, found }) => [status, found])).toEqual([["fail", stays]]);
  const moving = faulty(["a"], ["b"], ["c"], ["d"], []);
  expect((await run([moving])).results).toMatchObject([{ status: "pass", found: "sound" }]);
});

test("a fault whose figures change is the same one", async () => {
  const at = (seconds: number) => ({ same: "apart", found: `apart for ${seconds} s` });
  const { results } = await run([faulty([at(1)], [at(2)], [at(3)])]);
  expect(results).toMatchObject([{ status: "fail", found: "apart for 3 s" }]);
});

test("where something else is wrong each time, nothing is known", async () => {
  const { results } = await run([faulty(["a"], ["b"], ["c"], ["d"])], { ...quick, restlessMs: 0 });
  expect(results).toEqual([
    {
      ...{ id: "addon/faulty", group: "addon", title: "faulty", status: "unknown" },
      ...{ asked: "faulty", at: "here", expected: "nothing", source: "plan" },
      found: "something else in each of 4 rounds, and none of it lasted; at last: d",
      cause: "blocks and containers come and go faster than they can be asked for",
      remedy: "verify again when less is going on",
    },
  ]);
});

test("a question that cannot be put is asked again until its time is over, and is no failure", async () => {
  const pace = { ...quick, pauses: [10], unaskedMs: 500 };
  const [never, once, between] = [
    check("a", "unknown"),
    check("b", "unknown", "pass"),
    check("c", "fail", "unknown", "fail"),
  ];
  const { statuses } = await run([never, once, between], pace);
  expect(statuses).toEqual(["unknown", "pass", "fail"]);
  expect(never.asked()).toBeGreaterThan(2);
  expect(once.asked()).toBe(2);
  expect(between.asked()).toBe(4);
});

test("where nobody is there to be asked, waiting changes nothing", async () => {
  const judge = (): Verdict => ({ status: "unknown", asked: "", found: "no access" });
  const { asked } = await run([{ ...check("a", "pass"), judge }], defaultPace);
  expect(asked).toHaveLength(1);
});

test("--wait goes on after the failure is sure, and looks at everything once more at the end", async () => {
  const slow = check("a", "fail", "fail", "fail", "fail", "fail", "pass");
  const { statuses, asked } = await run([slow, check("b", "pass")], quick, 60_000);
  expect(statuses).toEqual(["pass", "pass"]);
  expect(asked).toEqual([
    ["addons/a", "addons/b"],
    ...Array.from({ length: 5 }, () => ["addons/a"]),
    ["addons/a", "addons/b"],
  ]);
});

test("what is asked again replaces what was seen, and what has no answer any more is gone", () => {
  const before: Observation = {
    ...healthy,
    addons: { a: ok("a", "1"), b: ok("b", "1"), c: ok("c", "1") },
  };
  const again: Observation = { ...healthy, addons: { b: no("b", "gone") }, fetches: {} };
  const after = merged(before, again, new Set<Need>(["addons/b", "addons/c"]));
  expect(after.addons).toEqual({ a: ok("a", "1"), b: no("b", "gone") });
  expect(after.fetches).toEqual(healthy.fetches);
});

test("what could not be asked is asked again alone, and no more often than that", async () => {
  const asked: Need[][] = [];
  const answers = [unasked("b", "timed out"), unasked("b", "timed out"), ok("b", "1")];
  const ask = async (needs: readonly Need[]): Promise<Observation> => {
    asked.push([...needs]);
    const [a, b] = [ok("a", "1"), answers[asked.length - 1] ?? ok("b", "1")];
    return { ...healthy, addons: asked.length === 1 ? { a, b } : { b } };
  };
  const seen = await askedAgain(["addons/a", "addons/b"], ask);
  expect(asked).toEqual([["addons/a", "addons/b"], ["addons/b"], ["addons/b"]]);
  expect(seen.addons).toEqual({ a: ok("a", "1"), b: ok("b", "1") });
  expect((await askedAgain(["addons/b"], ask, 1)).addons).toEqual({ b: ok("b", "1") });
});
