import type { CoePlan, NodePlan, Plan } from "../../../plan/types";
import { familyOf } from "../../../util/net";
import { deployedCoes, speakersOf } from "../../coes";
import type { End } from "../../kernel/ends";
import type { Lookups } from "../../kernel/lookup";
import { programText } from "../../kernel/programs";
import { kernelAsked } from "../../kernel/script";
import type { NodeKernel } from "../../kernel/types";
import { workloadsOf } from "../../needs";
import type { Judged, Need, Observation, Verdict } from "../../types";
import { type About, fail, pass, refused, unreachable } from "../../verdict";
import { firewallProblems } from "./firewall";
import { forwardingProblems } from "./forwarding";
import { linkProblems } from "./links";
import { programsOn } from "./programs";
import { routeProblems } from "./routes";
import { kernelView } from "./view";

/** What a judge of a node's kernel works with. */
export interface KernelView {
  readonly plan: Plan;
  readonly coe: CoePlan;
  readonly node: NodePlan;
  readonly kernel: NodeKernel;
  readonly lookups: Lookups;
  /** The running probes of all COEs. */
  readonly ends: readonly End[];
  /** The kernels of all nodes that were asked, by their ids. */
  readonly kernels: ReadonlyMap<string, NodeKernel>;
}

/** One thing that is wrong on a node. */
export interface Problem {
  readonly found: string;
  readonly expected: string;
  readonly cause: string;
  readonly remedy: string;
}

interface Kind {
  readonly name: string;
  title(node: NodePlan): string;
  /** What the kernel has to have told for it. */
  readonly parts: readonly string[];
  problems(view: KernelView): Problem[];
  /** What is said where nothing is wrong. */
  sound(view: KernelView): string;
}

const kinds: readonly Kind[] = [
  {
    name: "routes",
    title: ({ id }) => `every rule and table of ${id} leads to the node of each container`,
    parts: ["routes", "rules"],
    problems: routeProblems,
    sound: ({ kernel }) =>
      `${kernel.routes.length} routes in ${new Set(kernel.routes.map(({ table }) => table)).size} tables, ${kernel.rules.length} rules; the kernel answered ${kernel.lookups.length} lookups`,
  },
  {
    name: "forwarding",
    title: ({ id }) => `${id} forwards packets, and takes them from wherever they come`,
    parts: ["settings"],
    problems: forwardingProblems,
    sound: ({ node }) =>
      familyOf(node.address) === 6
        ? "forwarding is on, and IPv6 on every link that is used"
        : "forwarding is on; rp_filter drops nothing",
  },
  {
    name: "firewall",
    title: ({ id }) => `no rule on ${id} drops or translates packets between containers`,
    parts: ["firewall"],
    problems: firewallProblems,
    sound: (view) =>
      [
        `${view.kernel.firewalls.map(({ backend }) => backend).join(" and ")}: packets of all sizes pass`,
        ...programsOn(view).map((one) => `eBPF on ${programText(one)}, whose rules cannot be read`),
      ].join("; "),
  },
  {
    name: "links",
    title: ({ id }) => `the links of ${id} are up and carry the containers' packets whole`,
    parts: ["links", "neighbours"],
    problems: linkProblems,
    sound: ({ kernel }) => `${Object.keys(kernel.links).length} links`,
  },
];

/** What the kernels of the nodes do with packets, beside what they have learned by BGP. */
export function kernelChecks(plan: Plan): Judged[] {
  const coes = deployedCoes(plan);
  const containers = coes.flatMap((coe): Need[] => [workloadsOf(coe), `containers/${coe.name}`]);
  return coes.flatMap((coe) =>
    speakersOf(coe).flatMap((node) =>
      kinds.map((kind): Judged => {
        const own: Need = `kernels/${node.id}`;
        return {
          id: `kernel/${node.id}/${kind.name}`,
          group: "kernel",
          title: kind.title(node),
          needs: [own, ...containers],
          judge: (seen) => judge(kind, plan, coe, node, seen),
        };
      }),
    ),
  );
}

/** How many problems of a node are told; the rest is counted. */
const shown = 4;

function judge(kind: Kind, plan: Plan, coe: CoePlan, node: NodePlan, seen: Observation): Verdict {
  const about: About = {
    at: node.id,
    expected: kind.title(node),
    source: "plan",
    cause: `${node.id} does not answer as Linux with iproute2 does`,
    remedy: `on ${node.id}: ${kernelAsked(familyOf(node.address))}`,
  };
  const answer = seen.kernels?.[node.id];
  if (answer === undefined) return unreachable(about);
  const { asked } = answer;
  if (!answer.ok) return refused(answer, about);
  const kernel = answer.value;
  const view = kernelView(plan, seen, coe, node, kernel);
  const problems = kind.problems(view);
  const [first] = problems;
  if (first !== undefined) {
    const { expected, cause, remedy } = first;
    const all = [...new Set(problems.map((problem) => problem.found))];
    const more = all.length > shown ? [`and ${all.length - shown} more`] : [];
    const found = [...all.slice(0, shown), ...more];
    return fail(asked, found, { at: node.id, expected, source: "plan", cause, remedy });
  }
  const untold = kernel.untold.filter(({ part }) => kind.parts.includes(part.split(" ")[0] ?? ""));
  if (untold.length === 0) return pass(asked, kind.sound(view));
  const { at, expected, source } = about;
  return {
    // Asking again does not bring the program.
    ...{ status: "unknown", asked: "", at, expected, source },
    found: untold.map(({ part, why }) => `${part}: ${why}`).join("; "),
    cause: "the program is not on the node, or may not be run there",
    remedy: `install it on ${node.id}, or look there by hand`,
  };
}
