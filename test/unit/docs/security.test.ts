import { readFileSync } from "node:fs";
import { attackTable } from "../../helpers/rogue";

test("docs/security.md has the attacks that are tried with real daemons", () => {
  const text = readFileSync("docs/security.md", "utf8");
  const [, table] = /^## What a rogue node can try\n[\s\S]*?\n\n(\|[\s\S]*?)\n\n/m.exec(text) ?? [];
  expect(table).toBe(attackTable());
});
