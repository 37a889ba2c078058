import { readFileSync } from "node:fs";
import { makePlan, parseStackConfig, renderPlan } from "../../../components/kinds/planning";
import { gobgpConfig } from "../../../components/reflector/gobgp/config";
import { renderGobgp } from "../../../components/reflector/gobgp/toml";
import { calicoObjects, calicoPlan } from "../../../components/speakers/calico/objects";
import type { ReadNodes } from "../../../config";
import { stacksOf } from "../../helpers/readme";

/** What a cluster of two nodes answers to `nodes: fromCluster`. */
const readNodes: ReadNodes = () => ({
  "control-1": { address: "10.1.0.11", role: "controller" },
  "worker-1": { address: "10.1.0.21", role: "worker" },
});

test.each([
  ["README.md", 1],
  ["docs/configuration.md", 1],
] as const)("the configuration in %s is one, as it stands", (file, count) => {
  const stacks = stacksOf(readFileSync(file, "utf8"));
  expect(stacks).toHaveLength(count);
  for (const text of stacks) {
    const plan = makePlan(parseStackConfig(text, file, { readNodes: readNodes }));
    expect(renderPlan(plan).join("\n")).toContain("10.1.0.21");
    for (const coe of Object.keys(plan.coes))
      expect(Object.keys(calicoObjects(calicoPlan(plan, coe)).peers)).toEqual(["rr-1"]);
    for (const reflector of Object.values(plan.reflectors))
      expect(renderGobgp(gobgpConfig(plan, reflector))).toContain('neighbor-address = "10.1.0.21"');
  }
});
