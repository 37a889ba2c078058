import { parseArgs } from "node:util";
import { messageOf, SeamlessError } from "../../../util/errors";

/** What the program is told, as marathon-lb's image is. */
export interface BalancerArgs {
  /** Base URL of Marathon, with the path it may have behind Admin Router. */
  readonly marathon: string;
  readonly groups: readonly string[];
  readonly healthCheck: boolean;
  readonly bindHttpHttps: boolean;
  readonly strict: boolean;
  /** How often a reload that has failed is tried again, and after how many seconds. */
  readonly reloadRetries: number;
  readonly reloadIntervalSeconds: number;
  /** The last two have no like in marathon-lb, whose container has the host's addresses for itself. */
  readonly bind: string;
  readonly statsPort: number;
}

const usage =
  "usage: sse --marathon <url> --group <group> [--group <group>...] [--health-check] [--dont-bind-http-https] " +
  "[--haproxy-map] [--strict-mode] [--max-reload-retries <n>] [--reload-interval <seconds>] " +
  "[--bind-address <address>] [--stats-port <port>]";

/** @throws SeamlessError with the usage */
export function readArgs(argv: readonly string[]): BalancerArgs {
  const [mode, ...rest] = argv;
  if (mode !== "sse") {
    throw new SeamlessError(
      `${mode ?? "nothing"}: only sse, following events, is known\n${usage}`,
      2,
    );
  }
  const { values } = parsed(rest);
  const [marathon, ...others] = values.marathon ?? [];
  if (marathon === undefined || others.length > 0 || !URL.canParse(marathon)) {
    throw new SeamlessError(`--marathon: expected one URL\n${usage}`, 2);
  }
  return {
    marathon: marathon.replace(/\/+$/, ""),
    groups: (values.group ?? []).flatMap((group) => group.split(",")),
    healthCheck: values["health-check"] ?? false,
    bindHttpHttps: values["dont-bind-http-https"] !== true,
    strict: values["strict-mode"] ?? false,
    reloadRetries: whole("--max-reload-retries", values["max-reload-retries"], 10),
    reloadIntervalSeconds: whole("--reload-interval", values["reload-interval"], 10),
    bind: values["bind-address"] ?? "*",
    statsPort: whole("--stats-port", values["stats-port"], 9090),
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      strict: true,
      options: {
        marathon: { type: "string", short: "m", multiple: true },
        group: { type: "string", multiple: true },
        "health-check": { type: "boolean" },
        "dont-bind-http-https": { type: "boolean" },
        // Host names are in the configuration here, with or without; it makes no difference to clients.
        "haproxy-map": { type: "boolean" },
        "strict-mode": { type: "boolean" },
        // Marathon assigns service ports to apps on container networks too; none has to be made up.
        "min-serv-port-ip-per-task": { type: "string" },
        "max-serv-port-ip-per-task": { type: "string" },
        "max-reload-retries": { type: "string" },
        "reload-interval": { type: "string" },
        "bind-address": { type: "string" },
        "stats-port": { type: "string" },
      },
    });
  } catch (thrown) {
    throw new SeamlessError(`${messageOf(thrown)}\n${usage}`, 2);
  }
}

function whole(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (/^[0-9]{1,5}$/.test(text)) return Number(text);
  throw new SeamlessError(`${name}: expected a whole number, got ${text}\n${usage}`, 2);
}
