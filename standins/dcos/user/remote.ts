import { messageOf } from "../../../util/errors";
import type { Marathon } from "../master/marathon";
import { callOf, type Registration } from "../master/settle";
import { dumpState, type State } from "../master/state";
import { exchange, FrameworkRemoved, type StoreNode } from "../scheduler";

const heartbeatMs = 300;
/** Name of the node below the one that `--zk` names. */
export const stateNode = "state";

/** Keeps a Marathon of its own process in touch with the Mesos master, and its state in the store. */
export class RemoteMarathon {
  private timer: NodeJS.Timeout | undefined;
  private saved = "";
  private stopped = false;
  private reached: boolean | undefined;
  private running: Promise<void> | undefined;
  private again = false;

  constructor(
    private readonly marathon: Marathon,
    private readonly registration: Registration,
    private readonly mesosUrl: string,
    private readonly store: StoreNode,
    /** Told when the master has ended the framework. */
    private readonly onRemoved: () => void,
  ) {}

  start(): void {
    this.soon();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Talks to the master now, or right after the talk that is on. */
  soon(): void {
    if (this.stopped) return;
    if (this.running !== undefined) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.running = this.round().finally(() => {
      this.running = undefined;
      if (this.stopped) return;
      const delay = this.again && this.reached === true ? 0 : heartbeatMs;
      this.again = false;
      this.timer = setTimeout(() => this.soon(), delay);
    });
  }

  /** Puts the state into the store; a Marathon that is started anew begins with it. */
  async persist(state: State = this.marathon.state): Promise<void> {
    const text = JSON.stringify(dumpState(state));
    if (text === this.saved) return;
    await this.store.set(stateNode, text);
    this.saved = text;
  }

  private async round(): Promise<void> {
    try {
      // A task that is not in the store yet must not run: who takes over would not know of it.
      await this.persist();
      const call = callOf(this.marathon, this.registration);
      this.marathon.take(await exchange(this.mesosUrl, call));
      if (JSON.stringify(this.marathon.orders()) !== JSON.stringify(call.tasks)) this.again = true;
      if (this.reached !== true) log(`registered as ${this.marathon.state.frameworkId}`);
      this.reached = true;
    } catch (thrown) {
      if (this.reached !== false) log(messageOf(thrown));
      this.reached = false;
      if (thrown instanceof FrameworkRemoved) await this.forget();
    }
  }

  /** The next start registers as a new framework, with the apps that are in the store. */
  private async forget(): Promise<void> {
    this.stop();
    await this.persist({ ...this.marathon.state, frameworkId: undefined, tasks: new Map() });
    this.onRemoved();
  }
}

function log(message: string): void {
  process.stderr.write(`marathon: ${message}\n`);
}
