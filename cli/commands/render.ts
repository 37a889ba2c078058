import { facetOf } from "../../components/contract/facet";
import type { CoeRuntime } from "../../components/contract/runtime";
import { makePlan } from "../../components/kinds/planning";
import { coeRuntimes } from "../../components/kinds/runtime";
import { speakerName } from "../../components/kinds/traits";
import type { RouterKind } from "../../components/reflector/contract";
import { renderExternal } from "../../components/reflector/external/render";
import { isOwnKind, routerKinds } from "../../components/reflector/kinds";
import { calicoPlan } from "../../components/speakers/calico/objects";
import { renderCalicoV1, renderCalicoV3 } from "../../components/speakers/calico/render";
import type { Config } from "../../config/types";
import type { CoePlan, Plan } from "../../plan";
import { exitCode, SeamlessError } from "../../util/errors";
import { type ConfigFlags, readConfig } from "./config";

export interface RenderFlags extends ConfigFlags {
  readonly coe?: string;
  /** Default: the one of each COE's Calico. */
  readonly api?: string;
}

const runtimes: Readonly<Record<string, CoeRuntime>> = coeRuntimes;

type Renderer = (plan: Plan, flags: RenderFlags, config: Config) => string | Promise<string>;

const renderers: Readonly<Record<string, Renderer>> = {
  calico: renderCalico,
  cni: (plan, flags, config) =>
    each(plan, flags, (coe) => {
      const access = config.coes[coe.name]?.access ?? "embedded";
      return facetOf(coeRuntimes, coe).render.network(coe, access);
    }),
  ...Object.fromEntries(
    Object.entries(routerKinds).map(([name, kind]) => [
      name,
      (plan: Plan) => rendered(plan, name, kind),
    ]),
  ),
  external: (plan) => {
    const routers = Object.values(plan.reflectors).filter(({ kind }) => !isOwnKind(kind));
    return routers.length === 0
      ? none("external")
      : routers.map((reflector) => renderExternal(plan, reflector)).join("\n");
  },
  speaker: (plan, flags) =>
    each(plan, flags, async (coe) => {
      const text = await facetOf(coeRuntimes, coe).render.speaker?.(plan, coe);
      return `# ${coe.name}${text === undefined ? `: its nodes speak BGP by ${speakerName(coe)}` : `\n${text}`}\n`;
    }),
  names: (plan, flags) =>
    each(plan, flags, async (coe) =>
      Object.keys(coe.forwards).length === 0
        ? `# ${coe.name}: no other COE has names for it\n`
        : `# ${coe.name}\n${await facetOf(coeRuntimes, coe).render.names(coe.forwards)}`,
    ),
  records: (plan, flags, config) =>
    each(plan, flags, (coe) => {
      const access = config.coes[coe.name]?.access ?? "embedded";
      const { records } = facetOf(runtimes, coe).render;
      return records === undefined
        ? Promise.resolve(`# ${coe.name}: it has name servers of its own\n`)
        : records(coe, access);
    }),
};

/** Files of the reflectors of one kind. */
function rendered(plan: Plan, name: string, kind: RouterKind): string {
  const reflectors = Object.values(plan.reflectors).filter((reflector) => reflector.kind === name);
  return reflectors.length === 0
    ? none(name)
    : reflectors
        .map((reflector) => `# ${reflector.name}\n${kind.render(plan, reflector)}`)
        .join("\n");
}

function none(kind: string): string {
  return `# the plan has no reflector of kind ${kind}\n`;
}

/** `seamless render`: prints the text that would be applied, for reading and for the daemons' own tools. */
export async function run(what: string, flags: RenderFlags): Promise<void> {
  const render = Object.hasOwn(renderers, what) ? renderers[what] : undefined;
  if (render === undefined) throw usage(`render ${what}`, Object.keys(renderers).sort());
  const config = await readConfig(flags);
  process.stdout.write(await render(makePlan(config), flags, config));
}

const calicoApis = { v1: renderCalicoV1, v3: renderCalicoV3 } as const;

function renderCalico(plan: Plan, flags: RenderFlags): string {
  return chosen(plan, flags)
    .map((coe) => {
      const { name, calicoApi = "v3" } = coe;
      const speaker = speakerName(coe);
      if (speaker !== "calico") return `# ${name}: its nodes speak BGP by ${speaker}\n`;
      const { api = calicoApi } = flags;
      const renderer = Object.entries(calicoApis).find(([known]) => known === api)?.[1];
      if (renderer === undefined) throw usage(`--api ${api}`, Object.keys(calicoApis));
      return `# ${name}\n${inCoe(name, () => renderer(calicoPlan(plan, name)))}`;
    })
    .join("---\n");
}

/** Names the COE in what an API cannot say. */
function inCoe(name: string, render: () => string): string {
  try {
    return render();
  } catch (thrown) {
    if (!(thrown instanceof SeamlessError)) throw thrown;
    throw new SeamlessError(`coes.${name}: ${thrown.message}`, thrown.code, { cause: thrown });
  }
}

/** A text for each COE that is asked for. */
async function each(
  plan: Plan,
  flags: RenderFlags,
  render: (coe: CoePlan) => Promise<string>,
): Promise<string> {
  return (await Promise.all(chosen(plan, flags).map(render))).join("\n");
}

/** The COEs that are asked for: one, or all. */
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
