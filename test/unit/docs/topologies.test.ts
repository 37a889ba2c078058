import { readFileSync } from "node:fs";
import { join } from "node:path";
import { topologyDocument } from "../../helpers/shapes-document";

test("docs/topologies.md has the table and the pictures that the plan has", () => {
  const file = join(__dirname, "..", "..", "..", "docs", "topologies.md");
  const [, made] = readFileSync(file, "utf8").split("<!-- made of the plan -->\n\n");
  expect(made).toBe(topologyDocument());
});
