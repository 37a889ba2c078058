import { messageOf } from "../../util/errors";
import { postJson } from "./http";

const reportTimeoutMs = 5_000;

export interface ReporterOptions<T> {
  /** Whom it is registered at, for messages. */
  readonly at: string;
  readonly url: string;
  /** Milliseconds between two reports. */
  readonly everyMs: number;
  report(): unknown;
  /** What the answer orders. @throws Error where it is no orders */
  read(answer: unknown): T;
  /** Is called for the orders of each report that was answered, until {@link Reporter.stop}. */
  obey(orders: T): void;
  log(message: string): void;
}

/** An agent's loop: it says what it has, and does what the answer says. It tells once that it is heard, and once why not. */
export class Reporter<T> {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private reporting = false;
  private again = false;
  private reached: boolean | undefined;

  constructor(private readonly options: ReporterOptions<T>) {}

  start(): void {
    void this.round();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Something has changed: report now, not at the next turn. */
  soon(): void {
    if (this.reporting) this.again = true;
    else void this.round();
  }

  private async round(): Promise<void> {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.reporting = true;
    const { at, url, everyMs, log } = this.options;
    try {
      const orders = this.options.read(await postJson(url, this.options.report(), reportTimeoutMs));
      if (this.reached !== true) log(`registered at ${at}`);
      this.reached = true;
      if (!this.stopped) this.options.obey(orders);
    } catch (thrown) {
      if (this.reached !== false) log(messageOf(thrown));
      this.reached = false;
    }
    this.reporting = false;
    // Whoever does not answer is not asked again at once.
    const delay = this.again && this.reached === true ? 0 : everyMs;
    this.again = false;
    if (!this.stopped) this.timer = setTimeout(() => void this.round(), delay);
  }
}
