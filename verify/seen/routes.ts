import { ask, parsed } from "../../components/ask/shell";
import type { Answer } from "../../components/ask/types";
import type { Access } from "../../plan/access";
import type { CoePlan } from "../../plan/types";
import { speakersOf } from "../coes";
import { parseRoutes } from "../parse";
import type { KernelRoute } from "../types";
import { each, type Needed, type Probes } from "./each";

/** Asks the nodes' kernels for their routes; where a kernel is asked for everything, the routes are among that. */
export async function collectRoutes(
  coes: readonly CoePlan[],
  access: Access,
  probes: Probes,
  needed: Needed,
): Promise<Record<string, Answer<readonly KernelRoute[]>>> {
  const argv = ["ip", "-j", "-4", "route", "show"];
  const asked = coes.flatMap((coe) =>
    speakersOf(coe).flatMap((node) => {
      const shell = access.coes[coe.name]?.nodes[node.name];
      if (shell === undefined || !needed.has(`routes/${node.id}`)) return [];
      if (needed.has(`kernels/${node.id}`)) return [];
      const viaCoe = (args: readonly string[]) =>
        probes[coe.name]?.onNode?.(node.name, args) ??
        Promise.resolve({
          ok: false as const,
          asked: node.id,
          unasked: true as const,
          error: "no access to the COE that reaches its nodes",
        });
      const get = async () => parsed(await ask(shell, node.id, argv, viaCoe), parseRoutes);
      return [[node.id, get] as const];
    }),
  );
  return each(asked, ([, get]) => get());
}
