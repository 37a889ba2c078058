import { calicoPlan } from "../../components/calico/objects";
import { renderCalicoV1, renderCalicoV3 } from "../../components/calico/render";
import { readClusterNodes } from "../../components/cluster-nodes";
import { forwardZones } from "../../components/forward-zones";
import { gobgpConfig } from "../../components/reflector/config";
import { renderGobgp } from "../../components/reflector/toml";
import { readStackConfig } from "../../config";
import { type CoePlan, makePlan, type Plan } from "../../plan";
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
  names: (plan, flags) =>
    chosen(plan, flags)
      .map(({ name, kind, forwards }) =>
        Object.keys(forwards).length === 0
          ? `# ${name}: no other engine has names for it\n`
          : `# ${name}\n${forwardZones[kind]?.(forwards) ?? ""}`,
      )
      .join("\n"),
};

/** `seamless render`: prints the text that would be applied, for reading and for the daemons' own tools. */
export async function run(what: string, flags: RenderFlags): Promise<void> {
  const render = renderers[what];
  if (render === undefined) throw usage(`render ${what}`, Object.keys(renderers));
  process.stdout.write(
    render(makePlan(readStackConfig(configFile(flags), readClusterNodes)), flags),
  );
}

const calicoApis = { v1: renderCalicoV1, v3: renderCalicoV3 } as const;

function renderCalico(plan: Plan, flags: RenderFlags): string {
  const renderer = Object.entries(calicoApis).find(([name]) => name === flags.api)?.[1];
  if (renderer === undefined) throw usage(`--api ${flags.api}`, Object.keys(calicoApis));
  return chosen(plan, flags)
    .map(({ name }) => `# ${name}\n${renderer(calicoPlan(plan, name))}`)
    .join("---\n");
}

/** The engines that are asked for: one, or all. */
function chosen(plan: Plan, { coe }: RenderFlags): CoePlan[] {
  const all = Object.values(plan.coes);
  if (coe === undefined) return all;
  const found = all.filter(({ name }) => name === coe);
  if (found.length === 0) throw usage(`--coe ${coe}`, Object.keys(plan.coes));
  return found;
}

function usage(found: string, allowed: readonly string[]): SeamlessError {
  return new SeamlessError(`${found}: allowed: ${allowed.join(", ")}`, exitCode.usage);
}
