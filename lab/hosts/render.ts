import { dump } from "js-yaml";

/** One systemd service, as data. */
export interface Service {
  readonly description: string;
  /** Units this one starts after. */
  readonly after?: readonly string[];
  readonly before?: readonly string[];
  readonly requires?: readonly string[];
  /** Default: `simple`. */
  readonly type?: "simple" | "notify" | "oneshot";
  /** Run before the program, each as an argument vector. */
  readonly prepare?: readonly (readonly string[])[];
  /** The program; several only for `oneshot`. */
  readonly start: readonly (readonly string[])[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly environmentFile?: string;
  /** More settings of the [Service] section, such as KillMode. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False for units that must run before the basic system is up. Default: true. */
  readonly defaultDependencies?: boolean;
}

/** The text of a unit file, as systemd.service(5) has it. */
export function renderService(service: Service): string {
  const unit = [
    `Description=${service.description}`,
    ...(service.defaultDependencies === false ? ["DefaultDependencies=no"] : []),
    ...list("After", service.after),
    ...list("Before", service.before),
    ...list("Requires", service.requires),
    // A daemon may have to try for as long as another host takes to come up.
    "StartLimitIntervalSec=0",
  ];
  const oneshot = service.type === "oneshot";
  const body = [
    `Type=${service.type ?? "simple"}`,
    ...(oneshot ? ["RemainAfterExit=yes"] : ["Restart=always", "RestartSec=1"]),
    ...entries(service.environment ?? {}).map(([k, v]) => `Environment=${quote(`${k}=${v}`)}`),
    ...(service.environmentFile === undefined
      ? []
      : [`EnvironmentFile=${service.environmentFile}`]),
    ...(service.prepare ?? []).map((argv) => `ExecStartPre=${commandLine(argv)}`),
    ...service.start.map((argv) => `ExecStart=${commandLine(argv)}`),
    ...entries(service.settings ?? {}).map(([k, v]) => `${k}=${v}`),
  ];
  return `[Unit]\n${unit.join("\n")}\n\n[Service]\n${body.join("\n")}\n`;
}

/** Flags in the `--name=value` form, sorted by name. */
export function flags(values: Readonly<Record<string, string | number | boolean>>): string[] {
  return entries(values).map(([name, value]) => `--${name}=${value}`);
}

/** `NAME=value` lines for EnvironmentFile. */
export function renderEnvironment(values: Readonly<Record<string, string>>): string {
  return entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

/** YAML with sorted keys. */
export function renderYaml(value: unknown): string {
  return dump(value, { sortKeys: true, lineWidth: -1, noRefs: true });
}

/** JSON with the keys as given, one field a line. */
export function renderJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function list(name: string, values: readonly string[] | undefined): string[] {
  return values === undefined || values.length === 0 ? [] : [`${name}=${values.join(" ")}`];
}

function entries<V>(values: Readonly<Record<string, V>>): [string, V][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** systemd expands `%` and `$` in command lines, and splits them at white space. */
function commandLine(argv: readonly string[]): string {
  return argv.map((word) => quote(word.replaceAll("$", "$$$$"))).join(" ");
}

function quote(word: string): string {
  const escaped = word.replaceAll("%", "%%");
  return /^[^\s"'\\;]+$/.test(escaped)
    ? escaped
    : `"${escaped.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
