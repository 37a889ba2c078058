import { ask, parsed } from "../../components/ask/shell";
import type { Answer } from "../../components/ask/types";
import type { Access } from "../../plan/access";
import { addressOf, families } from "../../plan/families";
import type { CoePlan, NodePlan } from "../../plan/types";
import type { Family } from "../../util/net";
import { speakersOf } from "../coes";
import { parseRoutes } from "../parse";
import type { KernelRoute } from "../types";
import { each, type Needed, type Probes } from "./each";

const none = ({ id }: NodePlan) => ({
  ...{ ok: false as const, asked: id, unasked: true as const },
  error: "no access to the COE that reaches its nodes",
});

/** Asks the nodes' kernels for their routes; where a kernel is asked for everything, the routes are among that. */
export async function collectRoutes(
  coes: readonly CoePlan[],
  access: Access,
  probes: Probes,
  needed: Needed,
): Promise<Record<string, Answer<readonly KernelRoute[]>>> {
  const asked = coes.flatMap((coe) =>
    speakersOf(coe).flatMap((node) => {
      const shell = access.coes[coe.name]?.nodes[node.name];
      if (shell === undefined || !needed.has(`routes/${node.id}`)) return [];
      if (needed.has(`kernels/${node.id}`)) return [];
      const viaCoe = (args: readonly string[]) =>
        probes[coe.name]?.onNode?.(node.name, args) ?? Promise.resolve(none(node));
      const inFamily = async (family: Family) =>
        parsed(
          await ask(shell, node.id, ["ip", "-j", `-${family}`, "route", "show"], viaCoe),
          (text) => parseRoutes(text, family),
        );
      const get = async () => {
        const [one, other] = await Promise.all(
          families.filter((family) => addressOf(node, family) !== undefined).map(inFamily),
        );
        if (one === undefined || !one.ok || other === undefined) return one ?? none(node);
        return other.ok ? { ...one, value: [...one.value, ...other.value] } : other;
      };
      return [[node.id, get] as const];
    }),
  );
  return each(asked, ([, get]) => get());
}
