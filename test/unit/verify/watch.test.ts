import type { CheckResult, CheckStatus } from "../../../verify/types";
import { changes, renderChanges, renderCounts, watch } from "../../../verify/watch";

const result = (id: string, status: CheckStatus, remedy?: string): CheckResult => ({
  ...{ id, group: "fib", title: id, status, asked: "a", found: `${id} is ${status}` },
  ...(remedy === undefined ? {} : { remedy }),
});

const time = "2026-01-02T03:04:05Z";

test("the first round tells what does not pass, every other what has changed", () => {
  const first = [result("a", "pass"), result("b", "fail"), result("c", "skip")];
  expect(changes(undefined, first)).toEqual([{ result: first[1] }]);
  const same = first.map((one) => ({ ...one, found: "something else" }));
  expect(changes(first, same)).toEqual([]);
  const next = [
    result("a", "unknown"),
    result("b", "pass"),
    result("d", "fail"),
    result("e", "pass"),
  ];
  expect(changes(first, next)).toEqual([
    { before: "pass", result: next[0] },
    { before: "fail", result: next[1] },
    { result: next[2] },
  ]);
});

test("a line says what changed and what to do, and no round has more than 21", () => {
  const [down, up] = [result("a", "fail", "run: pulumi up"), result("b", "pass")];
  expect(renderChanges([{ before: "pass", result: down }, { result: up }], time)).toEqual([
    `${time} FAIL a: a is fail (do: run: pulumi up)`,
    `${time} ok   b: b is pass`,
  ]);
  const many = Array.from({ length: 400 }, (_, index) => ({
    result: result(`${index}`, "unknown"),
  }));
  const lines = renderChanges(many, time);
  expect(lines).toHaveLength(21);
  expect(lines[0]).toBe(`${time} ???? 0: 0 is unknown`);
  expect(lines[20]).toBe(`${time} ... and 380 other changes`);
  expect(renderCounts([down, up], time)).toBe(
    `${time} 2 checks: 1 passed, 1 failed, 0 skipped, 0 could not be asked`,
  );
});

test("it goes on until it is ended, and tells every round", async () => {
  const end = new AbortController();
  const statuses: CheckStatus[] = ["pass", "fail", "fail", "pass"];
  const told: [boolean, CheckStatus[]][] = [];
  let round = 0;
  await watch({
    everyMs: 1,
    signal: end.signal,
    look: async () => [result("a", statuses[round++] ?? "pass")],
    tell: (found, _, first) => {
      told.push([first, found.map((one) => one.result.status)]);
      if (round === statuses.length) end.abort();
    },
  });
  expect(told).toEqual([
    [true, []],
    [false, ["fail"]],
    [false, []],
    [false, ["pass"]],
  ]);
});
