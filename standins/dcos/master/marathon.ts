import { HttpError } from "../../common/http";
import {
  type AgentView,
  type FrameworkAnswer,
  isTerminal,
  type TaskOrder,
  type TaskReport,
} from "../protocol";
import type { AppDefinition } from "./app";
import { taskSpec } from "./launch";
import { discoveryOf, taskName } from "./mesos-task";
import { type Offer, place, type Rejection } from "./placement";
import { locked, nextRecord, sameConfig } from "./records";
import { isReady, type Move, restart, scale, stop } from "./rollout";
import type { Action, ActionName, AppRecord, Deployment, State, TaskRecord } from "./state";
import { hostPortsOf } from "./task-ports";

export interface Surroundings {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A new UUID. */
  readonly newId: () => string;
  /** `--mesos_role`. Default `*`. */
  readonly role?: string;
  /** Called after every change of the state. */
  readonly save: (state: State) => void;
}

/** Tasks of an app that could not be started yet: one item of Marathon's launch queue. */
export interface QueueItem {
  readonly app: AppRecord;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Milliseconds until the next try after tasks that failed. */
  readonly delayMs: number;
  /** By agent; empty while nothing was tried. */
  readonly declined: Readonly<Record<string, Rejection>>;
  /** How often all agents were looked at. */
  readonly rounds: number;
}

interface Backoff {
  readonly delaySeconds: number;
  readonly until: number;
}

/**
 * Apps, tasks and deployments, and how they come to agree: the part of Marathon that the stand-in imitates.
 * Everything happens in {@link advance}, which is called after every change and every now and then. What is to run it
 * asks of the Mesos master with {@link orders}, and hears of with {@link take}.
 */
export class Marathon {
  private readonly queued = new Map<string, QueueItem>();
  private readonly backoffs = new Map<string, Backoff>();
  /** By name, as Mesos showed them last. */
  private agents = new Map<string, AgentView>();

  constructor(
    readonly state: State,
    private readonly around: Surroundings,
  ) {}

  /** The role of its framework, and of its apps. */
  get role(): string {
    return this.around.role ?? "*";
  }

  tasksOf(appId: string): readonly TaskRecord[] {
    return [...this.state.tasks.values()].filter((task) => task.spec.appId === appId);
  }

  deploymentsOf(appId: string): readonly Deployment[] {
    return [...this.state.deployments.values()].filter((one) =>
      one.steps.some((step) => step.some((action) => action.app === appId)),
    );
  }

  queue(): readonly QueueItem[] {
    return [...this.queued.values()];
  }

  /**
   * Makes apps what they are to be: a definition, or null to remove. One deployment for all of them.
   * @throws HttpError 409 while another deployment is at one of them, unless forced, which ends that deployment.
   */
  deploy(
    wanted: ReadonlyMap<string, AppDefinition | null>,
    force: boolean,
    restarted = false,
  ): Deployment {
    const locks = [...wanted.keys()].flatMap((id) => this.deploymentsOf(id));
    if (locks.length > 0 && !force) throw locked(locks);
    for (const { id } of locks) this.state.deployments.delete(id);

    const version = this.nextVersion();
    const before: Record<string, AppDefinition | null> = {};
    const first: Action[] = [];
    const second: Action[] = [];
    for (const [app, definition] of wanted) {
      const old = this.state.apps.get(app);
      before[app] = old?.definition ?? null;
      const action = this.actionFor(app, definition, restarted);
      if (definition === null) this.state.apps.delete(app);
      else this.state.apps.set(app, nextRecord(old, definition, version, restarted));
      this.backoffs.delete(app);
      if (action === undefined) continue;
      if (old === undefined && definition !== null) {
        first.push({ action: "StartApplication", app });
      }
      second.push({ action, app });
    }
    const steps = [first, second].filter((step) => step.length > 0);
    const deployment = { id: this.around.newId(), version, steps, currentStep: 0, before };
    if (steps.length > 0) this.state.deployments.set(deployment.id, deployment);
    this.advance();
    return deployment;
  }

  private actionFor(
    id: string,
    definition: AppDefinition | null,
    restarted: boolean,
  ): ActionName | undefined {
    const old = this.state.apps.get(id);
    if (definition === null) return "StopApplication";
    if (old === undefined) return "ScaleApplication";
    const stale = this.tasksOf(id).some((task) => task.spec.version < old.lastConfigChangeAt);
    if (restarted || stale || !sameConfig(old.definition, definition)) return "RestartApplication";
    if (old.definition.instances !== definition.instances) return "ScaleApplication";
    return scale(definition, this.tasksOf(id)).done ? undefined : "ScaleApplication";
  }

  /** Ends a deployment where it stands. Without force a new one takes the apps back to what they were. */
  cancel(id: string, force: boolean): Deployment | undefined {
    const deployment = this.state.deployments.get(id);
    if (deployment === undefined) {
      throw new HttpError(404, { message: `DeploymentPlan ${id} does not exist` });
    }
    if (!force) return this.deploy(new Map(Object.entries(deployment.before)), true);
    this.state.deployments.delete(id);
    this.advance();
    return undefined;
  }

  /** Kills tasks; their app starts others. */
  kill(ids: readonly string[]): void {
    for (const id of ids) {
      const task = this.state.tasks.get(id);
      if (task !== undefined) this.state.tasks.set(id, { ...task, dying: true });
    }
    this.advance();
  }

  /** Lets an app start tasks at once although earlier ones failed. */
  resetDelay(appId: string): void {
    this.backoffs.delete(appId);
    this.advance();
  }

  /** Every task that is to run, and where. */
  orders(): readonly TaskOrder[] {
    return [...this.state.tasks.values()]
      .filter((task) => !task.dying)
      .map(({ spec, agent, resources }): TaskOrder => {
        const app = this.state.apps.get(spec.appId)?.definition;
        return {
          agent,
          name: taskName(spec.appId),
          resources,
          labels: app?.labels ?? {},
          discovery: app === undefined ? [] : discoveryOf(app, spec.ports),
          spec,
        };
      });
  }

  /** Takes in what Mesos answered to the orders. */
  take(answer: FrameworkAnswer): void {
    this.state.frameworkId = answer.id;
    this.agents = new Map(answer.agents.map((agent) => [agent.name, agent]));
    const known = new Map(
      answer.agents.flatMap(({ tasks }) => tasks.map((task) => [task.id, task] as const)),
    );
    for (const task of [...this.state.tasks.values()]) {
      const news = known.get(task.spec.id);
      if (news !== undefined) this.update(task, news);
      else if (!this.agents.has(task.agent)) {
        this.ended(task, "TASK_LOST", `agent ${task.agent} was lost: it does not report any more`);
      }
      // Mesos has never heard of it, or its agent has forgotten it.
      else if (task.dying) this.state.tasks.delete(task.spec.id);
    }
    this.advance();
  }

  private update(task: TaskRecord, news: TaskReport): void {
    if (isTerminal(news.state)) {
      this.ended(task, news.state, news.message ?? "");
      return;
    }
    const { state, startedAt, ipAddress, health } = news;
    this.state.tasks.set(task.spec.id, {
      ...task,
      state,
      health,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(ipAddress === undefined ? {} : { ipAddress }),
    });
  }

  private ended(task: TaskRecord, state: TaskReport["state"], message: string): void {
    const { id, appId, version } = task.spec;
    this.state.tasks.delete(id);
    const app = this.state.apps.get(appId);
    if (task.dying || app === undefined) return;
    const now = this.around.now();
    const timestamp = new Date(now).toISOString();
    this.state.apps.set(appId, {
      ...app,
      lastFailure: { appId, host: task.host, message, state, taskId: id, timestamp, version },
    });
    // A task that was lost with its agent says nothing against the app.
    if (state === "TASK_LOST") return;
    const { backoffSeconds, backoffFactor, maxLaunchDelaySeconds } = app.definition;
    const last = this.backoffs.get(appId)?.delaySeconds;
    const delaySeconds = Math.min(
      last === undefined ? backoffSeconds : last * backoffFactor,
      maxLaunchDelaySeconds,
    );
    this.backoffs.set(appId, { delaySeconds, until: now + delaySeconds * 1000 });
  }

  /** Does everything that can be done now. */
  advance(): void {
    const handled = new Set<string>();
    for (const deployment of [...this.state.deployments.values()]) {
      this.advanceDeployment(deployment, handled);
    }
    for (const [id, record] of this.state.apps) {
      if (!handled.has(id)) this.carryOut(id, scale(record.definition, this.tasksOf(id)));
    }
    for (const { spec, dying } of [...this.state.tasks.values()]) {
      if (!dying && !this.state.apps.has(spec.appId) && !handled.has(spec.appId)) {
        this.carryOut(spec.appId, stop(this.tasksOf(spec.appId)));
      }
    }
    for (const [id] of this.backoffs) {
      if (this.tasksOf(id).some((task) => !task.dying && isReady(task))) this.backoffs.delete(id);
    }
    this.around.save(this.state);
  }

  private advanceDeployment(deployment: Deployment, handled: Set<string>): void {
    for (let step = deployment.currentStep; ; step++) {
      const actions = deployment.steps[step];
      if (actions === undefined) {
        this.state.deployments.delete(deployment.id);
        return;
      }
      if (step !== deployment.currentStep) {
        this.state.deployments.set(deployment.id, { ...deployment, currentStep: step });
      }
      const moves = actions.map((action) => {
        handled.add(action.app);
        const move = this.moveFor(action);
        this.carryOut(action.app, move);
        return move;
      });
      if (!moves.every((move) => move.done)) return;
    }
  }

  private moveFor({ action, app }: Action): Move {
    const record = this.state.apps.get(app);
    const tasks = this.tasksOf(app);
    if (action === "StartApplication") return { launch: 0, kill: [], done: true };
    if (action === "StopApplication" || record === undefined) return stop(tasks);
    return action === "RestartApplication"
      ? restart(record, tasks)
      : scale(record.definition, tasks);
  }

  private carryOut(appId: string, move: Move): void {
    for (const id of move.kill) {
      const task = this.state.tasks.get(id);
      if (task !== undefined) this.state.tasks.set(id, { ...task, dying: true });
    }
    const record = this.state.apps.get(appId);
    if (record === undefined || move.launch === 0) {
      this.queued.delete(appId);
      return;
    }
    const now = this.around.now();
    const delayMs = Math.max(0, (this.backoffs.get(appId)?.until ?? 0) - now);
    let declined: QueueItem["declined"] = {};
    let left = move.launch;
    while (left > 0 && delayMs === 0) {
      const reasons = this.launch(record);
      if (reasons !== undefined) {
        declined = reasons;
        break;
      }
      left -= 1;
    }
    const earlier = this.queued.get(appId);
    if (left === 0) this.queued.delete(appId);
    else {
      const since = earlier?.since ?? now;
      const rounds = (earlier?.rounds ?? 0) + (delayMs === 0 ? 1 : 0);
      this.queued.set(appId, { app: record, count: left, since, delayMs, declined, rounds });
    }
  }

  /** Starts one task, or says why no agent takes it. */
  private launch(record: AppRecord): QueueItem["declined"] | undefined {
    const offers = this.offers();
    const taken = this.tasksOf(record.definition.id).map((task) => ({
      hostname: task.host,
      attributes: offers.find((offer) => offer.agent === task.agent)?.attributes ?? {},
    }));
    const placement = place(record.definition, offers, taken);
    if ("declined" in placement) return placement.declined;
    const agent = this.agents.get(placement.agent);
    if (agent === undefined) return {};
    const neighbours = [...this.state.tasks.values()].filter((task) => task.agent === agent.name);
    const usedPorts = new Set([
      ...agent.usedPorts,
      ...neighbours.flatMap((task) => hostPortsOf(task.spec)),
    ]);
    const id = this.around.newId();
    const spec = taskSpec({ record, host: agent.address, id, usedPorts });
    this.state.tasks.set(spec.id, {
      spec,
      agent: agent.name,
      host: agent.address,
      resources: { cpus: record.definition.cpus, mem: record.definition.mem },
      state: "TASK_STAGING",
      stagedAt: new Date(this.around.now()).toISOString(),
      health: [],
      dying: false,
    });
    return undefined;
  }

  private offers(): readonly Offer[] {
    return [...this.agents.values()]
      .filter((agent) => agent.offered)
      .map((agent): Offer => {
        const own = [...this.state.tasks.values()].filter((task) => task.agent === agent.name);
        const used = (kind: "cpus" | "mem") =>
          own.reduce((sum, task) => sum + task.resources[kind], 0);
        return {
          agent: agent.name,
          hostname: agent.address,
          role: agent.role === "public" ? "slave_public" : "*",
          attributes: agent.role === "public" ? { public_ip: "true" } : {},
          free: {
            cpus: agent.resources.cpus - used("cpus"),
            mem: agent.resources.mem - used("mem"),
          },
          usedPorts: new Set([
            ...agent.usedPorts,
            ...own.flatMap((task) => hostPortsOf(task.spec)),
          ]),
        };
      });
  }

  private nextVersion(): string {
    const now = new Date(this.around.now()).toISOString();
    const { lastVersion } = this.state;
    const next =
      now > lastVersion ? now : new Date(new Date(lastVersion).getTime() + 1).toISOString();
    this.state.lastVersion = next;
    return next;
  }
}
