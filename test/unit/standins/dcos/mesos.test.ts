import { HttpError } from "../../../../standins/common/http";
import { Mesos } from "../../../../standins/dcos/master/mesos";
import { showState } from "../../../../standins/dcos/master/mesos-show";
import { dumpMesos, emptyMesos, loadMesos } from "../../../../standins/dcos/master/mesos-state";
import type { FrameworkCall, TaskOrder, TaskReport } from "../../../../standins/dcos/protocol";

/** A Mesos on a clock that is moved by hand, with agents that report when they are told to. */
class Master {
  now = Date.parse("2026-01-01T00:00:00.000Z");
  private count = 0;
  readonly mesos: Mesos;

  constructor(state = emptyMesos()) {
    this.mesos = new Mesos(state, {
      now: () => this.now,
      newId: () => `framework-${++this.count}`,
      agentTimeoutMs: 75_000,
      save: () => undefined,
    });
  }

  /** Lets an agent report; answers with the ids it is to run. */
  report(name: string, tasks: readonly TaskReport[] = []): readonly string[] {
    const resources = { cpus: 4, mem: 1000 };
    this.mesos.report({ name, address: `${name}.host`, role: "private", resources, tasks });
    return this.mesos.orders(name).tasks.map(({ id }) => id);
  }

  call(name: string, id: string | undefined, tasks: readonly TaskOrder[]) {
    const call: FrameworkCall = {
      name,
      ...(id === undefined ? {} : { id }),
      hostname: `${name}.host`,
      port: 1,
      role: "*",
      failoverTimeoutSeconds: 60,
      tasks,
    };
    return this.mesos.exchange(call);
  }

  ids(): readonly string[] {
    return [...this.mesos.state.tasks.keys()];
  }
}

function order(id: string, fields: Partial<TaskOrder> = {}, port = 31_000): TaskOrder {
  return {
    agent: "a",
    name: "x",
    resources: { cpus: 1, mem: 100 },
    labels: {},
    discovery: [],
    spec: {
      id,
      containerId: id,
      appId: "/x",
      version: "",
      command: "true",
      env: {},
      network: { mode: "host" },
      ports: [port],
      hostPorts: [port],
      healthChecks: [],
      killGraceSeconds: 3,
    },
    ...fields,
  };
}

const running = (id: string): TaskReport => ({ id, state: "TASK_RUNNING", health: [] });

test("an agent runs the tasks of all frameworks, and each sees its own and what the others take", () => {
  const master = new Master();
  master.report("a");
  const one = master.call("one", undefined, [order("1")]);
  const two = master.call("two", undefined, [order("2", {}, 31_001)]);
  expect([one.id, two.id]).toEqual(["framework-1", "framework-2"]);
  expect(master.report("a")).toEqual(["1", "2"]);
  master.report("a", [running("1"), running("2")]);
  expect(master.call("one", one.id, [order("1")]).agents).toEqual([
    {
      name: "a",
      address: "a.host",
      role: "private",
      resources: { cpus: 3, mem: 900 },
      usedPorts: [31_001],
      offered: true,
      tasks: [running("1")],
    },
  ]);
});

test("a framework that is slower gets neither a port nor resources that are gone", () => {
  const master = new Master();
  master.report("a");
  const { id } = master.call("one", undefined, [order("1", { resources: { cpus: 3, mem: 1 } })]);
  const other = master.call("two", undefined, [
    order("2"),
    order("3", { resources: { cpus: 2, mem: 1 } }, 31_001),
  ]);
  expect(other.agents[0]?.tasks).toEqual([
    {
      id: "2",
      state: "TASK_LOST",
      message: "Task launched with invalid offers: port 31000 is taken",
      health: [],
    },
    {
      id: "3",
      state: "TASK_LOST",
      message: "Task launched with invalid offers: cpus 1 left",
      health: [],
    },
  ]);
  expect(master.report("a")).toEqual(["1"]);
  expect(id).toBe("framework-1");
});

test("a task that is not wanted any more is there until its agent has nothing of it", () => {
  const master = new Master();
  master.report("a");
  const { id } = master.call("one", undefined, [order("1")]);
  master.report("a");
  // It was handed out, and may run by now.
  expect(master.call("one", id, []).agents[0]?.tasks).toMatchObject([{ state: "TASK_STAGING" }]);
  expect(master.report("a", [running("1")])).toEqual([]);
  expect(master.call("one", id, []).agents[0]?.tasks).toEqual([running("1")]);
  master.report("a");
  expect(master.call("one", id, []).agents[0]?.tasks).toEqual([]);
  expect(master.ids()).toEqual([]);
});

test("a task that was never handed out is gone at once", () => {
  const master = new Master();
  master.report("a");
  const { id } = master.call("one", undefined, [order("1")]);
  master.call("one", id, []);
  expect(master.ids()).toEqual([]);
  expect(master.report("a")).toEqual([]);
});

test("a silent framework keeps its tasks for its failover timeout, then loses them and its id", () => {
  const master = new Master();
  master.report("a");
  const { id } = master.call("one", undefined, [order("1")]);
  master.report("a");
  master.now += 60_000;
  expect(master.report("a", [running("1")])).toEqual(["1"]);
  expect(showState(master.mesos, "m:5050")).toMatchObject({
    frameworks: [{ id, active: false, connected: false }],
  });
  master.now += 6_000;
  expect(master.report("a", [running("1")])).toEqual([]);
  expect(() => master.call("one", id, [order("1")])).toThrow(HttpError);
  expect(master.call("one", undefined, []).id).toBe("framework-2");
});

test("what is torn down does not come back, and only what there is can be", () => {
  const master = new Master();
  const { id } = master.call("one", undefined, []);
  master.mesos.teardown(id);
  let refusal: unknown;
  try {
    master.call("one", id, []);
  } catch (thrown) {
    refusal = thrown;
  }
  expect(refusal).toMatchObject({ status: 410, body: { message: "Framework has been removed" } });
  expect(() => master.mesos.teardown(id)).toThrow("HTTP 400");
});

test("a lost agent takes its tasks along, and runs none of them when it is back", () => {
  const master = new Master();
  master.report("a");
  const { id } = master.call("one", undefined, [order("1")]);
  master.report("a", [running("1")]);
  master.now += 76_000;
  expect(master.call("two", undefined, []).agents).toEqual([]);
  expect(master.report("a", [running("1")])).toEqual([]);
  expect(id).toBe("framework-1");
});

test("all is as before after a restart", () => {
  const master = new Master();
  master.report("a");
  const { id } = master.call("one", undefined, [order("1")]);
  master.report("a");
  master.report("a", [running("1")]);
  const dump = JSON.parse(JSON.stringify(dumpMesos(master.mesos.state)));
  const next = new Master(loadMesos(dump, master.now));
  const view = next.call("one", id, [order("1")]).agents[0];
  expect(view).toMatchObject({ name: "a", offered: false, tasks: [running("1")] });
  expect(next.report("a", [running("1")])).toEqual(["1"]);
  expect(() => loadMesos({ format: 0 }, 0)).toThrow("of another version");
});

test("ports that an agent does not lend out are taken", () => {
  const master = new Master();
  master.mesos.report({
    name: "a",
    address: "a.host",
    role: "private",
    resources: { cpus: 1, mem: 1 },
    ports: { first: 31_002, last: 31_999 },
    tasks: [],
  });
  expect(master.call("one", undefined, []).agents[0]?.usedPorts).toEqual([31_000, 31_001, 32_000]);
});

test("a fault that was asked for keeps tasks from starting, or lets them fail", () => {
  const master = new Master();
  master.report("a");
  const { id } = master.call("one", undefined, [order("1")]);
  master.mesos.spoilTasks("x", "hold", 1_000);
  expect(master.report("a")).toEqual([]);
  master.now += 1_000;
  expect(master.report("a")).toEqual(["1"]);
  master.mesos.spoilTasks("x", "fail", 1_000);
  master.call("one", id, [order("1"), order("2", {}, 31_001)]);
  expect(master.report("a", [running("1")])).toEqual(["1"]);
  const tasks = master.call("one", id, [order("1"), order("2", {}, 31_001)]).agents[0]?.tasks;
  expect(tasks?.[1]).toEqual({
    id: "2",
    state: "TASK_FAILED",
    message: "failed: a fault that was asked for",
    health: [],
  });
  master.mesos.cutOff("a", 1_000);
  expect(() => master.report("a")).toThrow("HTTP 503");
  master.now += 1_000;
  expect(master.report("a")).toEqual([]);
});

test("resources of public agents are offered to the role they are reserved for alone, as Mesos does", () => {
  const master = new Master();
  const resources = { cpus: 4, mem: 1000 };
  const publicAgent = { name: "p", address: "p.host", role: "public", resources } as const;
  master.mesos.report({ ...publicAgent, tasks: [] });
  const wants = [order("1", { agent: "p" })];
  const call = (name: string, role: string, tasks: readonly TaskOrder[]) => {
    const framework = { name, hostname: name, port: 1, role, failoverTimeoutSeconds: 60, tasks };
    return master.mesos.exchange(framework).agents.map(({ offered, tasks: own }) => ({
      offered,
      own: own.map(({ id, state, message }) => [id, state, message]),
    }));
  };
  expect(call("marathon-user", "marathon-user", wants)).toEqual([
    {
      offered: false,
      own: [
        [
          "1",
          "TASK_LOST",
          "Task launched with invalid offers: its resources are reserved for slave_public",
        ],
      ],
    },
  ]);
  expect(call("marathon", "slave_public", wants)).toEqual([
    { offered: true, own: [["1", "TASK_STAGING", undefined]] },
  ]);
});
