/** The command-line flags of Marathon that its package has an option for, and the command line that passes them on. */
import { type Json, type Kind, option } from "../package";

/** The two generations of the package: that of Marathon 1.6 (release 28), and that of 1.7 (release 301). */
export type Generation = "1.6" | "1.7";

interface More {
  /** Missing before. */
  readonly since?: "1.7";
  /** The default of 1.6, where it is another. */
  readonly before?: unknown;
}

/** Name, type, and default of the option, in the order of the command line. */
type Flag = readonly [name: string, type: Kind, fallback?: unknown, more?: More];

const flags: readonly Flag[] = [
  ["access-control-allow-origin", "string"],
  ["backup-location", "string"],
  ["checkpoint", "boolean", true],
  ["decline-offer-duration", "integer", 120_000],
  ["default-accepted-resource-roles", "string", "*"],
  ["default-network-name", "string"],
  ["deprecated-features", "string", "", { since: "1.7" }],
  ["disable-http", "boolean", false],
  ["draining-seconds", "integer", 0],
  ["enable-features", "string", "vips,task_killing"],
  ["env-vars-prefix", "string"],
  ["event-stream-max-outstanding-messages", "integer", 1024],
  ["executor", "string", "//cmd"],
  ["failover-timeout", "integer", 604_800],
  ["framework-name", "string"],
  ["gpu-scheduling-behavior", "string", "undefined", { since: "1.7" }],
  ["group-versions-cache-size", "integer", 1000, { since: "1.7" }],
  ["ha", "boolean", true],
  ["hostname", "string"],
  ["http-address", "string"],
  ["http-compression", "boolean", true],
  ["http-credentials", "string"],
  ["http-max-concurrent-requests", "integer"],
  ["http-port", "integer"],
  ["http-realm", "string", "Mesosphere"],
  ["https-address", "string"],
  ["https-port", "integer"],
  ["launch-token-refresh-interval", "integer", 30_000],
  ["launch-tokens", "integer", 100],
  ["leader-proxy-connection-timeout", "integer", 5000],
  ["leader-proxy-max-open-connections", "integer", 64, { since: "1.7" }],
  ["leader-proxy-read-timeout", "integer", 10_000],
  ["leader-proxy-ssl-ignore-hostname", "boolean", false],
  ["local-port-max", "integer", 20_000],
  ["local-port-min", "integer", 10_000],
  ["logging-level", "string"],
  ["logstash", "string"],
  ["maintenance-mode", "boolean", true, { since: "1.7" }],
  ["master", "string", "zk://master.mesos:2181/mesos"],
  ["max-apps", "integer"],
  ["max-instances-per-offer", "integer", 100, { before: 1 }],
  ["max-running-deployments", "integer", 100, { since: "1.7" }],
  ["mesos-authentication", "boolean", false],
  ["mesos-authentication-principal", "string"],
  ["mesos-authentication-secret", "string"],
  ["mesos-authentication-secret-file", "string"],
  ["mesos-bridge-name", "string", "mesos-bridge"],
  ["mesos-leader-ui-url", "string", "/mesos"],
  ["mesos-role", "string"],
  ["mesos-user", "string", "root", { before: undefined }],
  ["metrics", "boolean", false],
  ["metrics-averaging-window", "string", undefined, { since: "1.7" }],
  ["metrics-datadog", "boolean", false, { since: "1.7" }],
  ["metrics-datadog-api-key", "string", undefined, { since: "1.7" }],
  ["metrics-datadog-host", "string", undefined, { since: "1.7" }],
  ["metrics-datadog-port", "integer", undefined, { since: "1.7" }],
  ["metrics-datadog-protocol", "string", "udp", { since: "1.7" }],
  ["metrics-datadog-transmission-interval-ms", "integer", 10_000, { since: "1.7" }],
  ["metrics-histogram-reservoir-reset-periodically", "boolean", true, { since: "1.7" }],
  ["metrics-histogram-reservoir-resetting-chunks", "integer", 0, { since: "1.7" }],
  ["metrics-histogram-reservoir-resetting-interval-ms", "integer", 5000, { since: "1.7" }],
  ["metrics-histogram-reservoir-significant-digits", "integer", 3, { since: "1.7" }],
  ["metrics-name-prefix", "string", "marathon", { since: "1.7" }],
  ["metrics-prometheus", "boolean", true, { since: "1.7" }],
  ["metrics-statsd", "boolean", false, { since: "1.7" }],
  ["metrics-statsd-host", "string", undefined, { since: "1.7" }],
  ["metrics-statsd-port", "integer", undefined, { since: "1.7" }],
  ["metrics-statsd-transmission-interval-ms", "integer", 10_000, { since: "1.7" }],
  ["min-revive-offers-interval", "integer", 5000],
  ["offer-matching-timeout", "integer", 3000],
  ["on-elected-prepare-timeout", "integer", 180_000],
  ["plugin-conf", "string"],
  ["plugin-dir", "string"],
  ["reconciliation-initial-delay", "integer", 15_000],
  ["reconciliation-interval", "integer", 600_000],
  ["reporter-datadog", "string"],
  ["reporter-graphite", "string"],
  ["revive-offers-repetitions", "integer", 3],
  ["scale-apps-initial-delay", "integer", 15_000],
  ["scale-apps-interval", "integer", 300_000],
  ["sentry", "string"],
  ["sentry-tags", "string"],
  ["ssl-keystore-password", "string"],
  ["ssl-keystore-path", "string"],
  ["storage-compaction-interval", "integer", 30, { since: "1.7" }],
  ["storage-compaction-scan-batch-size", "integer", 32, { since: "1.7" }],
  ["store-cache", "boolean", true],
  ["suppress-offers", "boolean", false, { since: "1.7" }],
  ["task-launch-confirm-timeout", "integer", 1_800_000, { before: 300_000 }],
  ["task-launch-timeout", "integer", 1_800_000, { before: 300_000 }],
  ["task-lost-expunge-initial-delay", "integer", 300_000],
  ["task-lost-expunge-interval", "integer", 30_000],
  ["task-reservation-timeout", "integer", 900_000, { before: 20_000 }],
  ["webui-url", "string"],
  ["zk", "string"],
  ["zk-compression", "boolean", true],
  ["zk-compression-threshold", "integer", 65_536],
  ["zk-connection-timeout", "integer", 10_000],
  ["zk-max-node-size", "integer", 1_024_000],
  ["zk-max-versions", "integer", 50],
  ["zk-session-timeout", "integer", 10_000],
  ["zk-timeout", "integer", 10_000],
];

/** Flags of two words, `--ha` and `--disable_ha`, of which one is always given. */
const switches = new Set(
  flags
    .filter(([, type]) => type === "boolean")
    .map(([name]) => name)
    .filter((name) => name !== "disable-http" && name !== "leader-proxy-ssl-ignore-hostname"),
);

/** Flags that are always given, without quotes; and what is said where the option is not set. */
const fallbacks: Readonly<Record<string, string>> = {
  "framework-name": "{{service.name}}",
  hostname: "$LIBPROCESS_IP",
  "http-port": " $PORT0 ",
  "mesos-authentication-principal": "{{service.name}}",
  "mesos-role": "{{service.name}}",
  zk: "zk://master.mesos:2181/universe/{{service.name}}",
};

const keystore = "marathon.ssl-keystore-path";

function of(generation: Generation): readonly Flag[] {
  return flags.filter(([, , , more]) => generation === "1.7" || more?.since === undefined);
}

/** The flags, as they are written, that take a value or that are words by themselves. */
export function flagNames(generation: Generation, kind: "text" | "switch"): readonly string[] {
  const alone = (name: string) => switches.has(name) || name === "disable-http";
  return of(generation)
    .map(([name]) => name)
    .filter((name) => alone(name) === (kind === "switch"))
    .map((name) => name.replaceAll("-", "_"));
}

/** The options of the package's group `marathon`. */
export function marathonOptions(generation: Generation): Json {
  return Object.fromEntries(
    of(generation).map(([name, type, fallback, more = {}]) => {
      const value = generation === "1.6" && "before" in more ? more.before : fallback;
      const text = `Marathon's flag --${name.replaceAll("-", "_")}.`;
      return [name, option(type, text, value === undefined ? {} : { default: value })];
    }),
  );
}

/** What of the template makes the command line, as part of a JSON text. */
export function marathonCommand(generation: Generation): string {
  const given = of(generation).map(([name]) => flag(name));
  return ["LIBPROCESS_PORT=$PORT1 && ./bin/start", ...given].join(" ");
}

function flag(name: string): string {
  const key = `marathon.${name}`;
  const word = `--${name.replaceAll("-", "_")}`;
  const when = (text: string) => `{{#${key}}}${text}{{/${key}}}`;
  const unless = (text: string) => `{{^${key}}}${text}{{/${key}}}`;
  const value = `{{${key}}}`;
  if (switches.has(name)) {
    return `${when(` ${word}`)}${unless(word.replace("--", "--disable_"))}`;
  }
  if (name === "disable-http") return when(word);
  if (name === "https-port") {
    return `{{#${keystore}}}${word} ${when(value)}${unless(" $PORT2 ")}{{/${keystore}}}`;
  }
  const fallback = fallbacks[name];
  if (fallback !== undefined) return `${word} ${when(value)}${unless(fallback)}`;
  return when(`${word} \\"${value}\\"`);
}
