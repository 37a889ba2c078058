/** What a plugin tells the engine: log lines, shown at a resource. */
import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { LogSeverity as Severity } from "./provider";
import { maxMessageBytes } from "./server";

/** An engine that does not take a log line must not hold up the work. */
const logTimeoutMs = 2_000;

const severities: Record<Severity, LogSeverity> = {
  debug: LogSeverity.DEBUG,
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
};

export interface LogLine {
  readonly severity: Severity;
  readonly message: string;
  /** The resource it is shown at; empty for the stack. */
  readonly urn: string;
  /** Whether it is only shown while the resource is worked on. */
  readonly ephemeral: boolean;
}

/** Sends log lines to the engine in their order. */
export class EngineLog {
  private client: EngineClient | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(address: string | undefined) {
    this.connect(address);
  }

  /** Uses the engine at this address from now on. */
  connect(address: string | undefined): void {
    if (address === undefined || address === "") return;
    this.client?.close();
    this.client = new EngineClient(address, credentials.createInsecure(), {
      "grpc.max_send_message_length": maxMessageBytes,
    });
  }

  log(line: LogLine): void {
    this.last = this.last.then(() => this.send(line));
  }

  /** Resolves once all lines so far have arrived; an answer sent before that would overtake them. */
  flush(): Promise<void> {
    return this.last;
  }

  private send(line: LogLine): Promise<void> {
    const { client } = this;
    if (client === undefined) return Promise.resolve();
    const request = new LogRequest();
    request.setSeverity(severities[line.severity]);
    request.setMessage(line.message);
    request.setUrn(line.urn);
    request.setEphemeral(line.ephemeral);
    return new Promise((resolve) => {
      const deadline = Date.now() + logTimeoutMs;
      client.waitForReady(deadline, (notReady) => {
        if (notReady) resolve();
        // A lost log line is no reason to fail.
        else client.log(request, () => resolve());
      });
    });
  }
}
