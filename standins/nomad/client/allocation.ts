import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../../util/errors";
import {
  emptyNetns,
  isAlive,
  makeNetns,
  netnsPath,
  type ProcessId,
  removeNetns,
  signalGroup,
  startProgram,
} from "../../common/processes";
import { writeJson } from "../../common/store";
import type { ClientConfig } from "../config";
import {
  type AllocOrder,
  type AllocReport,
  type ClientStatus,
  isTerminal,
  type NetworkStatus,
  type ServiceInstance,
  type TaskEvent,
  type TaskSpec,
  type TaskState,
} from "../protocol";
import { serviceInstances } from "./address";
import { check, remove, setup } from "./cni";

/** How often a task is started anew before its allocation has failed, as in a real client. */
const restarts = 2;
/** What a task has from SIGINT to SIGKILL (`kill_timeout`). */
const killTimeoutMs = 5_000;
const lookMs = 250;

/** An allocation as it is kept over a restart of the client. */
export interface AllocFile {
  readonly order: AllocOrder;
  readonly report: AllocReport;
  readonly processes: Readonly<Record<string, ProcessId>>;
}

/** What an allocation needs of its client. */
export interface Around {
  /** The client tells the server at once. */
  readonly changed: () => void;
  /** Whether networks of allocations that are taken up are looked at by CHECK; see {@link checksNetworks}. */
  readonly checks: () => boolean;
}

/** One allocation on this node: its network, then its tasks. */
export class Allocation {
  private status: ClientStatus = "pending";
  private description = "";
  private network: NetworkStatus | undefined;
  private services: readonly ServiceInstance[] = [];
  private readonly tasks = new Map<string, TaskState>();
  private readonly processes = new Map<string, ProcessId>();
  private timers: NodeJS.Timeout[] = [];
  private stopping = false;
  /** Its network is there then, or has failed: what ends it waits for that. */
  private begun: Promise<void> = Promise.resolve();
  private released = false;

  private constructor(
    private readonly config: ClientConfig,
    private readonly order: AllocOrder,
    private readonly around: Around,
  ) {}

  static run(config: ClientConfig, order: AllocOrder, around: Around): Allocation {
    const made = new Allocation(config, order, around);
    made.begun = made.begin();
    return made;
  }

  /** Takes up one of an earlier run of the client. */
  static adopt(config: ClientConfig, file: AllocFile, around: Around): Allocation {
    const made = new Allocation(config, file.order, around);
    made.status = file.report.status;
    made.description = file.report.description;
    made.network = file.report.network;
    made.services = file.report.services;
    for (const [name, state] of Object.entries(file.report.tasks)) made.tasks.set(name, state);
    for (const [name, one] of Object.entries(file.processes)) made.processes.set(name, one);
    if (!isTerminal(made.status)) made.begun = made.begin();
    return made;
  }

  get ended(): boolean {
    return isTerminal(this.status);
  }

  report(): AllocReport {
    return {
      id: this.order.id,
      status: this.status,
      description: this.description,
      tasks: Object.fromEntries(this.tasks),
      ...(this.network === undefined ? {} : { network: this.network }),
      services: this.status === "running" ? this.services : [],
    };
  }

  /** The client ends; the tasks run on. */
  release(): void {
    this.released = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.keep();
  }

  stop(): void {
    if (this.stopping || this.ended) return;
    this.stopping = true;
    void this.begun.then(async () => {
      if (!this.ended) await this.end("complete", "All tasks have completed");
    });
  }

  /** Nobody asks for it any more. */
  forget(): void {
    rmSync(this.file(), { force: true });
    rmSync(this.dir(), { recursive: true, force: true });
  }

  private async begin(): Promise<void> {
    try {
      await this.join();
    } catch (thrown) {
      const message = `failed to setup alloc: pre-run hook "network" failed: ${messageOf(thrown)}`;
      for (const { name } of this.order.group.tasks)
        this.event(name, "dead", "Setup Failure", message, true);
      await this.end("failed", "Failed tasks");
      return;
    }
    if (this.stopping || this.released) return;
    try {
      this.services = serviceInstances(this.order, this.network);
    } catch (thrown) {
      this.description = messageOf(thrown);
    }
    for (const task of this.order.group.tasks) await this.take(task);
  }

  /** Makes the allocation's namespace and joins it to the network; see "Restart trap" for what is done with one that is there. */
  private async join(): Promise<void> {
    const { network } = this.order.group;
    if (network === undefined || network.mode === "host") return;
    const { id } = this.order;
    let there = existsSync(netnsPath(id));
    if (there && network.mode !== "none" && this.around.checks()) {
      try {
        await check(this.config, this.order, netnsPath(id));
      } catch {
        // Without DEL, as a real client does it.
        await emptyNetns(id);
        await removeNetns(id);
        there = false;
      }
    }
    if (there) return;
    await makeNetns(id);
    if (network.mode === "none") return;
    try {
      this.network = await setup(this.config, this.order, netnsPath(id));
    } catch (thrown) {
      throw new Error(
        `failed to configure networking for alloc: failed to configure network: ${messageOf(thrown)}`,
      );
    }
  }

  private async take(task: TaskSpec): Promise<void> {
    const process = this.processes.get(task.name);
    if (process === undefined || !isAlive(process)) await this.start(task);
    else this.watch(task);
  }

  private async start(task: TaskSpec): Promise<void> {
    const sandbox = join(this.dir(), task.name);
    mkdirSync(join(sandbox, "local"), { recursive: true });
    const env = this.environment(task, sandbox);
    const interpolate = (text: string) =>
      text.replace(/\$\{(?:env\["([^"]+)"\]|([A-Z_a-z0-9]+))\}/g, (_, quoted, bare) =>
        String(env[String(quoted ?? bare)] ?? ""),
      );
    const netns = existsSync(netnsPath(this.order.id)) ? netnsPath(this.order.id) : undefined;
    try {
      const process = await startProgram(
        {
          command: [task.command, ...task.args].map(interpolate),
          ...{ env, sandbox },
          ...(netns === undefined ? {} : { netns }),
        },
        () => undefined,
      );
      this.processes.set(task.name, process);
      this.event(task.name, "running", "Started", "Task started by client");
      this.settle();
      this.watch(task);
    } catch (thrown) {
      this.event(task.name, "dead", "Driver Failure", messageOf(thrown), true);
      await this.end("failed", "Failed tasks");
    }
  }

  private environment(task: TaskSpec, sandbox: string): Record<string, string> {
    const { id, name, jobId, group, ports } = this.order;
    const index = /\[(\d+)\]$/.exec(name)?.[1] ?? "0";
    return {
      PATH: process.env.PATH ?? "",
      NOMAD_ALLOC_DIR: join(this.dir(), "alloc"),
      NOMAD_ALLOC_ID: id,
      NOMAD_ALLOC_INDEX: index,
      NOMAD_ALLOC_NAME: name,
      NOMAD_DC: this.config.datacenter,
      NOMAD_GROUP_NAME: group.name,
      NOMAD_JOB_ID: jobId,
      NOMAD_JOB_NAME: jobId,
      NOMAD_NAMESPACE: "default",
      NOMAD_REGION: "global",
      NOMAD_TASK_DIR: join(sandbox, "local"),
      NOMAD_TASK_NAME: task.name,
      ...Object.fromEntries(
        ports.map(({ Label, Value, To }) => [`NOMAD_PORT_${Label}`, String(To > 0 ? To : Value)]),
      ),
      ...Object.fromEntries(
        ports.map(({ Label, Value }) => [`NOMAD_HOST_PORT_${Label}`, String(Value)]),
      ),
      ...task.env,
    };
  }

  private watch(task: TaskSpec): void {
    this.settle();
    this.later(lookMs, () => {
      const process = this.processes.get(task.name);
      if (this.stopping) return;
      if (process !== undefined && isAlive(process)) this.watch(task);
      else this.exited(task);
    });
  }

  private exited(task: TaskSpec): void {
    const state = this.tasks.get(task.name);
    if ((state?.Restarts ?? 0) >= restarts) {
      this.event(task.name, "dead", "Not Restarting", "Exceeded allowed attempts", true);
      void this.end("failed", "Failed tasks");
      return;
    }
    this.event(task.name, "pending", "Restarting", "Task restarting");
    this.later(this.config.restartMs, () => {
      if (!this.stopping) void this.start(task);
    });
  }

  private async end(status: ClientStatus, description: string): Promise<void> {
    this.stopping = true;
    for (const process of this.processes.values())
      if (isAlive(process)) signalGroup(process.pid, "SIGINT");
    const until = Date.now() + killTimeoutMs;
    while ([...this.processes.values()].some(isAlive) && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, lookMs / 5));
    for (const process of this.processes.values())
      if (isAlive(process)) signalGroup(process.pid, "SIGKILL");
    await this.leave();
    for (const [name, state] of this.tasks)
      this.tasks.set(name, { ...state, State: "dead", Failed: status === "failed" });
    [this.status, this.description] = [status, description];
    this.keep();
    this.around.changed();
  }

  /** Takes the allocation off its network; what is left behind is said, and the namespace goes in any case. */
  private async leave(): Promise<void> {
    const { id, group } = this.order;
    if (!existsSync(netnsPath(id))) return;
    await emptyNetns(id);
    if (group.network?.mode.startsWith("cni/") === true) {
      try {
        await remove(this.config, this.order, netnsPath(id));
      } catch (thrown) {
        const what = "failed to cleanup network for allocation, resources may have leaked";
        process.stderr.write(`nomad client: ${id}: ${what}: ${messageOf(thrown)}\n`);
      }
    }
    await removeNetns(id);
  }

  private settle(): void {
    const all = this.order.group.tasks.map(({ name }) => this.tasks.get(name)?.State);
    const next = all.every((state) => state === "running") ? "running" : "pending";
    if (this.ended || next === this.status) return;
    this.status = next;
    this.description = next === "running" ? "Tasks are running" : "No tasks have started";
    this.keep();
    this.around.changed();
  }

  private event(
    task: string,
    state: TaskState["State"],
    type: string,
    text: string,
    failed = false,
  ) {
    const before = this.tasks.get(task);
    const made: TaskEvent = { Type: type, Time: Date.now() * 1_000_000, DisplayMessage: text };
    this.tasks.set(task, {
      State: state,
      Failed: failed,
      Restarts: (before?.Restarts ?? 0) + (type === "Restarting" ? 1 : 0),
      Events: [...(before?.Events ?? []), made].slice(-10),
    });
    this.keep();
    this.around.changed();
  }

  private later(milliseconds: number, what: () => void): void {
    if (!this.released) this.timers.push(setTimeout(what, milliseconds));
    this.timers = this.timers.slice(-10);
  }

  private keep(): void {
    const file: AllocFile = {
      order: this.order,
      report: this.report(),
      processes: Object.fromEntries(this.processes),
    };
    writeJson(this.file(), file);
  }

  private dir(): string {
    return join(this.config.dataDir, "alloc", this.order.id);
  }

  private file(): string {
    return join(this.config.dataDir, "allocs", `${this.order.id}.json`);
  }
}
