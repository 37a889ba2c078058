import { readFileSync } from "node:fs";

test("the secret of marathon-lb is made for a cluster in strict mode, which turns http away", () => {
  const text = readFileSync("docs/dcos.md", "utf8");
  expect(text.match(/create-sa-secret .*/g)).toEqual([
    "create-sa-secret --strict lb.pem marathon-lb marathon-lb/service-account-secret",
  ]);
});
