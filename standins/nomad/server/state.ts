import { randomUUID } from "node:crypto";
import {
  type AllocatedPort,
  type AllocOrder,
  type AllocReport,
  type ClientReport,
  type GroupSpec,
  isTerminal,
  type NodeReport,
} from "../protocol";
import type { Job } from "./job";
import { type Candidate, place } from "./placement";

export interface NodeRecord {
  readonly node: NodeReport;
  readonly status: "ready" | "down";
  readonly create: number;
  readonly modify: number;
}

export interface JobRecord {
  readonly job: Job;
  readonly version: number;
  readonly stop: boolean;
  readonly submitted: number;
  readonly create: number;
  readonly modify: number;
  /** Index of its last registration. */
  readonly registered: number;
}

export interface AllocRecord {
  readonly order: AllocOrder;
  readonly nodeId: string;
  readonly evalId: string;
  readonly jobVersion: number;
  readonly report: AllocReport;
  /** When a failed one was tried anew, or is to be. Milliseconds. */
  readonly again?: number;
  readonly replaced?: string;
  readonly create: number;
  readonly modify: number;
  /** Milliseconds. */
  readonly created: number;
  readonly modified: number;
}

export interface EvalRecord {
  readonly id: string;
  readonly jobId: string;
  readonly triggeredBy: string;
  readonly status: "complete" | "blocked";
  /** By group, why allocations could not be placed. */
  readonly failed: Readonly<Record<string, FailedGroup>>;
  readonly create: number;
}

export interface FailedGroup {
  readonly evaluated: number;
  readonly filtered: Readonly<Record<string, number>>;
  readonly missing: number;
}

/** What is kept over a restart. */
export interface Saved {
  readonly index: number;
  readonly nodes: readonly NodeRecord[];
  readonly jobs: readonly JobRecord[];
  readonly allocs: readonly AllocRecord[];
}

export interface StateOptions {
  readonly heartbeatMs: number;
  readonly rescheduleMs: number;
  readonly now: () => number;
  /** Called after every change. */
  readonly changed: () => void;
}

const firstPort = 20_000;
const lastPort = 32_000;
/** How many ended allocations of a job are kept to look into. */
const keptAllocs = 10;

/** The server's records, and what it makes of them: who runs what. */
export class State {
  index = 1;
  readonly nodes = new Map<string, NodeRecord>();
  readonly jobs = new Map<string, JobRecord>();
  readonly allocs = new Map<string, AllocRecord>();
  readonly evals = new Map<string, EvalRecord>();
  private readonly heard = new Map<string, number>();

  constructor(
    private readonly options: StateOptions,
    saved?: Saved,
  ) {
    if (saved === undefined) return;
    this.index = saved.index;
    for (const one of saved.nodes) this.nodes.set(one.node.id, one);
    for (const one of saved.jobs) this.jobs.set(one.job.id, one);
    for (const one of saved.allocs) this.allocs.set(one.order.id, one);
    for (const id of this.nodes.keys()) this.heard.set(id, options.now());
  }

  save(): Saved {
    return {
      index: this.index,
      nodes: [...this.nodes.values()],
      jobs: [...this.jobs.values()],
      allocs: [...this.allocs.values()],
    };
  }

  register(job: Job): EvalRecord {
    const before = this.jobs.get(job.id);
    const index = this.next();
    const same = before !== undefined && JSON.stringify(before.job.raw) === JSON.stringify(job.raw);
    this.jobs.set(job.id, {
      ...{ job, stop: false, submitted: this.options.now() },
      version: before === undefined ? 0 : before.version + (same && !before.stop ? 0 : 1),
      ...{ create: before?.create ?? index, modify: index, registered: index },
    });
    return this.evaluate(job.id, "job-register");
  }

  /** @returns undefined where there is no such job */
  deregister(id: string, purge: boolean): EvalRecord | undefined {
    const before = this.jobs.get(id);
    if (before === undefined) return undefined;
    const index = this.next();
    if (purge) this.jobs.delete(id);
    else this.jobs.set(id, { ...before, stop: true, modify: index, registered: index });
    return this.evaluate(id, "job-deregister");
  }

  /** Takes a client's report. @returns what it is to run */
  heartbeat({ node, allocs }: ClientReport): AllocOrder[] {
    this.heard.set(node.id, this.options.now());
    const before = this.nodes.get(node.id);
    const same = before !== undefined && JSON.stringify(before.node) === JSON.stringify(node);
    if (!same || before.status !== "ready") {
      const index = this.next();
      const create = before?.create ?? index;
      this.nodes.set(node.id, { node, status: "ready", create, modify: index });
    }
    for (const report of allocs) this.takeReport(report);
    this.endUnknown(node.id, new Set(allocs.map(({ id }) => id)));
    this.reconcile("node-update");
    return [...this.allocs.values()]
      .filter(({ nodeId, report }) => nodeId === node.id && report.status !== "lost")
      .filter(({ order, report }) => !(order.stop && isTerminal(report.status)))
      .map(({ order }) => order)
      .concat(this.lostOn(node.id));
  }

  /** What was stopped before its client had heard of it. */
  private endUnknown(node: string, known: ReadonlySet<string>): void {
    for (const alloc of this.allocs.values()) {
      const { order, nodeId, report } = alloc;
      if (nodeId !== node || !order.stop || known.has(order.id) || isTerminal(report.status))
        continue;
      this.set(alloc, { report: { ...report, status: "complete", services: [] } });
    }
  }

  /** What a node that comes back has to end, because others run it since. */
  private lostOn(node: string): AllocOrder[] {
    return [...this.allocs.values()]
      .filter(({ nodeId, report }) => nodeId === node && report.status === "lost")
      .map(({ order }) => ({ ...order, stop: true }));
  }

  private takeReport(report: AllocReport): void {
    const alloc = this.allocs.get(report.id);
    if (alloc === undefined || alloc.report.status === "lost") return;
    if (JSON.stringify(alloc.report) === JSON.stringify(report)) return;
    const failed = report.status === "failed" && alloc.report.status !== "failed";
    this.set(alloc, {
      report,
      ...(failed ? { again: this.options.now() + this.options.rescheduleMs } : {}),
    });
  }

  /** Looks who has been silent for too long, and what is to be tried anew. */
  tick(): void {
    const oldest = this.options.now() - this.options.heartbeatMs;
    for (const [id, record] of this.nodes) {
      if (record.status === "down" || (this.heard.get(id) ?? 0) >= oldest) continue;
      this.nodes.set(id, { ...record, status: "down", modify: this.next() });
      for (const alloc of this.allocs.values()) {
        if (alloc.nodeId !== id || isTerminal(alloc.report.status)) continue;
        const description = "alloc is lost since its node is down";
        this.set(alloc, {
          order: { ...alloc.order, stop: true },
          report: { ...alloc.report, status: "lost", description, services: [] },
        });
      }
    }
    this.reconcile("node-update");
  }

  /** Starts what is missing and stops what is too much. */
  private reconcile(triggeredBy: string): void {
    for (const alloc of this.allocs.values())
      if (!this.jobs.has(alloc.order.jobId)) this.stop(alloc);
    for (const { job } of this.jobs.values())
      if (this.needs(job.id)) this.evaluate(job.id, triggeredBy);
  }

  private needs(id: string): boolean {
    const record = this.jobs.get(id);
    if (record === undefined) return false;
    const { failed, wanted } = this.diff(record, false);
    return wanted > 0 && Object.values(failed).reduce((sum, one) => sum + one.missing, 0) < wanted;
  }

  private evaluate(id: string, triggeredBy: string): EvalRecord {
    const evalId = randomUUID();
    const record = this.jobs.get(id);
    for (const alloc of this.ofJob(id))
      if (record === undefined || record.stop || alloc.jobVersion !== record.version)
        this.stop(alloc);
    const { failed } = record === undefined ? { failed: {} } : this.diff(record, true, evalId);
    const status = Object.keys(failed).length === 0 ? "complete" : "blocked";
    const made: EvalRecord = {
      ...{ id: evalId, jobId: id, triggeredBy, status, failed },
      create: this.next(),
    };
    this.evals.set(evalId, made);
    this.options.changed();
    return made;
  }

  /** What is missing of a job. @param make whether it is placed */
  private diff(record: JobRecord, make: boolean, evalId = "") {
    const failed: Record<string, FailedGroup> = {};
    let wanted = 0;
    if (record.stop) return { failed, wanted };
    const nodes = [...this.nodes.values()].filter(({ status }) => status === "ready");
    for (const group of record.job.groups) {
      const running = this.ofJob(record.job.id).filter(
        ({ order, jobVersion }) =>
          order.group.name === group.name && jobVersion === record.version && !order.stop,
      );
      const live = running.filter((alloc) => this.counts(alloc));
      const isSystem = record.job.type === "system";
      const count = isSystem ? nodes.length : group.count;
      if (make) for (const extra of live.slice(count)) this.stop(extra);
      const taken = new Set(live.map(({ order }) => order.name));
      let missing = 0;
      for (let at = 0; at < count && live.length + missing < count; at++) {
        const name = `${record.job.id}.${group.name}[${at}]`;
        if (taken.has(name)) continue;
        wanted++;
        const { node, filtered } = place(
          record.job,
          group,
          this.candidates(record, group, isSystem),
        );
        if (node === undefined) {
          missing++;
          if (!isSystem) failed[group.name] = { evaluated: nodes.length, filtered, missing };
          else wanted--;
        } else if (make) {
          const made = this.start(record, group, node, name, evalId);
          live.push(made);
        }
      }
    }
    return { failed, wanted };
  }

  /** Whether an allocation still stands for its place: also a failed one, until it is tried anew. */
  private counts({ report, again }: AllocRecord): boolean {
    if (report.status === "failed") return again === undefined || again > this.options.now();
    return report.status !== "lost" && report.status !== "complete";
  }

  private candidates(record: JobRecord, group: GroupSpec, once: boolean): Candidate[] {
    const live = [...this.allocs.values()].filter(
      (alloc) => !alloc.order.stop && this.counts(alloc),
    );
    return [...this.nodes.values()]
      .filter(({ status }) => status === "ready")
      .map(({ node }) => {
        const here = live.filter(({ nodeId }) => nodeId === node.id);
        const ofGroup = here.filter(
          ({ order }) => order.jobId === record.job.id && order.group.name === group.name,
        ).length;
        return { node, ofGroup, all: here.length };
      })
      .filter(({ ofGroup }) => !once || ofGroup === 0);
  }

  private start(
    record: JobRecord,
    group: GroupSpec,
    node: NodeReport,
    name: string,
    evalId: string,
  ): AllocRecord {
    const id = randomUUID();
    const index = this.next();
    const now = this.options.now();
    const ports = this.portsOf(group, node);
    const made: AllocRecord = {
      order: { id, name, jobId: record.job.id, group, ports, stop: false },
      ...{ nodeId: node.id, evalId, jobVersion: record.version },
      report: { id, status: "pending", description: "", tasks: {}, services: [] },
      ...{ create: index, modify: index, created: now, modified: now },
    };
    for (const old of this.ofJob(record.job.id))
      if (old.order.name === name && old.report.status === "failed" && old.replaced === undefined)
        this.set(old, { replaced: id, order: { ...old.order, stop: true } });
    this.allocs.set(id, made);
    this.forget(record.job.id);
    return made;
  }

  private portsOf(group: GroupSpec, node: NodeReport): AllocatedPort[] {
    const used = new Set(
      [...this.allocs.values()]
        .filter(({ nodeId, report }) => nodeId === node.id && !isTerminal(report.status))
        .flatMap(({ order }) => order.ports.map(({ Value }) => Value)),
    );
    return (group.network?.ports ?? []).map(({ label, value, to }) => {
      let port = value ?? firstPort;
      while (value === undefined && used.has(port) && port < lastPort) port++;
      used.add(port);
      return { Label: label, Value: port, To: to, HostIP: node.address };
    });
  }

  private stop(alloc: AllocRecord): void {
    if (!alloc.order.stop) this.set(alloc, { order: { ...alloc.order, stop: true } });
  }

  private ofJob(id: string): AllocRecord[] {
    return [...this.allocs.values()].filter(({ order }) => order.jobId === id);
  }

  private forget(job: string): void {
    const ended = this.ofJob(job).filter(
      ({ order, report }) => order.stop && isTerminal(report.status),
    );
    for (const { order } of ended.slice(0, -keptAllocs)) this.allocs.delete(order.id);
  }

  private set(alloc: AllocRecord, change: Partial<AllocRecord>): void {
    const id = alloc.order.id;
    const now = this.allocs.get(id) ?? alloc;
    this.allocs.set(id, {
      ...now,
      ...change,
      modify: this.next(),
      modified: this.options.now(),
    });
    this.options.changed();
  }

  private next(): number {
    this.index++;
    this.options.changed();
    return this.index;
  }
}
