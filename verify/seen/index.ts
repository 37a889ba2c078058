import { facetOf } from "../../components/contract/facet";
import type { MakeProbe } from "../../components/contract/probe";
import type { Access } from "../../plan/access";
import { familiesIn, planIn } from "../../plan/one-family";
import type { Plan } from "../../plan/types";
import { deployedCoes } from "../coes";
import { type End, endsOf } from "../kernel/ends";
import { type Ends, endsSeen } from "../one-family";
import type { StackOutputs } from "../outputs";
import type { Observation } from "../types";
import { collectAnswers } from "./answers";
import { collectAddons, collectServices, collectWorkloads } from "./coes";
import type { Needed, Probes } from "./each";
import { fetchDatastores } from "./fetches";
import { collectKernels, mainRoutes } from "./kernels";
import { collectDaemons, collectLeft } from "./left";
import { collectAccepts, collectOwnWord, collectSpeakers, type SpeakerKinds } from "./own-word";
import { askReflectors, type RouterKinds } from "./reflectors";
import { collectRoutes } from "./routes";
import { collectSignatures } from "./signatures";
import { collectTraffic } from "./traffic";

/** By kind of COE: what makes the probe of one. */
export type ProbeKinds = Readonly<Record<string, { readonly probe: MakeProbe }>>;

/** Makes the probes of all deployed COEs. @param scratch a private folder for files with secrets */
export async function makeProbes(
  plan: Plan,
  access: Access,
  kinds: ProbeKinds,
  scratch: string,
): Promise<Probes> {
  const probes: Record<string, Probes[string]> = {};
  for (const coe of deployedCoes(plan)) {
    const coeAccess = access.coes[coe.name];
    if (coeAccess !== undefined)
      probes[coe.name] = await facetOf(kinds, coe).probe(coe, coeAccess, scratch);
  }
  return probes;
}

/**
 * Asks everybody who is needed once, at the same time. An answer that fails is part of what is seen, not an error.
 * @param needed what the chosen checks need
 * @param routerOf how a reflector of a kind is asked
 * @param speakerKinds how the nodes of a kind of COE are asked
 * @param between containers between which the kernels are asked for the way. Default: the probes
 */
export async function collect(
  { plan, access, probes: probed, printed }: StackOutputs,
  probes: Probes,
  needed: Needed,
  routerOf: RouterKinds,
  speakerKinds: SpeakerKinds,
  between?: readonly End[],
): Promise<Observation> {
  const coes = deployedCoes(plan);
  const withProbe = new Set(probed);
  const [left, daemons] = await Promise.all([
    collectLeft(plan, coes, probes, printed, needed),
    collectDaemons(access, needed),
  ]);
  const ofCoes = async () => {
    const [own, workloads, services] = await Promise.all([
      collectOwnWord(plan, coes, probes, needed),
      collectWorkloads(coes, probes, withProbe, needed),
      collectServices(coes, probes, withProbe, needed),
    ]);
    const asked = { workloads, containers: own.containers, services };
    const [kernels, datastores, traffic] = await Promise.all([
      collectKernels(plan, access, probes, between ?? endsIn(plan, asked), needed),
      fetchDatastores(coes, probes, workloads, needed),
      collectTraffic(plan, access, probes, asked, needed),
    ]);
    return { ...own, ...traffic, kernels, datastores, workloads, services };
  };
  // Beside each other: a connection that is dropped, as an add-on's should be, takes its whole time.
  const [across, speakers, accepts, neighbours, rib, routes, addons, answers, signatures] =
    await Promise.all([
      ofCoes(),
      collectSpeakers(coes, probes, speakerKinds, needed),
      collectAccepts(plan, access, routerOf, needed),
      askReflectors("neighbours", plan, access, routerOf, needed, ({ neighbours }) => neighbours),
      askReflectors("rib", plan, access, routerOf, needed, ({ rib }) => rib),
      collectRoutes(coes, access, probes, needed),
      collectAddons(coes, probes, needed),
      collectAnswers(plan, access, probes, needed),
      collectSignatures(plan, access, probes, needed),
    ]);
  return {
    ...across,
    ...{ left, daemons, speakers, accepts, signatures },
    routes: { ...routes, ...mainRoutes(across.kernels) },
    ...{ neighbours, rib, addons, answers },
  };
}

/** The containers between which kernels are asked for the way, in each family. */
function endsIn(plan: Plan, asked: Ends): End[] {
  return familiesIn(plan).flatMap((family) => {
    const { workloads, containers } = endsSeen(plan, asked, family);
    return endsOf(planIn(plan, family), workloads, containers);
  });
}
