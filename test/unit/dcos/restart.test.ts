import { z } from "zod";
import { packageSpecs } from "../../../components/dcos/packages";
import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import { parseApp } from "../../../standins/dcos/master/parse-app";
import { restart } from "../../../standins/dcos/master/rollout";
import type { TaskRecord } from "../../../standins/dcos/master/state";
import { describeWithShared, sharedText } from "../../helpers/shared";

const { network, reflectors } = readStackConfig("Pulumi.lab.yaml");

/** The options of marathon-lb for a number of public agents. */
function options(publicAgents: number, own: object = {}) {
  const packages = { "marathon-lb": { options: { "marathon-lb": own } } };
  const agents = Array.from({ length: publicAgents }, (_, i): [string, object] => [
    `public-${i}`,
    { address: `172.16.18.${50 + i}`, role: "public" },
  ]);
  const dcos = {
    kind: "dcos",
    podCidr: "192.168.128.0/17",
    policy: "open",
    access: { url: "https://dcos.example.com", etcd: ["http://10.0.0.1:2379"] },
    packages,
    nodes: { "agent-1": { address: "172.16.18.43" }, ...Object.fromEntries(agents) },
  };
  const { coes } = makePlan(parseConfig({ network, reflectors, coes: { dcos } }));
  if (coes.dcos === undefined) throw new Error("no dcos");
  return packageSpecs(coes.dcos, packages)["marathon-lb"]?.options["marathon-lb"];
}

test("one marathon-lb alone may be ended before the next one is started, for it has the ports", () => {
  expect(options(1)).toMatchObject({ instances: 1, minimumHealthCapacity: 0 });
  expect(options(2)).not.toHaveProperty("minimumHealthCapacity");
  expect(options(2, { instances: 1 })).toHaveProperty("minimumHealthCapacity", 0);
  expect(options(1, { instances: 2 })).not.toHaveProperty("minimumHealthCapacity");
  expect(options(1, { minimumHealthCapacity: 1 })).toHaveProperty("minimumHealthCapacity", 1);
});

describeWithShared("dcos-conformance/marathon", "Marathon's restart of an app", () => {
  const { cases } = z
    .object({
      cases: z.array(
        z.object({
          instances: z.number(),
          minimumHealthCapacity: z.number(),
          maximumOverCapacity: z.number(),
          maxCapacity: z.number(),
          killAtOnce: z.number(),
        }),
      ),
    })
    .parse(JSON.parse(sharedText("dcos-conformance", "marathon", "restart-cases.json")));

  test.each(cases)(
    "$instances with $minimumHealthCapacity and $maximumOverCapacity: the stand-in kills $killAtOnce at once",
    ({ instances, minimumHealthCapacity, maximumOverCapacity, maxCapacity, killAtOnce }) => {
      const upgradeStrategy = { minimumHealthCapacity, maximumOverCapacity };
      const parsed = parseApp({ id: "/x", cmd: "true", instances, upgradeStrategy });
      if ("problems" in parsed) throw new Error("no app");
      const version = "2026-01-02T00:00:00.000Z";
      const record = {
        definition: parsed.app,
        version,
        lastScalingAt: version,
        lastConfigChangeAt: version,
      };
      const tasks = Array.from({ length: instances }, (_, i): TaskRecord => task(`t${i}`));
      const { launch, kill } = restart(record, tasks);
      expect([kill.length, tasks.length + launch]).toEqual([killAtOnce, maxCapacity]);
    },
  );

  test("what is asked of marathon-lb is a case in which one is killed at once", () => {
    const asked = z
      .looseObject({ instances: z.number(), minimumHealthCapacity: z.number() })
      .parse(options(1));
    const found = cases.find(
      (one) =>
        one.instances === asked.instances &&
        one.minimumHealthCapacity === asked.minimumHealthCapacity,
    );
    expect(found?.killAtOnce).toBe(1);
  });
});

/** A task of an older version that runs. */
function task(id: string): TaskRecord {
  return {
    spec: {
      id,
      containerId: id,
      appId: "/x",
      version: "2026-01-01T00:00:00.000Z",
      command: "true",
      env: {},
      network: { mode: "host" },
      ports: [],
      healthChecks: [],
      killGraceSeconds: 3,
    },
    agent: "a",
    host: "10.0.0.1",
    resources: { cpus: 1, mem: 1 },
    state: "TASK_RUNNING",
    stagedAt: "2026-01-01T00:00:00.000Z",
    health: [],
    dying: false,
  };
}
