import { messageOf } from "../../../util/errors";
import {
  type AgentView,
  type FrameworkAnswer,
  type FrameworkCall,
  isTerminal,
  type TaskReport,
} from "../protocol";
import { exchange, FrameworkRemoved, type StoreNode, teardown } from "../scheduler";
import { isHealthy, MemberApi } from "./members";
import { clientUrl, nodeName, orderOf, peerUrl, taskIdOf, tuningFlags } from "./node";
import { placeNode } from "./placement";
import type { EtcdSettings } from "./settings";
import { dumpEtcd, type EtcdNode, type EtcdState, emptyEtcd } from "./state";

export const stateNode = "state";
/** As in Mesos, so that a scheduler that is started elsewhere finds its members running. */
const failoverTimeoutSeconds = 1_209_600;
/** A member that ends is started again no sooner than this. */
const restartMs = 1_000;

/** How a member is, for the plans. */
export type NodeStatus = "PENDING" | "STARTING" | "STARTED" | "COMPLETE" | "LOST";

/** Keeps as many members of etcd running as asked for, on agents of the cluster. */
export class EtcdScheduler {
  /** What stands in the way, for people. */
  errors: readonly string[] = [];
  /** Nothing of the service is left; only with `uninstall`. */
  uninstalled = false;
  private saved = "";
  private agents: readonly AgentView[] = [];
  private reports = new Map<string, TaskReport>();
  private readonly healthy = new Set<number>();
  private readonly failedAt = new Map<number, number>();

  constructor(
    readonly settings: EtcdSettings,
    readonly state: EtcdState,
    private readonly store: StoreNode,
    private readonly around: { readonly now: () => number; readonly newId: () => string },
  ) {}

  /** Does everything that can be done now. */
  async round(): Promise<void> {
    const errors: string[] = [];
    try {
      if (this.settings.uninstall) await this.uninstall();
      else await this.run(errors);
    } catch (thrown) {
      errors.push(messageOf(thrown));
      // Ended by hand: it registers anew and takes its members' data up again.
      if (thrown instanceof FrameworkRemoved) this.state.frameworkId = undefined;
    }
    this.errors = errors;
  }

  status(index: number): NodeStatus {
    const node = this.state.nodes.get(index);
    if (node?.launched !== true) return "PENDING";
    if (!this.agents.some((agent) => agent.name === node.agent)) return "LOST";
    const report = this.reports.get(taskIdOf(index, node));
    if (report?.state !== "TASK_RUNNING") return "STARTING";
    return this.healthy.has(index) ? "COMPLETE" : "STARTED";
  }

  /** Indexes of the members that there are to be. */
  indexes(): readonly number[] {
    return Array.from({ length: this.settings.count }, (_, i) => i);
  }

  private async run(errors: string[]): Promise<void> {
    await this.talk();
    await this.look();
    const most = Math.max(...this.state.nodes.keys(), -1) + 1;
    if (most > this.settings.count) {
      errors.push(
        `Transient error: value of 'count' in pod 'etcd' cannot be decreased from ${most} to ${this.settings.count}`,
      );
    }
    this.startAgain();
    const lost = this.indexes().some((index) => this.status(index) === "LOST");
    if (this.state.deployed) this.resume();
    if (this.state.deployed || lost) await this.replace(errors);
    else this.deploy(errors);
    this.update();
    await this.talk();
  }

  /** Tells the master what is to run, after it is in the store, and hears how it is. */
  private async talk(): Promise<void> {
    const { settings, state } = this;
    await this.persist();
    const launched = [...state.nodes].filter(([, node]) => node.launched);
    const call: FrameworkCall = {
      name: settings.name,
      ...(state.frameworkId === undefined ? {} : { id: state.frameworkId }),
      hostname: settings.hostname,
      port: settings.apiPort,
      webuiUrl: `http://${settings.hostname}:${settings.apiPort}`,
      role: `${settings.name}-role`,
      principal: `${settings.name}-principal`,
      failoverTimeoutSeconds,
      tasks: launched.map(([index, node]) => orderOf(settings, index, node)),
    };
    this.take(await exchange(settings.zookeeper.url, call));
    await this.persist();
  }

  private take(answer: FrameworkAnswer): void {
    this.state.frameworkId = answer.id;
    this.agents = answer.agents;
    const all = answer.agents.flatMap(({ tasks }) => tasks);
    this.reports = new Map(all.map((task) => [task.id, task]));
  }

  private async persist(): Promise<void> {
    const text = dumpEtcd(this.state);
    if (text === this.saved) return;
    await this.store.set(stateNode, text);
    this.saved = text;
  }

  /** Asks every member how it is. */
  private async look(): Promise<void> {
    const looks = [...this.state.nodes].map(async ([index, { address }]) => {
      const healthy = this.runs(index) && (await isHealthy(clientUrl(this.settings, address)));
      if (healthy) this.healthy.add(index);
      else this.healthy.delete(index);
    });
    await Promise.all(looks);
    if (this.indexes().every((index) => this.healthy.has(index))) this.state.deployed = true;
  }

  private runs(index: number): boolean {
    const status = this.status(index);
    return status === "STARTED" || status === "COMPLETE";
  }

  /** Starts members that have ended in their place, with their data. */
  private startAgain(): void {
    const now = this.around.now();
    for (const [index, node] of this.state.nodes) {
      const report = this.reports.get(taskIdOf(index, node));
      if (report === undefined || !isTerminal(report.state)) continue;
      const since = this.failedAt.get(index);
      if (since === undefined) this.failedAt.set(index, now);
      else if (now - since >= restartMs) {
        this.failedAt.delete(index);
        this.state.nodes.set(index, { ...node, run: this.around.newId() });
      }
    }
  }

  /** The first members start together: each has to know the addresses of all, hence all are placed before any runs. */
  private deploy(errors: string[]): void {
    const { settings, state } = this;
    if (state.nodes.size === 0) {
      const chosen = new Map<number, EtcdNode>();
      for (const index of this.indexes()) {
        const agent = placeNode(settings, this.agents, [...chosen.values()]);
        if (agent === undefined) {
          errors.push(`${nodeName(index)}: ${this.noRoom()}`);
          return;
        }
        chosen.set(index, this.nodeAt(agent, "new", ""));
      }
      const cluster = this.clusterOf(
        [...chosen].map(([index, node]) => [nodeName(index), peerUrl(settings, node.address)]),
      );
      for (const [index, node] of chosen) state.nodes.set(index, { ...node, cluster });
    }
    for (const [index, node] of state.nodes) {
      if (!node.launched) state.nodes.set(index, { ...node, launched: true });
      // The health of a first member alone cannot be waited for: it has no majority.
      if (settings.deploy === "serial" && !this.runs(index)) return;
    }
  }

  private nodeAt(agent: AgentView, join: EtcdNode["join"], cluster: string): EtcdNode {
    return {
      agent: agent.name,
      address: agent.address,
      run: this.around.newId(),
      volume: this.around.newId(),
      cluster,
      join,
      flags: tuningFlags(this.settings),
      cpus: this.settings.cpus,
      mem: this.settings.mem,
      launched: join === "existing",
    };
  }

  private clusterOf(members: readonly (readonly [name: string, url: string])[]): string {
    return members.map(([name, url]) => `${name}=${url}`).join(",");
  }

  /** Gives members whose agent is gone, and those that there are to be in addition, a place; one in each round. */
  private async replace(errors: string[]): Promise<void> {
    const { settings, state } = this;
    const healthy = [...state.nodes].filter(([index]) => this.healthy.has(index));
    const majority = Math.floor(state.nodes.size / 2) + 1;
    if (healthy.length < majority) {
      const names = healthy.map(([index]) => nodeName(index)).join(", ") || "none";
      errors.push(
        `quorum lost: ${majority} of ${state.nodes.size} members are needed, healthy: ${names}`,
      );
      return;
    }
    const [lost] = this.indexes().filter(
      (index) => !state.nodes.has(index) || this.status(index) === "LOST",
    );
    const [, witness] = healthy[0] ?? [];
    if (lost === undefined || witness === undefined) return;
    const others = [...state.nodes].filter(([index]) => index !== lost).map(([, node]) => node);
    const agent = placeNode(settings, this.agents, others);
    if (agent === undefined) {
      errors.push(`${nodeName(lost)}: ${this.noRoom()}`);
      return;
    }
    const api = new MemberApi(clientUrl(settings, witness.address));
    const kept = new Set(others.map((node) => peerUrl(settings, node.address)));
    const url = peerUrl(settings, agent.address);
    const known = await api.list();
    // Also what an earlier try has added and not come to start.
    for (const member of known) {
      if (!member.peerUrls.some((one) => kept.has(one))) await api.remove(member.id);
    }
    const members = await api.add(url);
    const cluster = this.clusterOf(
      members.map(({ name, peerUrls }) => [name === "" ? nodeName(lost) : name, peerUrls[0] ?? ""]),
    );
    state.nodes.set(lost, this.nodeAt(agent, "existing", cluster));
  }

  private noRoom(): string {
    const { cpus, mem, clientPort, peerPort } = this.settings;
    return `no private agent that the constraints allow has ports ${clientPort} and ${peerPort} free and ${cpus} CPUs and ${mem} MiB left`;
  }

  /** Starts members again that run with other settings than are asked for now; one at a time if so asked. */
  private update(): void {
    const { settings, state } = this;
    const flags = tuningFlags(settings);
    for (const [index, node] of state.nodes) {
      const same =
        node.flags.join() === flags.join() &&
        node.cpus === settings.cpus &&
        node.mem === settings.mem;
      if (same) continue;
      const all = [...state.nodes.keys()].every((one) => this.healthy.has(one));
      if (settings.update === "serial" && !all) return;
      const { cpus, mem } = settings;
      const run = this.around.newId();
      state.nodes.set(index, { ...node, flags, cpus, mem, run, launched: false });
      this.healthy.delete(index);
    }
  }

  /** Starts members that were ended for other settings, once the agent has nothing of them and their ports are free. */
  private resume(): void {
    const ids = [...this.reports.keys()];
    for (const [index, node] of this.state.nodes) {
      if (node.launched || ids.some((id) => id.startsWith(`${nodeName(index)}__`))) continue;
      this.state.nodes.set(index, { ...node, launched: true });
    }
  }

  /** Ends the members, then the framework, then forgets all about it. */
  private async uninstall(): Promise<void> {
    const { state, settings } = this;
    if (state.frameworkId === undefined) {
      this.uninstalled = true;
      return;
    }
    state.nodes.clear();
    await this.talk();
    const left = this.agents.flatMap(({ tasks }) => tasks);
    if (left.length > 0) return;
    await teardown(settings.zookeeper.url, state.frameworkId);
    await this.store.remove();
    Object.assign(state, emptyEtcd());
    this.uninstalled = true;
  }
}
