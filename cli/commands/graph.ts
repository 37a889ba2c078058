import { makePlan } from "../../components/kinds/planning";
import { routerTraits } from "../../components/kinds/traits";
import {
  addressesGraph,
  dot,
  endsAllowed,
  type Graph,
  mermaid,
  type PathEnd,
  pathEnd,
  pathFamily,
  pathGraph,
  svg,
  topologyGraph,
} from "../../graph";
import type { Plan } from "../../plan";
import { planIn } from "../../plan/one-family";
import { exitCode, SeamlessError } from "../../util/errors";
import { type ConfigFlags, readConfig } from "./config";

export interface GraphFlags extends ConfigFlags {
  /** Default: mermaid. */
  readonly format?: string;
  readonly json?: boolean;
  /** The path of IPv6, where both ends have both families. */
  readonly ipv6?: boolean;
}

const formats = { dot, mermaid, svg: (graph: Graph) => svg(graph) } as const;

type Drawer = (plan: Plan, ends: readonly string[], six: boolean) => Graph;

const drawers: Readonly<Record<string, Drawer>> = {
  addresses: addressesGraph,
  path: (both, [from, to], six) => {
    if (from === undefined || to === undefined)
      throw usage("graph path: found one end or none; allowed: graph path FROM TO");
    const ends = [endOf(both, "FROM", from), endOf(both, "TO", to)] as const;
    const plan = planIn(both, pathFamily(ends, [from, to], six));
    return pathGraph(plan, endOf(plan, "FROM", from), endOf(plan, "TO", to), routerTraits);
  },
  topology: (plan) => topologyGraph(plan),
};

/** `seamless graph`: prints a picture of the plan as text; exit code 2 for what is not known. */
export async function run(
  what: string | undefined,
  ends: readonly string[],
  flags: GraphFlags,
): Promise<void> {
  const { format = "mermaid" } = flags;
  const draw = Object.entries(formats).find(([name]) => name === format)?.[1];
  if (draw === undefined)
    throw usage(`--format ${format}: allowed: ${Object.keys(formats).join(", ")}`);
  const name = what ?? "topology";
  const drawer = Object.hasOwn(drawers, name) ? drawers[name] : undefined;
  if (drawer === undefined)
    throw usage(`graph ${name}: allowed: ${Object.keys(drawers).sort().join(", ")}`);
  if (ends.length > (name === "path" ? 2 : 0))
    throw usage(`graph ${name}: found ${ends.at(-1)} behind it; allowed: nothing more`);
  const graph = drawer(makePlan(await readConfig(flags)), ends, flags.ipv6 === true);
  process.stdout.write(
    flags.json ? `${JSON.stringify({ schemaVersion: 1, graph }, null, 2)}\n` : draw(graph),
  );
}

function endOf(plan: Plan, what: string, given: string): PathEnd {
  const end = pathEnd(plan, given);
  if (end !== undefined) return end;
  throw usage(`graph path: ${what}: found ${given}; allowed: ${endsAllowed(plan)}`);
}

function usage(message: string): SeamlessError {
  return new SeamlessError(message, exitCode.usage);
}
