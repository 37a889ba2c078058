import { readFileSync } from "node:fs";
import { stagesOf } from "../../../cli/commands/tour";
import { makePlan, parseStackConfig } from "../../../components/kinds/planning";
import { nextStep } from "../../../plan";

const text = readFileSync("Pulumi.lab.yaml", "utf8");

test("the tour of the reference lab: nobody, then Kubernetes, then DC/OS too", () => {
  const stages = stagesOf(text, "Pulumi.lab.yaml").map(({ title, text: stage }) => {
    const { coes } = makePlan(parseStackConfig(stage, "stage"));
    const deployed = Object.values(coes).filter((coe) => coe.deployed);
    return [title, deployed.map((coe) => coe.name)];
  });
  expect(stages).toEqual([
    ["the reflector alone", []],
    ["kubernetes joins", ["kubernetes"]],
    ["dcos joins", ["dcos", "kubernetes"]],
  ]);
});

test("nothing but the deployment differs between the stages", () => {
  const [first, second] = stagesOf(text, "Pulumi.lab.yaml");
  const same = (stage: string) => stage.replaceAll(/^ +deploy: (true|false)\n/gm, "");
  expect(same(first?.text ?? "")).toBe(same(second?.text ?? "-"));
});

test("a file without COEs is refused", () => {
  expect(() => stagesOf("config: {}\n", "Pulumi.x.yaml")).toThrow(
    "Pulumi.x.yaml: found no seamless:coes; a tour needs some",
  );
});

test("what to do next says who is not deployed yet", () => {
  const step = (stage: number) => {
    const stageText = stagesOf(text, "Pulumi.lab.yaml")[stage]?.text ?? "";
    return nextStep("lab", makePlan(parseStackConfig(stageText, "stage")));
  };
  expect(step(1)).toBe("set deploy: true for dcos and run pulumi up --stack lab");
  expect(step(2)).toBe("bin/seamless verify --stack lab");
});
