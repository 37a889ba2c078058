import { fenceLine, type RouterState, type SpeakerState } from "../../components/ask/router";
import { askedAs, daemonAt, NoAnswer } from "../../components/ask/shell";
import type {
  Answer,
  CoeContainer,
  CoeNode,
  IpamBlock,
  NamedService,
  ObjectFault,
} from "../../components/ask/types";
import type { KindProbe } from "../../components/contract/probe";
import type { Speaker } from "../../components/speakers/contract";
import type { Access } from "../../plan/access";
import { addressOf, families } from "../../plan/families";
import type { CoePlan, Plan } from "../../plan/types";
import { messageOf } from "../../util/errors";
import { speakersOf } from "../coes";
import type { AcceptanceState } from "../types";
import { each, type Needed, type Probes } from "./each";
import type { RouterKinds } from "./reflectors";

/** How the nodes of a COE speak BGP; undefined for a speaker that is none. */
export type SpeakerKinds = (coe: CoePlan) => Speaker | undefined;

/** What COEs say of themselves. */
export interface OwnWord {
  readonly containers: Readonly<Record<string, Answer<readonly CoeContainer[]>>>;
  readonly named?: Readonly<Record<string, Answer<readonly NamedService[]>>>;
  readonly blocks: Readonly<Record<string, Answer<readonly IpamBlock[]>>>;
  readonly members: Readonly<Record<string, Answer<readonly CoeNode[]>>>;
  readonly objects: Readonly<Record<string, Answer<readonly ObjectFault[]>>>;
}

/** Asks the COEs for what they say of themselves. */
export async function collectOwnWord(
  plan: Plan,
  coes: readonly CoePlan[],
  probes: Probes,
  needed: Needed,
): Promise<OwnWord> {
  const of = <T>(part: keyof OwnWord, ask: (probe: KindProbe) => Promise<Answer<T>>) =>
    each(
      coes.flatMap(({ name }) => {
        const probe = probes[name];
        return probe === undefined || !needed.has(`${part}/${name}`)
          ? []
          : [[name, probe] as const];
      }),
      ([, probe]) => ask(probe),
    );
  const none = { ok: true as const, asked: "", value: [] };
  const [blocks, containers, members, named, objects] = await Promise.all([
    of("blocks", (probe) => probe.blocks()),
    of("containers", (probe) => probe.containers()),
    of("members", (probe) => probe.nodes()),
    of("named", async (probe) => (await probe.named?.()) ?? none),
    of("objects", (probe) => probe.objects(plan)),
  ]);
  return { containers, named, blocks, members, objects };
}

/** Asks the BGP speakers of nodes. */
export function collectSpeakers(
  coes: readonly CoePlan[],
  probes: Probes,
  kinds: SpeakerKinds,
  needed: Needed,
): Promise<Record<string, Answer<SpeakerState>>> {
  const asked = coes.flatMap((coe) =>
    speakersOf(coe).flatMap((node) => {
      const [probe, speaker] = [probes[coe.name], kinds(coe)];
      if (probe === undefined || speaker === undefined || !needed.has(`speakers/${node.id}`))
        return [];
      const own = families.filter((family) => addressOf(node, family) !== undefined);
      const read = () => speaker.read((argv) => probe.besideSpeaker(node.name, argv), own);
      return [[node.id, read] as const];
    }),
  );
  return each(asked, ([, read]) => read());
}

/** Asks the reflectors for what they take from whom. */
export function collectAccepts(
  plan: Plan,
  access: Access,
  routerOf: RouterKinds,
  needed: Needed,
): Promise<Record<string, Answer<AcceptanceState>>> {
  const wanted = Object.entries(access.reflectors).filter(([name]) =>
    needed.has(`accepts/${name}`),
  );
  return each(wanted, async ([name, shell]) => {
    const { client, read } = routerOf(askedAs(shell, plan.reflectors[name]?.kind));
    const program = shell.via === "command" ? shell.program : client(shell.api)[0];
    const asked = `${name}: ${program} (neighbours and import policy)`;
    try {
      return { ok: true, asked, value: stateOf(await read(daemonAt(client, shell, name))) };
    } catch (thrown) {
      if (thrown instanceof NoAnswer) return thrown.refusal;
      return { ok: false, asked, error: messageOf(thrown) };
    }
  });
}

/** Digests of passwords stay here. */
function stateOf({ neighbors, accepted, fence }: RouterState): AcceptanceState {
  const lines = new Set(accepted.map(fenceLine));
  return {
    neighbours: Object.fromEntries(
      Object.entries(neighbors).map(([address, { password: _, ...state }]) => [address, state]),
    ),
    accepted,
    beside: fence.filter((line) => !lines.has(line)),
  };
}
