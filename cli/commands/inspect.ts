import { facetOf } from "../../components/contract/facet";
import type { CoeRuntime, InspectFlag } from "../../components/contract/runtime";
import { inCoe } from "../../components/in-coe";
import { makePlan } from "../../components/kinds/planning";
import { coeRuntimes } from "../../components/kinds/runtime";
import { renderInspection } from "../../components/speakers/calico/inspect/finding";
import type { Config } from "../../config/types";
import { exitCode, SeamlessError } from "../../util/errors";
import { type ConfigFlags, readConfig } from "./config";

export interface Flags extends ConfigFlags {
  readonly coe?: string;
  readonly json?: boolean;
  /** Those of the kinds, by name. */
  readonly [flag: string]: unknown;
}

const runtimes: Readonly<Record<string, CoeRuntime>> = coeRuntimes;

/** `seamless inspect`: exit code 0 can be joined, 1 something is in the way, 2 usage, 3 the cluster does not answer. */
export async function run(flags: Flags): Promise<void> {
  const config = await readConfig(flags);
  const name = chosen(config, flags);
  const plan = makePlan(config);
  const coe = plan.coes[name];
  if (coe === undefined) throw new SeamlessError(`coes.${name}: not in the plan`);
  const access = config.coes[name]?.access ?? "embedded";
  const { about, seen, findings, traffic } = await facetOf(runtimes, coe)
    .inspect({
      coe,
      plan,
      access,
      flags: Object.fromEntries(given(flags).map((flag) => [flag.name, flags[flag.name]])),
    })
    .catch((thrown) => {
      throw inCoe(thrown, name);
    });
  const by = traffic === undefined ? {} : { traffic };
  const lines = flags.json
    ? [JSON.stringify({ schemaVersion: 1, coe: name, seen, findings, ...by }, null, 2)]
    : renderInspection(name, { about, seen, findings, ...by });
  process.stdout.write(`${lines.join("\n")}\n`);
  if (findings.some(({ level }) => level === "blocks")) process.exitCode = exitCode.checkFailed;
}

/** The flags of kinds that were given. */
function given(flags: Flags): InspectFlag[] {
  const known = new Set(Object.values(runtimes).flatMap((kind) => kind.inspectFlags));
  return [...known].filter((flag) => flags[flag.name] !== undefined);
}

/** The COE that is meant. The only one that can be reached as the configuration and the flags say need not be named. */
function chosen(config: Config, flags: Flags): string {
  const { coe } = flags;
  const able = Object.entries(config.coes).filter(([, { kind }]) => {
    const own = runtimes[kind]?.inspectFlags;
    return own !== undefined && given(flags).every((flag) => own.includes(flag));
  });
  const known = able.map(([name]) => name).sort();
  if (coe !== undefined && known.includes(coe)) return coe;
  const reached = given(flags).some((flag) => flag.reaches === true);
  const [only, ...more] = able.filter(([, { access }]) => reached || access !== "embedded");
  if (coe === undefined && only !== undefined && more.length === 0) return only[0];
  throw new SeamlessError(
    `--coe ${coe ?? "(missing)"}: allowed: ${known.join(", ") || "none, because no COE takes these flags"}`,
    exitCode.usage,
  );
}
