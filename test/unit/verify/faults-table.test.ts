import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { faults, moreFaults } from "../../lab/faults";
import { tableOf } from "../../lab/faults/table";

const docs = readFileSync(join(resolve(__dirname, "..", "..", ".."), "docs", "verify.md"), "utf8");

test("docs/verify.md has the tables of the faults that are planted in labs", () => {
  expect(docs).toContain(tableOf(faults).join("\n"));
  expect(docs).toContain(tableOf(moreFaults).join("\n"));
});

test("30 faults and more have names of their own", () => {
  const all = [...faults, ...moreFaults].map(({ name }) => name);
  expect(all.length).toBeGreaterThanOrEqual(30);
  expect(new Set(all).size).toBe(all.length);
});
