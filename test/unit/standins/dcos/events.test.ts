import { EventSource, type MarathonEvent } from "../../../../standins/dcos/master/events";
import { Marathon } from "../../../../standins/dcos/master/marathon";
import { marathonService } from "../../../../standins/dcos/master/marathon-service";
import { emptyState } from "../../../../standins/dcos/master/state";
import type { HealthResult, TaskState } from "../../../../standins/dcos/protocol";

const time = "2026-01-01T00:00:00.000Z";
const task = "x.instance-1._app.1";

/** A Marathon with one agent, and all that it tells those who listen. */
class Bus {
  private readonly seen: MarathonEvent[] = [];
  private readonly state = emptyState();
  private count = 0;
  readonly events = new EventSource(this.state, () => Date.parse(time));
  readonly marathon = new Marathon(this.state, {
    now: () => Date.parse(time),
    newId: () => String(this.count++),
    save: (state) => this.events.observe(state),
  });

  constructor() {
    this.events.listen((event) => this.seen.push(event));
    this.tell([]);
  }

  request(method: string, path: string, body: unknown = undefined, accept = "*/*") {
    const [name = "", query = ""] = path.split("?");
    return marathonService(
      this.marathon,
      this.events,
      { leader: "master:8080", frameworkName: "marathon" },
      {
        method,
        path: name,
        query: new URLSearchParams(query),
        headers: { accept },
        remoteAddress: "192.0.2.1",
        body: body === undefined ? "" : JSON.stringify(body),
      },
    );
  }

  /** What Mesos says of the agent's tasks. */
  tell(tasks: readonly { id: string; state: TaskState; health?: readonly HealthResult[] }[]): void {
    const agent = {
      name: "a",
      address: "10.0.0.1",
      role: "private",
      resources: { cpus: 4, mem: 4096 },
      usedPorts: [],
      offered: true,
    } as const;
    const reports = tasks.map((one) => ({ health: [], ipAddress: "192.168.128.1", ...one }));
    this.marathon.take({ id: "framework", agents: [{ ...agent, tasks: reports }] });
  }

  /** The events since the last call. */
  take(): readonly MarathonEvent[] {
    return this.seen.splice(0);
  }

  types(): readonly string[] {
    return this.take().map(({ eventType }) => eventType);
  }
}

const app = {
  id: "/x",
  cmd: "true",
  networks: [{ mode: "container", name: "calico-open" }],
  healthChecks: [{ protocol: "MESOS_HTTP" }],
};
const alive = { alive: true, consecutiveFailures: 0 };
const dead = { alive: false, consecutiveFailures: 1 };

test("an app that starts, fails its check, recovers and goes is followed with Marathon's fields", () => {
  const bus = new Bus();
  expect(bus.request("PUT", "/v2/apps//x", app).status).toBe(201);
  const [info, posted] = bus.take();
  const start = { action: "StartApplication", app: "/x" };
  const scaling = { action: "ScaleApplication", app: "/x" };
  const plan = { id: "0", version: time, steps: [{ actions: [start] }, { actions: [scaling] }] };
  expect(info).toEqual({
    eventType: "deployment_info",
    timestamp: time,
    plan,
    currentStep: { actions: [scaling] },
  });
  expect(posted).toMatchObject({
    eventType: "api_post_event",
    timestamp: time,
    clientIp: "192.0.2.1",
    uri: "/v2/apps//x",
    appDefinition: { id: "/x", version: time, networks: app.networks },
  });
  bus.tell([{ id: task, state: "TASK_RUNNING" }]);
  const status = {
    eventType: "status_update_event",
    timestamp: time,
    appId: "/x",
    host: "10.0.0.1",
    ipAddresses: [{ ipAddress: "192.168.128.1", protocol: "IPv4" }],
    message: "",
    ports: [],
    slaveId: "a-S0",
    taskId: task,
    taskStatus: "TASK_RUNNING",
    version: time,
  };
  expect(bus.take()).toEqual([status]);
  bus.tell([{ id: task, state: "TASK_RUNNING", health: [alive] }]);
  const health = {
    eventType: "health_status_changed_event",
    timestamp: time,
    alive: true,
    appId: "/x",
    instanceId: "x.instance-1",
    version: time,
  };
  const success = { eventType: "deployment_success", timestamp: time, id: "0", plan };
  expect(bus.take()).toEqual([
    health,
    {
      eventType: "deployment_step_success",
      timestamp: time,
      plan,
      currentStep: { actions: [scaling] },
    },
    success,
  ]);
  bus.tell([{ id: task, state: "TASK_RUNNING", health: [dead] }]);
  expect(bus.take()).toEqual([{ ...health, alive: false }]);
  bus.request("DELETE", "/v2/apps//x");
  expect(bus.take()).toMatchObject([
    { eventType: "status_update_event", taskStatus: "TASK_KILLING" },
    { eventType: "deployment_info" },
  ]);
  bus.tell([{ id: task, state: "TASK_KILLED" }]);
  expect(bus.take()).toMatchObject([
    { eventType: "status_update_event", taskStatus: "TASK_KILLED", taskId: task },
    { eventType: "deployment_step_success" },
    { eventType: "app_terminated_event", appId: "/x" },
    { eventType: "deployment_success" },
  ]);
});

test("a task that fails is told with its reason", () => {
  const bus = new Bus();
  bus.request("POST", "/v2/apps", app);
  bus.take();
  bus.tell([{ id: task, state: "TASK_FAILED" }]);
  expect(bus.take()).toMatchObject([{ taskStatus: "TASK_FAILED", taskId: task }]);
});

test("a deployment that another replaces has failed, and so has one that is cancelled", () => {
  const bus = new Bus();
  bus.request("PUT", "/v2/apps//x", app);
  bus.take();
  bus.request("PUT", "/v2/apps//x?force=true", { instances: 2 });
  expect(bus.types()).toEqual(["deployment_failed", "deployment_info", "api_post_event"]);
  const [deployment] = bus.marathon.deploymentsOf("/x");
  expect(bus.request("DELETE", `/v2/deployments/${deployment?.id}?force=true`).status).toBe(202);
  expect(bus.types()).toEqual(["deployment_failed"]);
});

test("the stream tells of its start and end and of the types that were asked for", () => {
  const bus = new Bus();
  const types = "event_type=event_stream_attached&event_type=api_post_event";
  const reply = bus.request("GET", `/v2/events?${types}`, undefined, "text/event-stream");
  expect(reply.headers).toMatchObject({ "Content-Type": "text/event-stream;charset=utf-8" });
  const sent: string[] = [];
  const end = reply.stream?.((text) => sent.push(text));
  bus.request("POST", "/v2/apps", app);
  expect(bus.types()).toEqual(["event_stream_attached", "deployment_info", "api_post_event"]);
  end?.();
  expect(bus.types()).toEqual(["event_stream_detached"]);
  const attached = {
    eventType: "event_stream_attached",
    remoteAddress: "192.0.2.1",
    timestamp: time,
  };
  expect(sent).toHaveLength(3);
  expect(sent.slice(0, 2)).toEqual([
    ":\n\n",
    `event: event_stream_attached\ndata: ${JSON.stringify(attached)}\n\n`,
  ]);
  expect(sent[2]?.startsWith('event: api_post_event\ndata: {"eventType":"api_post_event"')).toBe(
    true,
  );
});

test("the stream is only for those who ask for one", () => {
  expect(new Bus().request("GET", "/v2/events").status).toBe(406);
});
