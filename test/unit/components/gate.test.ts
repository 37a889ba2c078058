import { isSecret, output } from "@pulumi/pulumi";
import { Gate } from "../../../components/gate";
import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import { UpdateOrder } from "../../../components/order";
import { Reflector } from "../../../components/reflector";
import { named, type Registered, registeredBy } from "../../helpers/mocks";

const lab = readStackConfig("Pulumi.lab.yaml");
const plan = makePlan(lab);

let gate: Gate | undefined;

/** The lab's reflector, with the gate or without. */
function made(withGate: boolean): Promise<readonly Registered[]> {
  return registeredBy((options) => {
    const order = new UpdateOrder();
    const [reflector] = Object.values(plan.reflectors);
    if (reflector === undefined) throw new Error("no reflector in the plan");
    const last = new Reflector(reflector.name, { plan, reflector, order }, options);
    if (withGate)
      gate = new Gate("gate", { plan, access: { secret: "x" }, probes: ["dcos"], order }, options);
    order.close();
    return last;
  });
}

test("counting begins before anything is widened, and nothing is narrowed before the checks", async () => {
  const found = await made(true);
  const waits = (name: string) => named(found, name).options.dependsOn;
  expect(waits("gate-watch")).toEqual([]);
  expect(waits("reflector-neighbours")).toContain("gate-watch");
  expect(waits("gate-check")).toEqual(["gate-watch"]);
  expect(waits("reflector-narrow")).toEqual(["gate-check", "reflector-neighbours"]);
});

test("the steps have the plan, and the access as a secret in their environment", async () => {
  const { inputs } = named(await made(true), "gate-check");
  expect(JSON.parse(String(inputs.stdin))).toEqual(
    JSON.parse(JSON.stringify({ plan, probes: ["dcos"] })),
  );
  expect(JSON.stringify(inputs.environment)).toContain("1b47061264138c4ac30d75fd1eb44270");
});

test("what was lost is no secret", async () => {
  await made(true);
  expect(await isSecret(gate?.traffic ?? output(undefined))).toBe(false);
});

test("nothing of it is there where the configuration does not ask for it", async () => {
  expect((await made(false)).map(({ name }) => name)).not.toContain("gate-check");
  expect(named(await made(false), "reflector-narrow").options.dependsOn).toEqual([
    "reflector-neighbours",
  ]);
  expect(lab).not.toHaveProperty("gate");
  expect(parseConfig({ ...lab, gate: false })).not.toHaveProperty("gate");
  expect(parseConfig({ ...lab, gate: true })).toHaveProperty("gate", true);
});
