/** What kinds have alike whose nodes are plain Linux hosts with Docker, reached by SSH. */
import { z } from "zod";
import type { CoeDraft, Draft } from "../../../config/draft";
import type { LoginSort } from "../../../config/handed-on";
import type { Path, Problem } from "../../../config/problems";
import { type Readable, readable } from "../../../config/readable";
import {
  type SshConfig,
  sshExample,
  sshProblems,
  sshSchema,
  sshSecretProblem,
} from "../../../config/ssh";
import { aCoe } from "../../../config/words";
import { blindReflector } from "../../speakers/model/link-local";

const accessFields = {
  /** By SSH; each node at its own address. */
  ssh: sshSchema.exactOptional(),
};
const access = z.object(accessFields);

/** Facts of such a kind's model; its nodes announce ranges of their own by BIRD 2, and nobody lists them. */
export const linuxFacts = {
  speakers: { bird: { nodeRanges: true } },
  defaultSpeaker: "bird",
  access: { fields: accessFields, example: sshExample },
  secrets: { sorts: ["keys"], check: sshSecretProblem },
  listsNodes: false,
  services: { ranges: [] },
  labPorts: {},
  probe: { image: "an image with /bin/busybox, such as busybox:1.37", fields: {} },
} as const;

/** How the nodes are reached, of a configuration that is valid. */
export function sshOf(given: unknown): SshConfig | undefined {
  return access.parse(given).ssh;
}

/** The same, as far as it can be read. */
export function sshDraft(coe: CoeDraft): Readable<SshConfig> | undefined {
  return readable(access, coe.access ?? {})?.ssh;
}

/** What is wrong with how nodes are reached, and with what no such kind has. */
export function* linuxProblems(
  coe: CoeDraft,
  at: Path,
  secrets: readonly LoginSort[],
): Iterable<Problem> {
  const ssh = sshDraft(coe);
  if (coe.access !== undefined && ssh === undefined)
    yield {
      path: [...at, "access", "ssh"],
      message: `missing; ${aCoe(coe.kind)} needs ssh, such as ${sshExample}; {} takes what ssh does by itself`,
    };
  if (ssh !== undefined) yield* sshProblems([...at, "access", "ssh"], ssh, secrets);
  if (coe.policyOverrides !== undefined)
    yield {
      path: [...at, "policyOverrides"],
      message: `means nothing to ${aCoe(coe.kind)}, which has no policies of its own; leave it out`,
    };
}

/** FRR, where such a kind has it beside BIRD. */
export const frrFacts = {
  nodeRanges: true,
  passwordsAsWords: true,
  farWithTtlSecurity: true,
} as const;

/** What does not go with FRR on hosts. */
export function* frrProblems(coe: CoeDraft, at: Path, config: Draft): Iterable<Problem> {
  if (coe.speaker !== "frr") return;
  const path = [...at, "speaker"];
  // In the lab nothing leads to a mirror.
  if (coe.embedded)
    yield {
      path,
      message:
        "found frr with access: embedded; the lab's hosts have BIRD alone: leave speaker out, or name hosts of yours in access.ssh",
    };
  const blind = blindReflector(coe, config, ", or speaker: bird");
  if (blind !== undefined) yield { path, message: `found frr with ${blind}` };
}
