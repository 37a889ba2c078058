import { HttpError } from "../../../../standins/common/http";
import type { AppDefinition } from "../../../../standins/dcos/master/app";
import { Marathon } from "../../../../standins/dcos/master/marathon";
import { Mesos } from "../../../../standins/dcos/master/mesos";
import { dumpMesos, emptyMesos, loadMesos } from "../../../../standins/dcos/master/mesos-state";
import { parseApp } from "../../../../standins/dcos/master/parse-app";
import { settle } from "../../../../standins/dcos/master/settle";
import {
  dumpState,
  emptyState,
  loadState,
  type State,
} from "../../../../standins/dcos/master/state";
import type { TaskReport, TaskSpec, TaskState } from "../../../../standins/dcos/protocol";

function app(fields: Readonly<Record<string, unknown>> = {}): AppDefinition {
  const parsed = parseApp({ id: "/x", cmd: "true", cpus: 1, mem: 100, ...fields });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.app;
}

const registration = {
  name: "marathon",
  hostname: "master",
  port: 8080,
  role: "*",
  failoverTimeoutSeconds: 600,
};

/** A cluster whose agents do at once what they are told, on a clock that is moved by hand. */
class Cluster {
  now = Date.parse("2026-01-01T00:00:00.000Z");
  private count = 0;
  readonly marathon: Marathon;
  readonly mesos: Mesos;
  /** What each agent runs. */
  readonly agents = new Map<string, Map<string, TaskReport>>();

  constructor(
    state: State = emptyState(),
    agents: readonly string[] = ["a", "b", "c"],
    mesos = emptyMesos(),
  ) {
    this.marathon = new Marathon(state, {
      now: () => this.now,
      newId: () => String(++this.count),
      save: () => undefined,
    });
    this.mesos = new Mesos(mesos, {
      now: () => this.now,
      newId: () => "framework",
      agentTimeoutMs: 75_000,
      save: () => undefined,
    });
    for (const name of agents) this.agents.set(name, new Map());
    this.turn();
  }

  put(definition: AppDefinition | null, force = false) {
    return this.marathon.deploy(new Map([[definition?.id ?? "/x", definition]]), force);
  }

  /** Every agent reports once; new tasks run from then on, and unwanted ones are gone. */
  turn(state: TaskState = "TASK_RUNNING"): void {
    this.now += 100;
    for (const [name, tasks] of this.agents) {
      const report = {
        name,
        address: name,
        role: "private",
        resources: { cpus: 4, mem: 4096 },
      } as const;
      this.mesos.report({ ...report, tasks: [...tasks.values()] });
      settle(this.marathon, this.mesos, registration);
      const orders = this.mesos.orders(name);
      const wanted = new Map(orders.tasks.map((spec) => [spec.id, spec]));
      for (const id of [...tasks.keys()]) if (!wanted.has(id)) tasks.delete(id);
      for (const spec of wanted.values()) {
        if (!tasks.has(spec.id)) tasks.set(spec.id, running(spec, state));
      }
    }
  }

  turns(count: number): void {
    for (let i = 0; i < count; i++) this.turn();
  }

  running(): readonly string[] {
    return [...this.agents.values()].flatMap((tasks) => [...tasks.keys()]).sort();
  }

  deployments(): number {
    return this.marathon.state.deployments.size;
  }
}

function running(spec: TaskSpec, state: TaskState): TaskReport {
  return { id: spec.id, state, message: state === "TASK_FAILED" ? "no good" : "", health: [] };
}

const task = (n: number) => `x.instance-${n}._app.1`;
const unique = { constraints: [["hostname", "UNIQUE"]] };

test("a new app is started, then scaled, and the deployment ends when its tasks run", () => {
  const cluster = new Cluster();
  const { steps } = cluster.put(app({ instances: 2 }));
  expect(steps).toEqual([
    [{ action: "StartApplication", app: "/x" }],
    [{ action: "ScaleApplication", app: "/x" }],
  ]);
  expect([...cluster.marathon.state.deployments.values()].map((one) => one.currentStep)).toEqual([
    1,
  ]);
  cluster.turn();
  expect(cluster.deployments()).toBe(1);
  cluster.turn();
  expect(cluster.deployments()).toBe(0);
  expect(cluster.running()).toHaveLength(2);
});

test("the same app again changes nothing", () => {
  const cluster = new Cluster();
  cluster.put(app());
  cluster.turns(2);
  const before = cluster.running();
  expect(cluster.put(app()).steps).toEqual([]);
  cluster.turns(2);
  expect(cluster.running()).toEqual(before);
});

test("more and fewer instances leave the tasks of before alone", () => {
  const cluster = new Cluster();
  cluster.put(app({ instances: 1 }));
  cluster.turns(2);
  const [first] = cluster.running();
  expect(cluster.put(app({ instances: 3 })).steps).toEqual([
    [{ action: "ScaleApplication", app: "/x" }],
  ]);
  cluster.turns(3);
  expect(cluster.running()).toHaveLength(3);
  cluster.put(app({ instances: 1 }));
  cluster.turns(3);
  expect(cluster.running()).toEqual([first]);
  expect(cluster.deployments()).toBe(0);
});

test("a changed app replaces its tasks without fewer of them running", () => {
  const cluster = new Cluster();
  cluster.put(app({ instances: 2 }));
  cluster.turns(2);
  const before = cluster.running();
  const { steps } = cluster.put(app({ instances: 2, cmd: "false" }));
  expect(steps).toEqual([[{ action: "RestartApplication", app: "/x" }]]);
  for (let i = 0; i < 6; i++) {
    cluster.turn();
    expect(cluster.running().length).toBeGreaterThanOrEqual(2);
  }
  expect(cluster.deployments()).toBe(0);
  expect(cluster.running().filter((id) => before.includes(id))).toEqual([]);
});

test("with a task on every agent the default strategy stalls, and one that frees them does not", () => {
  const cluster = new Cluster();
  cluster.put(app({ instances: 3, ...unique }));
  cluster.turns(2);
  cluster.put(app({ instances: 3, ...unique, cmd: "false" }));
  cluster.turns(20);
  expect(cluster.deployments()).toBe(1);
  expect(cluster.marathon.queue()[0]?.declined).toEqual({
    a: "UnfulfilledConstraint",
    b: "UnfulfilledConstraint",
    c: "UnfulfilledConstraint",
  });
  const upgradeStrategy = { minimumHealthCapacity: 0, maximumOverCapacity: 0 };
  cluster.put(app({ instances: 3, ...unique, cmd: "false", upgradeStrategy }), true);
  cluster.turns(5);
  expect(cluster.deployments()).toBe(0);
  expect(cluster.running()).toHaveLength(3);
});

test("an app is locked by its deployment until that is forced away", () => {
  const cluster = new Cluster();
  const { id } = cluster.put(app({ instances: 4, ...unique }));
  cluster.turns(3);
  let refusal: unknown;
  try {
    cluster.put(app({ instances: 1 }));
  } catch (thrown) {
    refusal = thrown;
  }
  expect(refusal).toBeInstanceOf(HttpError);
  expect(refusal).toMatchObject({ status: 409, body: { deployments: [{ id }] } });
  cluster.put(app({ instances: 1, ...unique }), true);
  cluster.turns(3);
  expect(cluster.deployments()).toBe(0);
  expect(cluster.running()).toHaveLength(1);
});

test("a cancelled deployment is rolled back, or left where it stands", () => {
  const cluster = new Cluster();
  cluster.put(app({ instances: 1, ...unique }));
  cluster.turns(2);
  const stuck = cluster.put(app({ instances: 4, ...unique }));
  cluster.turns(2);
  expect(cluster.marathon.cancel(stuck.id, false)).toBeDefined();
  cluster.turns(3);
  expect(cluster.running()).toHaveLength(1);
  const again = cluster.put(app({ instances: 4, ...unique }));
  cluster.turns(2);
  expect(cluster.marathon.cancel(again.id, true)).toBeUndefined();
  cluster.turns(3);
  expect(cluster.running()).toHaveLength(3);
  expect(cluster.marathon.queue()[0]?.count).toBe(1);
  expect(() => cluster.marathon.cancel("none", false)).toThrow("HTTP 404");
});

test("a deleted app is gone at once, its deployment ends with its last task", () => {
  const cluster = new Cluster();
  cluster.put(app({ instances: 2 }));
  cluster.turns(2);
  cluster.put(null);
  expect(cluster.marathon.state.apps.size).toBe(0);
  expect(cluster.deployments()).toBe(1);
  cluster.turns(2);
  expect(cluster.running()).toEqual([]);
  expect(cluster.deployments()).toBe(0);
});

test("tasks that fail are tried again, ever later", () => {
  const cluster = new Cluster(emptyState(), ["a"]);
  cluster.put(app());
  cluster.turn("TASK_FAILED");
  cluster.turn();
  expect(cluster.marathon.state.apps.get("/x")?.lastFailure).toMatchObject({
    message: "no good",
    host: "a",
    state: "TASK_FAILED",
  });
  expect(cluster.marathon.queue()).toMatchObject([{ count: 1, delayMs: 1000 }]);
  cluster.now += 1000;
  cluster.turn("TASK_FAILED");
  cluster.turn();
  expect(cluster.marathon.queue()).toMatchObject([{ count: 1, delayMs: 1150 }]);
  cluster.marathon.resetDelay("/x");
  cluster.turns(2);
  expect(cluster.running()).toEqual([task(4)]);
  expect(cluster.marathon.queue()).toEqual([]);
});

test("the tasks of a lost agent are started elsewhere, and ended when it comes back", () => {
  const cluster = new Cluster(emptyState(), ["a", "b"]);
  cluster.put(app({ instances: 2, ...unique }));
  cluster.turns(2);
  const lost = cluster.agents.get("a");
  cluster.agents.delete("a");
  cluster.agents.set("c", new Map());
  cluster.now += 75_000;
  cluster.turns(2);
  expect([...(cluster.agents.get("c")?.keys() ?? [])]).toHaveLength(1);
  expect(cluster.marathon.queue()).toEqual([]);
  if (lost === undefined) throw new Error("no agent a");
  cluster.agents.set("a", lost);
  cluster.turn();
  expect(lost.size).toBe(0);
});

test("a restart of the master changes nothing", () => {
  const cluster = new Cluster();
  cluster.put(app({ instances: 2 }));
  cluster.turns(2);
  const dump = JSON.parse(JSON.stringify(dumpState(cluster.marathon.state)));
  const mesos = JSON.parse(JSON.stringify(dumpMesos(cluster.mesos.state)));
  const next = new Cluster(loadState(dump), [], loadMesos(mesos, cluster.now));
  expect(next.marathon.state.apps).toEqual(cluster.marathon.state.apps);
  next.now = cluster.now;
  for (const [name, tasks] of cluster.agents) next.agents.set(name, tasks);
  const before = next.running();
  next.turns(3);
  expect(next.running()).toEqual(before);
});

test("a state of another format is refused", () => {
  expect(() => loadState({ format: 0 })).toThrow(
    "the state is of another version of this program; remove it",
  );
});

test("versions grow even when the clock does not", () => {
  const cluster = new Cluster();
  const first = cluster.put(app()).version;
  const second = cluster.put(app({ cmd: "false" }), true).version;
  expect([first, second]).toEqual(["2026-01-01T00:00:00.100Z", "2026-01-01T00:00:00.101Z"]);
});
