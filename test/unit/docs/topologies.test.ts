import { topologyDocument, topologyPage } from "../../helpers/shapes-document";

test("docs/topologies.md has the table and the pictures that the plan has", () => {
  const [, made] = topologyPage();
  // Where it has not: `npx tsx test/helpers/shapes-document.ts` writes them.
  expect(made).toBe(topologyDocument());
});
