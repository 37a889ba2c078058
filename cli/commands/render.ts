import { calicoPlan } from "../../components/calico/objects";
import { renderCalicoV1, renderCalicoV3 } from "../../components/calico/render";
import { gobgpConfig } from "../../components/reflector/config";
import { renderGobgp } from "../../components/reflector/toml";
import { readStackConfig } from "../../config";
import { makePlan, type Plan } from "../../plan";
import { exitCode, SeamlessError } from "../../util/errors";
import { type ConfigFlags, configFile } from "./plan";

export interface RenderFlags extends ConfigFlags {
  readonly coe?: string;
  readonly api: string;
}

const renderers: Readonly<Record<string, (plan: Plan, flags: RenderFlags) => string>> = {
  calico: renderCalico,
  gobgp: (plan) =>
    Object.values(plan.reflectors)
      .map((reflector) => `# ${reflector.name}\n${renderGobgp(gobgpConfig(plan, reflector))}`)
      .join("\n"),
};

/** `seamless render`: prints the text that would be applied, for reading and for the daemons' own tools. */
export async function run(what: string, flags: RenderFlags): Promise<void> {
  const render = renderers[what];
  if (render === undefined) throw usage(`render ${what}`, Object.keys(renderers));
  process.stdout.write(render(makePlan(readStackConfig(configFile(flags))), flags));
}

const calicoApis = { v1: renderCalicoV1, v3: renderCalicoV3 } as const;

function renderCalico(plan: Plan, { coe, api }: RenderFlags): string {
  const renderer = Object.entries(calicoApis).find(([name]) => name === api)?.[1];
  if (renderer === undefined) throw usage(`--api ${api}`, Object.keys(calicoApis));
  const known = Object.keys(plan.coes);
  if (coe !== undefined && !known.includes(coe)) throw usage(`--coe ${coe}`, known);
  const names = coe === undefined ? known : [coe];
  return names.map((name) => `# ${name}\n${renderer(calicoPlan(plan, name))}`).join("---\n");
}

function usage(found: string, allowed: readonly string[]): SeamlessError {
  return new SeamlessError(`${found}: allowed: ${allowed.join(", ")}`, exitCode.usage);
}
