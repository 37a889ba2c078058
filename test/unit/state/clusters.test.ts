import { readFileSync } from "node:fs";
import { join } from "node:path";
import { registrationsOf } from "../../helpers/registrations";

/*
 * What the program registered with the engine before the kinds of COE had contracts. When a stack of that time is previewed,
 * the engine compares just this with its state: each difference would be something to do.
 */
test("a stack of clusters made before has nothing to do", async () => {
  const then = JSON.parse(readFileSync(join(__dirname, "clusters.json"), "utf8"));
  expect(await registrationsOf("clusters", "test/unit/state/clusters.yaml")).toEqual(then);
}, 60_000);
