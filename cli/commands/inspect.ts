import { calicoPlan } from "../../components/calico/objects";
import { readClusterNodes } from "../../components/cluster-nodes";
import { renderInspection } from "../../components/inspect/finding";
import { type InspectFlags, inspectors } from "../../components/inspectors";
import { readStackConfig } from "../../config";
import type { Config } from "../../config/types";
import { makePlan } from "../../plan";
import { exitCode, SeamlessError } from "../../util/errors";
import { type ConfigFlags, configFile } from "./plan";

export interface Flags extends ConfigFlags, InspectFlags {
  readonly coe?: string;
  readonly json?: boolean;
}

/** `seamless inspect`: exit code 0 can be joined, 1 something is in the way, 2 usage, 3 the cluster does not answer. */
export async function run(flags: Flags): Promise<void> {
  const config = readStackConfig(configFile(flags), readClusterNodes);
  const name = chosen(config, flags);
  const plan = makePlan(config);
  const coe = plan.coes[name];
  if (coe === undefined) throw new SeamlessError(`coes.${name}: not in the plan`);
  const access = config.coes[name]?.access ?? "embedded";
  const inspect = inspectors[coe.kind]?.inspect;
  if (inspect === undefined) throw new SeamlessError(`coes.${name}.kind: found ${coe.kind}`);
  const { about, seen, findings } = await inspect({
    coe,
    calico: calicoPlan(plan, name),
    access,
    flags,
  });
  const lines = flags.json
    ? [JSON.stringify({ schemaVersion: 1, coe: name, seen, findings }, null, 2)]
    : renderInspection(name, { about, seen, findings });
  process.stdout.write(`${lines.join("\n")}\n`);
  if (findings.some(({ level }) => level === "blocks")) process.exitCode = exitCode.checkFailed;
}

/** The engine that is meant; the only one that the given flags can be about need not be named. */
function chosen(config: Config, flags: Flags): string {
  const { coe } = flags;
  const known = Object.entries(config.coes)
    .filter(([, { kind }]) => inspectors[kind]?.takes(flags) === true)
    .map(([name]) => name)
    .sort();
  const [only] = known;
  if (coe === undefined && only !== undefined && known.length === 1) return only;
  if (coe !== undefined && known.includes(coe)) return coe;
  throw new SeamlessError(
    `--coe ${coe ?? "(missing)"}: allowed: ${known.join(", ") || "none, for no engine is reached in this way"}`,
    exitCode.usage,
  );
}
