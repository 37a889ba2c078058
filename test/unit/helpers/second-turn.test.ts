import { again, type Counted, summary } from "../../helpers/second-turn";

const file = (path: string, passed: number, failed: readonly string[] = []): Counted => ({
  ...{ path: `test/${path}.test.ts`, passed, failed },
  skipped: [],
});

test("two files with daemons get a second turn, three or any other none", () => {
  const failing = (path: string) => file(path, 1, ["it works"]);
  const [one, two, three] = [failing("daemons/a"), failing("daemons/b"), failing("daemons/c")];
  const fine = file("unit/a", 5);
  expect(again([fine])).toEqual([]);
  expect(again([one, fine, two])).toEqual(["test/daemons/a.test.ts", "test/daemons/b.test.ts"]);
  expect(again([one, two, three])).toEqual([]);
  for (const other of ["unit/a", "lab/a", "alone/a"])
    expect(again([one, file(other, 5, ["it is right"])])).toEqual([]);
});

test("the last turn counts, and the first is told", () => {
  const first = [file("unit/a", 5), file("daemons/a", 1, ["it works", "it ends"])];
  expect(summary(first, [])).toEqual(["6 passed, 2 failed"]);
  const told = [
    "failed beside others: test/daemons/a.test.ts: it works",
    "failed beside others: test/daemons/a.test.ts: it ends",
  ];
  expect(summary(first, [file("daemons/a", 3)])).toEqual([...told, "8 passed, 0 failed"]);
  const still = file("daemons/a", 2, ["it ends"]);
  expect(summary(first, [still])).toEqual([...told, "7 passed, 1 failed"]);
});

test("what is skipped is named", () => {
  const skipped = { ...file("daemons/a", 1), skipped: ["it needs more"] };
  expect(summary([skipped], [])).toEqual(["skipped: it needs more", "1 passed, 0 failed"]);
});
