import { writeFile } from "node:fs/promises";
import { type AdoptedRouter, adoptedRouter, routerViolations } from "../../adopt/router";
import { draftOf, type Read, stackText } from "../../adopt/stack";
import { type Known, parseTarget, type Target } from "../../adopt/targets";
import type { RouterState } from "../../components/ask/router";
import { daemonAt } from "../../components/ask/shell";
import { facetOf } from "../../components/contract/facet";
import type { CoeRuntime } from "../../components/contract/runtime";
import { makePlan, parseStackConfig } from "../../components/kinds/planning";
import { coeRuntimes } from "../../components/kinds/runtime";
import { routerKind, routerKinds } from "../../components/reflector/kinds";
import { reflectorShell } from "../../components/reflector/shell";
import type { Finding } from "../../components/speakers/calico/inspect/finding";
import type { Config } from "../../config/types";
import { exitCode, messageOf, SeamlessError, whyNoFile } from "../../util/errors";
import { warn } from "../warn";

export interface AdoptFlags {
  /** Routers that run already. Default: none. */
  readonly router?: readonly string[];
  /** Default: standard output. */
  readonly output?: string;
  readonly json?: boolean;
}

const runtimes: Readonly<Record<string, CoeRuntime>> = coeRuntimes;

/** By kind, what it is read by: the flags of `seamless inspect`. */
const coeSettings: Known = Object.fromEntries(
  Object.entries(runtimes).map(([kind, { inspectFlags }]) => [
    kind,
    Object.fromEntries(inspectFlags.map(({ name, option }) => [name, option.includes("...")])),
  ]),
);

const routerSettings: Known = Object.fromEntries(
  Object.keys(routerKinds).map((kind) => [
    kind,
    { address: false, dockerHost: false, container: false, api: false },
  ]),
);

/** One thing that is not as the file says, or cannot be joined as it is. */
interface Violation {
  readonly level: "refused" | Finding["level"];
  readonly text: string;
}

/** `seamless adopt`: exit code 0 nothing is in the way, 1 something is, 2 usage, 3 somebody does not answer. */
export async function run(coes: readonly string[], flags: AdoptFlags): Promise<void> {
  const targets = coes.map((given) => parseTarget(given, coeSettings));
  const routers = (flags.router ?? []).map((given) => parseTarget(given, routerSettings));
  refuseTwice([...targets, ...routers]);
  const [read, found] = await Promise.all([
    Promise.all(targets.map(async (one) => [one.name, await readCoe(one)] as const)),
    Promise.all(routers.map(async (one) => [one.name, await readRouter(one)] as const)),
  ]);
  const [first = ""] = Object.keys(routerKinds).filter((kind) => routerKind() === routerKind(kind));
  const draft = draftOf(
    Object.fromEntries(read),
    Object.fromEntries(found.map(([name, { router }]) => [name, router])),
    first,
  );
  const violations = await judged(stackText(draft, []), Object.fromEntries(read), found);
  const text = stackText(draft, [
    ...head,
    ...violations.map(({ level, text }) => `${level}: ${text}`),
  ]);
  await print(text, violations, flags);
  const bad = violations.some(({ level }) => level === "refused" || level === "blocks");
  if (bad) process.exitCode = exitCode.checkFailed;
}

const head = [
  "Written by seamless adopt, which has changed nothing. Comments say what was not sure.",
  "Read all of it, choose what is a choice, and run seamless plan and seamless inspect with it.",
];

function refuseTwice(all: readonly Target[]): void {
  const names = all.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new SeamlessError(`adopt: found the name ${twice} twice`, exitCode.usage);
}

async function readCoe({ name, kind, settings }: Target): Promise<Read> {
  const coe = await facetOf(runtimes, { name, kind }).adopt({ name, flags: settings });
  return { kind, coe };
}

interface ReadRouter {
  readonly router: AdoptedRouter;
  readonly state: RouterState;
}

async function readRouter({ name, kind, settings }: Target): Promise<ReadRouter> {
  const { address, dockerHost, container, api } = settings;
  if (typeof address !== "string")
    throw new SeamlessError(`${name}: found no address; needed: address=ADDRESS`, exitCode.usage);
  const host = typeof dockerHost === "string" ? { dockerHost } : {};
  const shell = {
    ...reflectorShell(name, host, kind),
    ...(typeof container === "string" ? { container } : {}),
    ...(typeof api === "string" ? { api } : {}),
  };
  const router = routerKind(kind);
  try {
    const state = await router.read(daemonAt(router.client, shell, name));
    return { router: adoptedRouter({ kind, address, ...host }, state), state };
  } catch (thrown) {
    throw new SeamlessError(`${name}: ${messageOf(thrown)}`, exitCode.nothingToCheck, {
      cause: thrown,
    });
  }
}

/** What the configuration's own rules, the plan and every COE's inspection have against the file. */
async function judged(
  text: string,
  coes: Readonly<Record<string, Read>>,
  routers: readonly (readonly [string, ReadRouter])[],
): Promise<Violation[]> {
  const all = Object.entries(coes);
  const nodes = Object.fromEntries(
    all.flatMap(([name, { coe }]) =>
      Object.entries(coe.nodes).map(([node, { address }]) => [address, `${name}/${node}`]),
    ),
  );
  const ranges = all.flatMap(([, { coe }]) => rangesIn(coe.fields));
  const ofRouters = routers.flatMap(([name, { state }]) =>
    routerViolations(name, state, nodes, ranges).map(
      (one): Violation => ({ level: "changes", text: one }),
    ),
  );
  try {
    const config = parseStackConfig(text, "the file", { warn });
    return [...(await inspected(config)), ...ofRouters];
  } catch (thrown) {
    if (!(thrown instanceof SeamlessError) || thrown.code !== exitCode.usage) throw thrown;
    const lines = thrown.message.split("\n").filter((line) => line !== "");
    return [...lines.map((line): Violation => ({ level: "refused", text: line })), ...ofRouters];
  }
}

function rangesIn(fields: Readonly<Record<string, unknown>>): string[] {
  const { podCidr, serviceCidr, loadBalancerCidr, externalCidr } = fields;
  return [podCidr, serviceCidr, loadBalancerCidr, externalCidr]
    .flat()
    .flatMap((range) => (typeof range === "string" ? range : []));
}

async function inspected(config: Config): Promise<Violation[]> {
  const plan = makePlan(config);
  const all = await Promise.all(
    Object.values(plan.coes).map(async (coe) => {
      const access = config.coes[coe.name]?.access ?? {};
      const { findings } = await facetOf(runtimes, coe).inspect({ coe, plan, access, flags: {} });
      return findings.map(({ level, id, found, advice }): Violation => {
        const todo = advice === undefined ? "" : `; to do: ${advice}`;
        return { level, text: `${coe.name}: ${id}: ${found}${todo}` };
      });
    }),
  );
  return all.flat();
}

async function print(
  text: string,
  violations: readonly Violation[],
  { output, json }: AdoptFlags,
): Promise<void> {
  if (output !== undefined) await writeFile(output, text, { flag: "wx" }).catch(refusal(output));
  const lines = violations.map(({ level, text }) => `${level.padEnd(7)} ${text}\n`).join("");
  if (json) {
    const document = { schemaVersion: 1, config: text, violations };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else if (output === undefined) {
    process.stdout.write(text);
    process.stderr.write(lines);
  } else process.stdout.write(lines);
}

function refusal(output: string) {
  return (thrown: NodeJS.ErrnoException) => {
    const why =
      thrown.code === "EEXIST" ? "is there already; give another name" : whyNoFile(thrown);
    throw new SeamlessError(`--output ${output}: ${why}`, exitCode.usage);
  };
}
