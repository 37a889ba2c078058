import { performance } from "node:perf_hooks";
import { describeFailure, exec } from "../../../util/exec";
import { commandLine } from "../../common/processes";
import type { HealthCheck, HealthResult, TaskSpec } from "../protocol";

const connectScript =
  'require("node:net").connect(+process.argv[1],"127.0.0.1",()=>process.exit(0)).on("error",e=>{console.error(e.message);process.exit(1)})';

/**
 * The command that makes one check from inside the task's network, where its server is at 127.0.0.1. (Marathon
 * itself makes checks that are not `MESOS_` from its own host; here the agent makes all of them.)
 */
export function checkCommand(check: HealthCheck, ports: readonly number[]): readonly string[] {
  const port = String(check.port ?? ports[check.portIndex ?? 0] ?? 0);
  const seconds = String(check.timeoutSeconds);
  switch (check.protocol) {
    case "COMMAND":
      return ["/bin/sh", "-c", check.command ?? "false"];
    case "TCP":
    case "MESOS_TCP":
      return [process.execPath, "-e", connectScript, port];
    default: {
      const scheme = check.protocol.endsWith("HTTPS") ? "https" : "http";
      const url = `${scheme}://127.0.0.1:${port}${check.path ?? "/"}`;
      return ["curl", "-sS", "-f", "-k", "-g", "-m", seconds, "-o", "/dev/null", url];
    }
  }
}

/** The result after one more check; `error` is what went wrong. */
export function nextResult(
  last: HealthResult | undefined,
  error: string | undefined,
  time: string,
): HealthResult {
  if (error === undefined) {
    return {
      ...last,
      alive: true,
      consecutiveFailures: 0,
      firstSuccess: last?.firstSuccess ?? time,
      lastSuccess: time,
    };
  }
  return {
    ...last,
    alive: false,
    consecutiveFailures: (last?.consecutiveFailures ?? 0) + 1,
    lastFailure: time,
    lastFailureCause: error,
  };
}

export interface HealthWatch {
  readonly spec: TaskSpec;
  readonly env: Readonly<Record<string, string>>;
  readonly netns?: string;
  readonly results: HealthResult[];
  /** Told after every change from alive to not alive, or back. */
  readonly onChange: () => void;
  /** Told once a check has failed as often in a row as it may. */
  readonly onUnhealthy: (message: string) => void;
}

/** While a task has never been healthy it is asked more often, so that its start is noticed soon. */
const startIntervalMs = 500;

/** Makes a task's health checks until the returned function is called. */
export function watchHealth(watch: HealthWatch): () => void {
  const stops = watch.spec.healthChecks.map((check, i) => watchOne(watch, check, i));
  return () => {
    for (const stop of stops) stop();
  };
}

function watchOne(watch: HealthWatch, check: HealthCheck, index: number): () => void {
  const begun = performance.now();
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const round = async () => {
    const argv = commandLine(checkCommand(check, watch.spec.ports), watch.netns);
    const { env } = watch;
    const timeoutMs = check.timeoutSeconds * 1000 + 1000;
    const outcome = await exec(argv, { env, timeoutMs, signal: abort.signal });
    if (abort.signal.aborted) return;
    const error = outcome.code === 0 ? undefined : describeFailure(argv, outcome);
    const before = watch.results[index];
    const inGrace =
      before?.firstSuccess === undefined &&
      performance.now() - begun < check.gracePeriodSeconds * 1000;
    const ignored = error !== undefined && inGrace;
    if (!ignored) {
      const result = nextResult(before, error, new Date().toISOString());
      watch.results[index] = result;
      if (result.alive !== before?.alive) watch.onChange();
      const { consecutiveFailures } = result;
      const limit = check.maxConsecutiveFailures;
      if (limit > 0 && consecutiveFailures >= limit) {
        watch.onUnhealthy(`health check failed ${consecutiveFailures} times: ${error}`);
        return;
      }
    }
    const normalMs = check.intervalSeconds * 1000;
    timer = setTimeout(
      () => void round(),
      ignored ? Math.min(startIntervalMs, normalMs) : normalMs,
    );
  };
  void round();
  return () => {
    abort.abort();
    clearTimeout(timer);
  };
}
