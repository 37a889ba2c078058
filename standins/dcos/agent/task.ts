import { chownSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../../util/errors";
import {
  emptyNetns,
  findUser,
  isAlive,
  makeNetns,
  netnsPath,
  type ProcessId,
  removeNetns,
  signalGroup,
  startProgram,
  type User,
} from "../../common/processes";
import { writeJson } from "../../common/store";
import type { AgentConfig } from "../config";
import {
  type HealthResult,
  isTerminal,
  type TaskReport,
  type TaskSpec,
  type TaskState,
} from "../protocol";
import { packageFiles } from "./artefacts";
import {
  type Attachment,
  addToNetwork,
  findNetwork,
  type NetworkConf,
  removeFromNetwork,
} from "./cni";
import { watchHealth } from "./health";
import { commandOf, sandboxFiles, writeFiles } from "./image";

/** What is kept of a task on disk. */
export interface TaskFile {
  readonly spec: TaskSpec;
  state: TaskState;
  message?: string;
  startedAt?: string;
  ipAddress?: string;
  process?: ProcessId;
  /** The configuration it was joined with, which is also the one to take it off again. */
  conf?: NetworkConf;
  /** The network and the namespace have been given back. */
  cleaned: boolean;
}

const adoptedPollMs = 500;
const firstCleanRetryMs = 1_000;
const lastCleanRetryMs = 60_000;
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** One task on its agent, from the order to run it until nothing of it is left. */
export class AgentTask {
  private readonly results: HealthResult[] = [];
  private stopHealth: () => void = () => undefined;
  private poll: NodeJS.Timeout | undefined;
  private killing: { readonly state: TaskState; readonly message?: string } | undefined;
  private starting = false;
  private cleaning = false;
  private cleanRetryMs = firstCleanRetryMs;
  private complaint = "";

  private constructor(
    private readonly config: AgentConfig,
    private readonly file: TaskFile,
    private readonly onChange: () => void,
  ) {}

  /** Starts a new task. What goes wrong becomes its state. */
  static run(config: AgentConfig, spec: TaskSpec, onChange: () => void): AgentTask {
    const task = new AgentTask(config, { spec, state: "TASK_STARTING", cleaned: false }, onChange);
    task.save();
    void task.start();
    return task;
  }

  /** Takes up a task of an earlier run of the agent: its process is found again, or it is lost. */
  static adopt(config: AgentConfig, file: TaskFile, onChange: () => void): AgentTask {
    const task = new AgentTask(config, file, onChange);
    if (isTerminal(file.state)) void task.clean();
    else if (file.process !== undefined && isAlive(file.process)) {
      const process = file.process;
      file.state = "TASK_RUNNING";
      task.poll = setInterval(() => {
        if (!isAlive(process)) task.ended("TASK_FAILED", "ended; its exit code is not known");
      }, adoptedPollMs);
      task.watch();
    } else task.ended("TASK_LOST", "its process was gone when the agent started");
    return task;
  }

  get id(): string {
    return this.file.spec.id;
  }

  get containerId(): string {
    return this.file.spec.containerId;
  }

  /** Whether it has ended and nothing of it is left. */
  get finished(): boolean {
    return isTerminal(this.file.state) && this.file.cleaned;
  }

  report(): TaskReport {
    const { state, message, ipAddress, startedAt } = this.file;
    // The end is told when the address has been given back, or could not be for now.
    const told = isTerminal(state) && this.cleaning ? "TASK_KILLING" : state;
    return {
      id: this.id,
      state: told,
      health: [...this.results],
      ...(message === undefined ? {} : { message }),
      ...(ipAddress === undefined ? {} : { ipAddress }),
      ...(startedAt === undefined ? {} : { startedAt }),
    };
  }

  /** Ends the task: SIGTERM, and SIGKILL when it takes longer than it may. */
  kill(state: TaskState = "TASK_KILLED", message?: string): void {
    if (this.killing !== undefined || isTerminal(this.file.state)) return;
    this.killing = { state, ...(message === undefined ? {} : { message }) };
    // The start looks at this when it is through.
    if (!this.starting) this.endProcess();
  }

  /** Leaves the task alone; for the end of the agent. */
  release(): void {
    clearInterval(this.poll);
    this.stopHealth();
  }

  /** Removes the record, once the master knows how it ended. */
  forget(): void {
    this.release();
    rmSync(this.path(), { force: true });
  }

  private async start(): Promise<void> {
    this.starting = true;
    try {
      const { images = {} } = this.config;
      const command = commandOf(this.file.spec, images);
      const found = sandboxFiles(this.file.spec, packageFiles(images));
      const asUser = this.asUser();
      const sandbox = this.sandbox();
      mkdirSync(sandbox, { recursive: true });
      if (asUser.user !== undefined) chownSync(sandbox, asUser.user.uid, asUser.user.gid);
      writeFiles(sandbox, found);
      await this.join();
      if (this.killing === undefined) {
        const program = { command, env: this.env(), sandbox, ...this.inNetns(), ...asUser };
        this.file.process = await startProgram(program, (code, signal) =>
          this.exited(code, signal),
        );
        this.file.startedAt = new Date().toISOString();
        // It may already be over.
        if (!isTerminal(this.file.state)) this.file.state = "TASK_RUNNING";
      }
    } catch (thrown) {
      this.starting = false;
      this.ended("TASK_FAILED", messageOf(thrown));
      return;
    }
    this.starting = false;
    if (isTerminal(this.file.state)) return;
    this.save();
    if (this.killing !== undefined) this.endProcess();
    else this.watch();
    this.onChange();
  }

  private async join(): Promise<void> {
    const { network } = this.file.spec;
    if (network.mode === "host") {
      this.file.ipAddress = this.config.address;
      return;
    }
    this.file.conf = findNetwork(this.config.cniConfigDir, network.name);
    this.save();
    await makeNetns(this.containerId);
    const attachment = this.attachment();
    if (attachment === undefined) return;
    const address = await addToNetwork(attachment);
    if (address !== undefined) this.file.ipAddress = address;
  }

  private attachment(): Attachment | undefined {
    const { network } = this.file.spec;
    const { conf } = this.file;
    if (network.mode === "host" || conf === undefined) return undefined;
    return {
      conf,
      pluginsDir: this.config.cniPluginsDir ?? "/opt/cni/bin",
      containerId: this.containerId,
      netns: netnsPath(this.containerId),
      labels: network.labels,
      mappedPorts: this.file.spec.mappedPorts ?? [],
    };
  }

  private asUser(): { readonly user?: User } {
    const { user } = this.file.spec;
    return user === undefined || user === "root" ? {} : { user: findUser(user) };
  }

  private inNetns(): { readonly netns?: string } {
    return this.file.conf === undefined ? {} : { netns: netnsPath(this.containerId) };
  }

  private env(): Readonly<Record<string, string>> {
    const { ipAddress, spec } = this.file;
    return {
      PATH: defaultPath,
      ...spec.env,
      MESOS_SANDBOX: this.sandbox(),
      // A program of Mesos in a container of its own listens on what there is (Mesos: the CNI isolator).
      LIBPROCESS_IP: spec.network.mode === "host" ? this.config.address : "0.0.0.0",
      ...(ipAddress === undefined ? {} : { MESOS_CONTAINER_IP: ipAddress }),
    };
  }

  private watch(): void {
    this.stopHealth = watchHealth({
      spec: this.file.spec,
      env: this.env(),
      ...this.inNetns(),
      results: this.results,
      onChange: this.onChange,
      onUnhealthy: (message) => this.kill("TASK_FAILED", message),
    });
  }

  private endProcess(): void {
    this.stopHealth();
    const { process, spec } = this.file;
    if (process === undefined || !isAlive(process)) {
      this.ended("TASK_KILLED", "");
      return;
    }
    signalGroup(process.pid, "SIGTERM");
    setTimeout(() => {
      if (isAlive(process)) signalGroup(process.pid, "SIGKILL");
    }, spec.killGraceSeconds * 1000);
  }

  private exited(code: number | null, signal: NodeJS.Signals | null): void {
    // What it has started and left behind goes with it.
    if (this.file.process !== undefined) signalGroup(this.file.process.pid, "SIGKILL");
    if (code === 0) this.ended("TASK_FINISHED", "exited with code 0");
    else {
      const how = signal === null ? `exited with code ${code}` : `killed by ${signal}`;
      const said = this.lastWords();
      this.ended("TASK_FAILED", said === "" ? how : `${how}: ${said}`);
    }
  }

  private lastWords(): string {
    try {
      return readFileSync(join(this.sandbox(), "stderr"), "utf8")
        .trim()
        .split("\n")
        .slice(-2)
        .join("; ");
    } catch {
      return "";
    }
  }

  private ended(state: TaskState, message: string): void {
    if (isTerminal(this.file.state)) return;
    this.release();
    this.file.state = this.killing?.state ?? state;
    this.file.message = this.killing?.message ?? message;
    this.cleaning = true;
    void this.clean();
  }

  /** Gives the network and the namespace back; tried again until it works, for the datastore may be away. */
  private async clean(): Promise<void> {
    try {
      this.save();
      const attachment = this.attachment();
      if (attachment !== undefined) {
        await emptyNetns(this.containerId);
        await removeFromNetwork(attachment);
        await removeNetns(this.containerId);
      }
      this.file.cleaned = true;
      this.save();
    } catch (thrown) {
      const complaint = messageOf(thrown);
      if (complaint !== this.complaint) {
        process.stderr.write(`agent: ${this.id}: ${complaint}; trying again until it works\n`);
      }
      this.complaint = complaint;
      this.poll = setTimeout(() => void this.clean(), this.cleanRetryMs);
      this.cleanRetryMs = Math.min(2 * this.cleanRetryMs, lastCleanRetryMs);
    }
    this.cleaning = false;
    this.onChange();
  }

  private sandbox(): string {
    return join(this.config.workDir, "sandboxes", this.id);
  }

  private path(): string {
    return join(this.config.workDir, "tasks", `${this.containerId}.json`);
  }

  private save(): void {
    writeJson(this.path(), this.file);
  }
}
