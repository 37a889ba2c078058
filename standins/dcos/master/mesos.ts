import { HttpError } from "../../common/http";
import {
  type AgentOrders,
  type AgentReport,
  type AgentView,
  type FrameworkAnswer,
  type FrameworkCall,
  isTerminal,
  type TaskReport,
} from "../protocol";
import type { AgentRecord, FrameworkRecord, MesosState, MesosTask } from "./mesos-state";
import { hostPortsOf } from "./task-ports";

export interface MesosSurroundings {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A new UUID. */
  readonly newId: () => string;
  /** Milliseconds without a report until an agent is lost. */
  readonly agentTimeoutMs: number;
  /** Called after every change of the state. */
  readonly save: (state: MesosState) => void;
}

/** An agent that has not reported for this long is offered no task, long before it counts as lost. */
const offerMs = 5_000;
/** A scheduler that has not called for this long counts as disconnected; its tasks run on. */
const disconnectMs = 5_000;

/** Agents and frameworks, and the tasks that the second run on the first: the part of the Mesos master that is imitated. */
export class Mesos {
  /** Agents that are not listened to, by name, and until when. */
  private readonly unheard = new Map<string, number>();
  /** Tasks whose start is spoilt, by name, and until when. */
  private readonly spoilt = new Map<
    string,
    { readonly how: "hold" | "fail"; readonly until: number }
  >();

  constructor(
    readonly state: MesosState,
    private readonly around: MesosSurroundings,
  ) {}

  /** Takes in what an agent says of itself and its tasks. */
  report(report: AgentReport): void {
    const { tasks, ...agent } = report;
    if (this.around.now() < (this.unheard.get(agent.name) ?? 0)) {
      throw new HttpError(503, { message: `${agent.name} is cut off: a fault that was asked for` });
    }
    this.state.agents.set(agent.name, {
      ...agent,
      lastSeen: this.around.now(),
      recovered: false,
    });
    const known = new Map(tasks.map((task) => [task.id, task]));
    for (const task of this.tasksOn(agent.name)) {
      this.keep(task, known.get(task.order.spec.id));
    }
    this.advance();
  }

  /** A task after a report of its agent; it is forgotten when it is not wanted and the agent has nothing of it. */
  private keep(task: MesosTask, report: TaskReport | undefined): void {
    const { id } = task.order.spec;
    // What was handed out before the agent spoke is in its words, or there is nothing of it.
    if (report === undefined && !task.wanted) this.state.tasks.delete(id);
    else if (report !== undefined) this.state.tasks.set(id, { ...task, handed: true, report });
  }

  /** All that an agent is to run, for whatever framework. */
  orders(agent: string): AgentOrders {
    const wanted = this.tasksOn(agent).filter((task) => task.wanted);
    const handed = wanted.filter((task) => task.handed || this.mayStart(task));
    for (const task of handed) {
      if (!task.handed) this.state.tasks.set(task.order.spec.id, { ...task, handed: true });
    }
    return { tasks: handed.map((task) => task.order.spec) };
  }

  private mayStart(task: MesosTask): boolean {
    const { name, spec } = task.order;
    if (task.report !== undefined && isTerminal(task.report.state)) return false;
    const fault = this.spoilt.get(name);
    if (fault === undefined || this.around.now() >= fault.until) return true;
    if (fault.how === "fail") {
      const message = "failed: a fault that was asked for";
      const report = { id: spec.id, state: "TASK_FAILED", message, health: [] } as const;
      this.state.tasks.set(spec.id, { ...task, report });
    }
    return false;
  }

  /** Keeps new tasks of a name from starting, or lets them fail; for tests. */
  spoilTasks(name: string, how: "hold" | "fail", milliseconds: number): void {
    this.spoilt.set(name, { how, until: this.around.now() + milliseconds });
  }

  /** Loses an agent and does not listen to it; for tests. */
  cutOff(agent: string, milliseconds: number): void {
    this.unheard.set(agent, this.around.now() + milliseconds);
    this.lose(agent);
  }

  /**
   * Takes in what a framework wants and answers with how things stand.
   * @throws HttpError 410 when the framework was torn down or has failed over too late
   */
  exchange(call: FrameworkCall): FrameworkAnswer {
    this.advance();
    if (call.id !== undefined && this.state.removed.has(call.id)) {
      throw new HttpError(410, { message: "Framework has been removed" });
    }
    const now = this.around.now();
    const { tasks, ...info } = call;
    const id = call.id ?? this.around.newId();
    const old = this.state.frameworks.get(id);
    const record: FrameworkRecord = {
      ...info,
      id,
      registeredAt: old?.registeredAt ?? now,
      lastSeen: now,
    };
    this.state.frameworks.set(id, record);
    const refused = this.want(id, tasks);
    this.around.save(this.state);
    const agents = [...this.state.agents.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return { id, agents: agents.map((agent) => this.view(agent, record, refused)) };
  }

  /** Makes a framework's tasks what it asks for; answers with those that cannot be, by id. */
  private want(framework: string, orders: FrameworkCall["tasks"]): Map<string, TaskReport> {
    const ids = new Set(orders.map((order) => order.spec.id));
    for (const task of this.tasksOf(framework)) {
      const { id } = task.order.spec;
      if (ids.has(id) || !task.wanted) continue;
      if (task.handed) this.state.tasks.set(id, { ...task, wanted: false });
      else this.state.tasks.delete(id);
    }
    const refused = new Map<string, TaskReport>();
    for (const order of orders) {
      const { id } = order.spec;
      // An order for an agent that is lost goes nowhere; its framework sees from the answer that it is lost.
      if (this.state.tasks.has(id) || !this.state.agents.has(order.agent)) continue;
      const reason = this.refusal(framework, order);
      if (reason === undefined) {
        this.state.tasks.set(id, { framework, order, wanted: true, handed: false });
      } else {
        const message = `Task launched with invalid offers: ${reason}`;
        refused.set(id, { id, state: "TASK_LOST", message, health: [] });
      }
    }
    return refused;
  }

  /** What an agent has no room for any more because another framework was faster. */
  private refusal(framework: string, order: FrameworkCall["tasks"][number]): string | undefined {
    const agent = this.state.agents.get(order.agent);
    // After a loss of the master's state the tasks that run are made known by their frameworks and agents.
    if (agent === undefined || agent.recovered) return undefined;
    const role = this.state.frameworks.get(framework)?.role;
    if (!mayUse(agent, role)) return `its resources are reserved for ${publicRole}`;
    const others = this.tasksOn(order.agent).filter((task) => task.framework !== framework);
    const used = new Set(others.flatMap(portsOf));
    const port = hostPortsOf(order.spec).find((one) => used.has(one));
    if (port !== undefined) return `port ${port} is taken`;
    const all = this.tasksOn(order.agent);
    for (const kind of ["cpus", "mem"] as const) {
      const free = agent.resources[kind] - sumOf(all, kind);
      // Sums of fractions are not exact.
      if (order.resources[kind] > free + 1e-6) return `${kind} ${free} left`;
    }
    return undefined;
  }

  private view(
    agent: AgentRecord,
    framework: FrameworkRecord,
    refused: Map<string, TaskReport>,
  ): AgentView {
    const all = this.tasksOn(agent.name);
    const others = all.filter((task) => task.framework !== framework.id);
    const own = all.filter((task) => task.framework === framework.id);
    const { name, address, role } = agent;
    return {
      name,
      address,
      role,
      resources: {
        cpus: agent.resources.cpus - sumOf(others, "cpus"),
        mem: agent.resources.mem - sumOf(others, "mem"),
      },
      usedPorts: [...others.flatMap(portsOf), ...withheldPorts(agent)],
      offered:
        !agent.recovered &&
        mayUse(agent, framework.role) &&
        this.around.now() - agent.lastSeen <= offerMs,
      tasks: [
        ...own.map(
          ({ order, report }) =>
            report ?? { id: order.spec.id, state: "TASK_STAGING" as const, health: [] },
        ),
        ...refused.values(),
      ],
    };
  }

  /**
   * Ends a framework and all its tasks, as `POST /teardown` of Mesos does.
   * @throws HttpError 400 when there is none of that id
   */
  teardown(id: string): void {
    if (!this.state.frameworks.has(id)) {
      throw new HttpError(400, { message: `No framework found with ID ${id}` });
    }
    this.state.frameworks.delete(id);
    this.state.removed.add(id);
    for (const task of this.tasksOf(id)) {
      const taskId = task.order.spec.id;
      if (task.handed) this.state.tasks.set(taskId, { ...task, wanted: false });
      else this.state.tasks.delete(taskId);
    }
    this.around.save(this.state);
  }

  /** Does what time alone makes due. */
  advance(): void {
    const now = this.around.now();
    for (const agent of [...this.state.agents.values()]) {
      if (now - agent.lastSeen > this.around.agentTimeoutMs) this.lose(agent.name);
    }
    for (const framework of [...this.state.frameworks.values()]) {
      const limit = disconnectMs + framework.failoverTimeoutSeconds * 1000;
      if (now - framework.lastSeen > limit) this.teardown(framework.id);
    }
    this.around.save(this.state);
  }

  /** Gives an agent up, with all tasks on it. */
  private lose(name: string): void {
    this.state.agents.delete(name);
    for (const task of this.tasksOn(name)) this.state.tasks.delete(task.order.spec.id);
  }

  connected(framework: FrameworkRecord): boolean {
    return this.around.now() - framework.lastSeen <= disconnectMs;
  }

  tasksOf(framework: string): readonly MesosTask[] {
    return [...this.state.tasks.values()].filter((task) => task.framework === framework);
  }

  tasksOn(agent: string): readonly MesosTask[] {
    return [...this.state.tasks.values()].filter((task) => task.order.agent === agent);
  }
}

/** DC/OS reserves all that public agents have for this role, and Mesos offers it to no other. */
const publicRole = "slave_public";

function mayUse({ role }: AgentRecord, framework: string | undefined): boolean {
  return role === "private" || framework === publicRole;
}

export function sumOf(tasks: readonly MesosTask[], kind: "cpus" | "mem"): number {
  return tasks.reduce(
    (sum, { order, report }) =>
      report !== undefined && isTerminal(report.state) ? sum : sum + order.resources[kind],
    0,
  );
}

function portsOf({ order }: MesosTask): readonly number[] {
  return hostPortsOf(order.spec);
}

/** The range in which schedulers look for free ports, and what an agent keeps back of it. */
const schedulerPorts = { first: 31_000, last: 32_000 } as const;

function withheldPorts({ ports }: AgentRecord): readonly number[] {
  if (ports === undefined) return [];
  const { first, last } = schedulerPorts;
  const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return all.filter((port) => port < ports.first || port > ports.last);
}
