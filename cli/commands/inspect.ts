import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { calicoPlan } from "../../components/calico/objects";
import { readClusterNodes } from "../../components/cluster-nodes";
import { inspect, renderInspection } from "../../components/kubernetes/inspect";
import { withKubectl } from "../../components/kubernetes/kubectl";
import { readStackConfig } from "../../config";
import { kindFacts } from "../../config/kinds";
import type { Config } from "../../config/types";
import { makePlan } from "../../plan";
import { exitCode, messageOf, SeamlessError } from "../../util/errors";
import { type ConfigFlags, configFile } from "./plan";

export interface InspectFlags extends ConfigFlags {
  readonly coe?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly json?: boolean;
}

/** `seamless inspect`: exit code 0 can be joined, 1 something is in the way, 2 usage, 3 the cluster does not answer. */
export async function run(flags: InspectFlags): Promise<void> {
  const config = readStackConfig(configFile(flags), readClusterNodes);
  const coe = chosen(config, flags.coe);
  const access = config.coes[coe]?.access;
  const external = typeof access === "object" ? access : {};
  const file = flags.kubeconfig ?? external.kubeconfig;
  if (file === undefined)
    throw new SeamlessError(
      `coes.${coe}.access: found embedded, whose kubeconfig is an output of its stack; needed: --kubeconfig FILE`,
      exitCode.usage,
    );
  const context = flags.context ?? external.context;
  const kubeconfig = await text(file);
  const plan = makePlan(config);
  const calico = calicoPlan(plan, coe);
  const engine = plan.coes[coe];
  if (engine === undefined) throw new SeamlessError(`coes.${coe}: not in the plan`);
  const labels = {
    kubeconfig: flags.kubeconfig === undefined ? `coes.${coe}.access.kubeconfig` : "--kubeconfig",
    context: flags.context === undefined ? `coes.${coe}.access.context` : "--context",
  };
  const result = await withKubectl(
    kubeconfig,
    context,
    (kubectl) => inspect(kubectl, engine, calico),
    labels,
  );
  const lines = flags.json
    ? [JSON.stringify({ schemaVersion: 1, coe, ...result }, null, 2)]
    : renderInspection(coe, result);
  process.stdout.write(`${lines.join("\n")}\n`);
  if (result.findings.some(({ level }) => level === "blocks"))
    process.exitCode = exitCode.checkFailed;
}

/** The engine that is meant; the only one with a kubeconfig need not be named. */
function chosen(config: Config, name: string | undefined): string {
  const known = Object.entries(config.coes)
    .filter(([, { kind }]) => kindFacts[kind]?.accepts.includes("kubeconfig"))
    .map(([coe]) => coe);
  const [only] = known;
  if (name === undefined && only !== undefined && known.length === 1) return only;
  if (name !== undefined && known.includes(name)) return name;
  throw new SeamlessError(
    `--coe ${name ?? "(missing)"}: allowed: ${known.join(", ") || "none, for no engine has a kubeconfig"}`,
    exitCode.usage,
  );
}

async function text(file: string): Promise<string> {
  const path = file.startsWith("~/") ? join(homedir(), file.slice(2)) : file;
  return readFile(path, "utf8").catch((thrown) => {
    throw new SeamlessError(`--kubeconfig ${file}: ${messageOf(thrown)}`, exitCode.usage);
  });
}
