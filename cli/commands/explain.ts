import { makePlan } from "../../components/kinds/planning";
import { coeRuntimes } from "../../components/kinds/runtime";
import { speakerOf } from "../../components/kinds/speakers";
import { routerTraits } from "../../components/kinds/traits";
import { routerAsk } from "../../components/reflector/kinds";
import type { Plan } from "../../plan";
import { planIn } from "../../plan/one-family";
import { exitCode, SeamlessError } from "../../util/errors";
import { inScratch } from "../../util/scratch";
import { attempt } from "../../verify/explain/attempt";
import { endOf, plannedNames } from "../../verify/explain/ends";
import { endIn, familyOfWay } from "../../verify/explain/family";
import {
  answersNeeded,
  containersOf,
  explainLive,
  hostEnd,
  liveNames,
  namesMissing,
  namesNeeded,
  wayNeeded,
} from "../../verify/explain/live";
import { explainPlanned } from "../../verify/explain/planned";
import { explanationDocument, renderExplanation } from "../../verify/explain/report";
import { sceneOf } from "../../verify/explain/scene";
import type { End, Explanation } from "../../verify/explain/types";
import type { End as KernelEnd } from "../../verify/kernel/ends";
import { askedAgain, merged } from "../../verify/merge";
import { seenOf } from "../../verify/one-family";
import type { StackOutputs } from "../../verify/outputs";
import { collect, makeProbes } from "../../verify/seen";
import type { Need } from "../../verify/types";
import { colours } from "../colours";
import { type ConfigFlags, readConfig } from "./config";
import { loadOutputs } from "./outputs";

export interface ExplainFlags extends ConfigFlags {
  readonly outputs?: string;
  readonly planned?: boolean;
  readonly ipv6?: boolean;
  readonly json?: boolean;
  /** As it was given. */
  readonly port?: string;
}

/** Exit code by what comes of the way. */
const codes = {
  whole: exitCode.ok,
  broken: exitCode.checkFailed,
  unknown: exitCode.nothingToCheck,
} as const;

/** `seamless explain`: exit code 0 the way is whole, 1 broken, 2 usage, 3 something could not be asked. */
export async function run(from: string, to: string, flags: ExplainFlags): Promise<void> {
  const explanation = await explained(from, to, flags);
  const lines = flags.json
    ? [JSON.stringify(explanationDocument(explanation), null, 2)]
    : renderExplanation(explanation, colours);
  process.stdout.write(`${lines.join("\n")}\n`);
  process.exitCode = codes[explanation.verdict];
}

async function explained(from: string, to: string, flags: ExplainFlags): Promise<Explanation> {
  const port = portOf(flags.port);
  if (!flags.planned) {
    const asked = { six: flags.ipv6 === true, ...(port === undefined ? {} : { port }) };
    return live(from, to, asked, await loadOutputs(flags));
  }
  if (port !== undefined)
    throw usage("--port: found --planned as well, which tries nothing; leave one of them out");
  const plan = await plannedOf(flags);
  const names = plannedNames(plan);
  const ends = [endOf(plan, names, "FROM", from), endOf(plan, names, "TO", to)] as const;
  const family = familyOfWay(plan, ...ends, flags.ipv6 === true);
  const [source, target] = [endIn(ends[0], family), endIn(ends[1], family)];
  return explainPlanned(planIn(plan, family), routerTraits, source, target);
}

/** Asks for the names first, and then only whoever is on the way. */
async function live(
  from: string,
  to: string,
  { six, port }: { readonly six: boolean; readonly port?: number },
  outputs: StackOutputs,
): Promise<Explanation> {
  const { plan, access } = outputs;
  return inScratch("explain", async (scratch) => {
    const probes = await makeProbes(plan, access, coeRuntimes, scratch);
    const ask = (needs: readonly Need[], between: readonly KernelEnd[] = []) =>
      askedAgain(needs, (again) =>
        collect(outputs, probes, new Set(again), routerAsk, speakerOf, between),
      );
    let seen = await ask(namesNeeded(plan));
    const [names, missing] = [liveNames(plan, seen), namesMissing(plan, seen)];
    const endAt = async (place: "FROM" | "TO", asked: string, asking?: string): Promise<End> => {
      const end = endOf(plan, names, place, asked, missing);
      if (end.host === undefined) return end;
      const [coe, host] = [asking ?? end.coe, end.host];
      const need = answersNeeded(coe, host);
      seen = merged(seen, await ask([need]), new Set([need]));
      return hostEnd(plan, names, place, host, coe, seen);
    };
    const source = await endAt("FROM", from);
    const both = [source, await endAt("TO", to, source.coe)] as const;
    const family = familyOfWay(plan, ...both, six);
    const [one, other] = [endIn(both[0], family), endIn(both[1], family)];
    const own = planIn(plan, family);
    const more = wayNeeded(plan, one, other);
    const [asked, tried] = await Promise.all([
      ask(more, containersOf(own, [one, other])),
      attempt(own, access, one, other, port),
    ]);
    seen = merged(seen, asked, new Set(more));
    return explainLive(sceneOf(own, routerTraits, seenOf(plan, seen, family)), one, other, {
      ...(port === undefined ? {} : { port }),
      ...(tried === undefined ? {} : { tried }),
    });
  });
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw usage(`--port: found ${JSON.stringify(text)}; allowed: a port of TCP, 1 to 65535`);
}

function usage(message: string): SeamlessError {
  return new SeamlessError(message, exitCode.usage);
}

/** The plan of the configuration, or of a stack's outputs where those are named. */
async function plannedOf(flags: ExplainFlags): Promise<Plan> {
  if (flags.outputs !== undefined) return (await loadOutputs(flags)).plan;
  return makePlan(await readConfig(flags));
}
