import { parsed } from "../../components/ask/shell";
import type { Answer } from "../../components/ask/types";
import type { Access } from "../../plan/access";
import type { Plan } from "../../plan/types";
import { deployedCoes, speakersOf } from "../coes";
import { sessionsAt } from "../ends";
import { type Dropped, parseSignatures, signaturesAsked, signaturesCommand } from "../signatures";
import { each, type Needed, type Probes } from "./each";
import { askNode } from "./kernels";

/** Asks each node whose sessions have passwords for the packets that its kernel drops because of them. */
export function collectSignatures(
  plan: Plan,
  access: Access,
  probes: Probes,
  needed: Needed,
): Promise<Record<string, Answer<Dropped>>> {
  const asked = deployedCoes(plan).flatMap((coe) =>
    speakersOf(coe).flatMap((node) => {
      const known = access.coes[coe.name]?.nodes[node.name] !== undefined;
      if (!known || !needed.has(`signatures/${node.id}`)) return [];
      const far = sessionsAt(plan, node.id).map((one) => one.far.address);
      const get = async () => {
        const said = await askNode(access, probes, coe.name, node, signaturesCommand(far));
        return { ...parsed(said, parseSignatures), asked: `${node.id}: ${signaturesAsked}` };
      };
      return [[node.id, get] as const];
    }),
  );
  return each(asked, ([, get]) => get());
}
