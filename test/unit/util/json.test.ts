import { isRecord, mergeDeep } from "../../../util/json";

test("what has named fields is told from lists, null and single values", () => {
  expect([{}, [], null, "x", undefined].map(isRecord)).toEqual([true, false, false, false, false]);
});

test("objects are merged, lists and values replaced, and neither side is changed", () => {
  const base = { a: { b: 1, c: [1, 2] }, d: "x" };
  expect(mergeDeep(base, { a: { c: [3] }, d: { e: 1 } })).toEqual({
    a: { b: 1, c: [3] },
    d: { e: 1 },
  });
  expect(base).toEqual({ a: { b: 1, c: [1, 2] }, d: "x" });
});
