import { type InspectFlags, inspectors } from "../../components/inspectors";
import { renderInspection } from "../../components/speakers/calico/inspect/finding";
import { calicoPlan } from "../../components/speakers/calico/objects";
import type { Config } from "../../config/types";
import { makePlan } from "../../plan";
import { exitCode, SeamlessError } from "../../util/errors";
import { type ConfigFlags, readConfig } from "./config";

export interface Flags extends ConfigFlags, InspectFlags {
  readonly coe?: string;
  readonly json?: boolean;
}

/** `seamless inspect`: exit code 0 can be joined, 1 something is in the way, 2 usage, 3 the cluster does not answer. */
export async function run(flags: Flags): Promise<void> {
  const config = await readConfig(flags);
  const name = chosen(config, flags);
  const plan = makePlan(config);
  const coe = plan.coes[name];
  if (coe === undefined) throw new SeamlessError(`coes.${name}: not in the plan`);
  const access = config.coes[name]?.access ?? "embedded";
  const inspect = inspectors[coe.kind]?.inspect;
  if (inspect === undefined) throw new SeamlessError(`coes.${name}.kind: found ${coe.kind}`);
  const { about, seen, findings, traffic } = await inspect({
    coe,
    calico: calicoPlan(plan, name),
    access,
    flags,
  });
  const by = traffic === undefined ? {} : { traffic };
  const lines = flags.json
    ? [JSON.stringify({ schemaVersion: 1, coe: name, seen, findings, ...by }, null, 2)]
    : renderInspection(name, { about, seen, findings, ...by });
  process.stdout.write(`${lines.join("\n")}\n`);
  if (findings.some(({ level }) => level === "blocks")) process.exitCode = exitCode.checkFailed;
}

/** The engine that is meant; the only one that can be reached as the configuration and the flags say need not be named. */
function chosen(config: Config, flags: Flags): string {
  const { coe, kubeconfig, url } = flags;
  const able = Object.entries(config.coes).filter(
    ([, { kind }]) => inspectors[kind]?.takes(flags) === true,
  );
  const known = able.map(([name]) => name).sort();
  if (coe !== undefined && known.includes(coe)) return coe;
  const given = kubeconfig !== undefined || url !== undefined;
  const [only, ...more] = able.filter(([, { access }]) => given || access !== "embedded");
  if (coe === undefined && only !== undefined && more.length === 0) return only[0];
  throw new SeamlessError(
    `--coe ${coe ?? "(missing)"}: allowed: ${known.join(", ") || "none, for no engine is reached in this way"}`,
    exitCode.usage,
  );
}
