import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { messageOf, SeamlessError } from "../../util/errors";
import { isRecord } from "../../util/json";
import { Reporter } from "../common/reporter";
import { readJson } from "../common/store";
import { AgentTask, type TaskFile } from "./agent/task";
import { type AgentConfig, readAgentConfig } from "./config";
import { type AgentReport, isOrders, taskStates } from "./protocol";

const reportMs = 500;
/** How many sandboxes of ended tasks are kept to look into. */
const keptSandboxes = 10;
const defaultResources = { cpus: 4, mem: 4096 };

/** Tasks by their ids. */
type Orders = ReadonlyMap<string, Parameters<typeof AgentTask.run>[1]>;

/** Runs tasks as the master says until stopped. */
export class Agent {
  private readonly tasks = new Map<string, AgentTask>();
  private readonly reporter: Reporter<Orders>;

  constructor(private readonly config: AgentConfig) {
    const { name, master } = config;
    const url = `${master.replace(/\/$/, "")}/agents/${encodeURIComponent(name)}`;
    this.reporter = new Reporter({
      ...{ at: master, url, everyMs: reportMs, log },
      report: () => this.report(),
      read(answer) {
        if (!isOrders(answer)) throw new Error(`${url}: the answer names no tasks`);
        return new Map(answer.tasks.map((spec) => [spec.id, spec]));
      },
      obey: (orders) => this.obey(orders),
    });
  }

  /** Takes up the tasks of an earlier run and begins to report. */
  start(): void {
    const dir = join(this.config.workDir, "tasks");
    mkdirSync(dir, { recursive: true });
    mkdirSync(join(this.config.workDir, "sandboxes"), { recursive: true });
    for (const name of readdirSync(dir)) {
      if (!name.endsWith(".json")) continue;
      const file = readJson(join(dir, name));
      if (!isTaskFile(file)) throw new Error(`${join(dir, name)}: not the record of a task`);
      this.tasks.set(
        file.spec.id,
        AgentTask.adopt(this.config, file, () => this.reporter.soon()),
      );
    }
    this.reporter.start();
  }

  /** Ends reporting; tasks run on. */
  stop(): void {
    this.reporter.stop();
    for (const task of this.tasks.values()) task.release();
  }

  private report(): AgentReport {
    const { name, address, role, resources, ports } = this.config;
    return {
      name,
      address,
      role,
      resources: resources ?? defaultResources,
      ...(ports === undefined ? {} : { ports }),
      tasks: [...this.tasks.values()].map((task) => task.report()),
    };
  }

  private obey(orders: Orders): void {
    for (const [id, spec] of orders) {
      if (this.tasks.has(id)) continue;
      log(`starting ${id}`);
      this.tasks.set(
        id,
        AgentTask.run(this.config, spec, () => this.reporter.soon()),
      );
    }
    for (const [id, task] of [...this.tasks]) {
      if (orders.has(id)) continue;
      if (task.finished) {
        log(`ended ${id}: ${task.report().state} ${task.report().message ?? ""}`);
        task.forget();
        this.tasks.delete(id);
        this.tidy();
      } else task.kill();
    }
  }

  private tidy(): void {
    const dir = join(this.config.workDir, "sandboxes");
    const old = readdirSync(dir)
      .filter((name) => !this.tasks.has(name))
      .map((name) => ({ path: join(dir, name), time: statSync(join(dir, name)).mtimeMs }))
      .sort((a, b) => b.time - a.time)
      .slice(keptSandboxes);
    for (const { path } of old) rmSync(path, { recursive: true, force: true });
  }
}

/** Written by this program alone, hence looked at no closer than to tell a foreign file. */
function isTaskFile(value: unknown): value is TaskFile {
  return (
    isRecord(value) &&
    isRecord(value.spec) &&
    typeof value.spec.id === "string" &&
    taskStates.some((state) => state === value.state)
  );
}

function log(message: string): void {
  process.stderr.write(`agent: ${message}\n`);
}

function main(): void {
  const agent = new Agent(readAgentConfig(process.argv[2]));
  agent.start();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      agent.stop();
      process.exit(0);
    });
  }
}

if (require.main === module) {
  try {
    main();
  } catch (thrown) {
    log(messageOf(thrown));
    process.exit(thrown instanceof SeamlessError ? thrown.code : 1);
  }
}
