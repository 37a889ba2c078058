import { setTimeout as later } from "node:timers/promises";
import { birdTraits } from "../../../components/reflector/bird/traits";
import { frrTraits } from "../../../components/reflector/frr/traits";
import { gobgpTraits } from "../../../components/reflector/gobgp/traits";
import { birdNodeTraits } from "../../../components/speakers/bird/traits";
import { calicoTraits } from "../../../components/speakers/calico/traits";
import { frrNodeTraits } from "../../../components/speakers/frr/traits";
import type { Network } from "../../../plan/propagation/network";
import { type Outcome, settle, type Turns } from "../../../plan/propagation/settle";
import { type Topology, topologyOf } from "../../../plan/propagation/topology";
import type { Traits } from "../../../plan/propagation/traits";
import { asIpv6 } from "./ipv6";
import { Lane, type RouterFiles, sessionsOf } from "./lane";
import { Dice, randomNetwork } from "./random";
import { makeRoots, removeRoots } from "./roots";
import { modelTable, type Table, withoutReach } from "./tables";

export const allTraits: Traits = {
  gobgp: gobgpTraits,
  bird: birdTraits,
  frr: frrTraits,
  calico: calicoTraits,
  "bird-node": birdNodeTraits,
  "frr-node": frrNodeTraits,
};

/** How many orders of messages are tried to see whether the outcome depends on chance. */
const orders = 40;

/** What the model says of a network: every router's table; undefined where that is a matter of chance. */
export function expectedTables(network: Network): Readonly<Record<string, Table>> | undefined {
  const topology = topologyOf(network, allTraits);
  const prefixes = [...new Set(network.originations.map(({ prefix }) => prefix))];
  const tables = (turns?: Turns) => {
    const outcomes = prefixes.map((prefix) => settle(topology, prefix, undefined, turns));
    const chance = outcomes.some(({ restless, doubtful }) => restless || doubtful.length > 0);
    return chance ? undefined : tablesOf(topology, outcomes);
  };
  const first = tables();
  if (first === undefined) return undefined;
  const text = JSON.stringify(first);
  for (let order = 1; order <= orders; order += 1) {
    const dice = new Dice(order);
    if (JSON.stringify(tables((waiting) => dice.below(waiting))) !== text) return undefined;
  }
  return first;
}

function tablesOf({ speakers }: Topology, outcomes: readonly Outcome[]) {
  return Object.fromEntries(
    [...speakers.values()].map(({ id, traits }) => {
      const table = modelTable(outcomes, id);
      return [id, traits.lostNextHop === "last" ? table : withoutReach(table)];
    }),
  );
}

/** Of so many seeds one is a network of IPv6. */
const ipv6Each = 4;

/** From a seed on, that many networks whose tables are no matter of chance, by their seeds. */
export function judgeable(first: number, count: number): Map<string, Case> {
  const found = new Map<string, Case>();
  for (let seed = first; found.size < count; seed += 1) {
    const random = randomNetwork(seed);
    const network = seed % ipv6Each === 0 ? asIpv6(random) : random;
    if (expectedTables(network) !== undefined) found.set(`seed ${seed}`, { network });
  }
  return found;
}

/** What the daemons said otherwise than the model, by the name of the network, with the seed in it. */
export const wrongOf = (verdicts: readonly Verdict[]): [string, ...string[]][] =>
  verdicts.flatMap(({ name, differences = [] }) =>
    differences.length === 0 ? [] : [[name, ...differences]],
  );

export interface Verdict {
  readonly name: string;
  readonly network: Network;
  /** Undefined: the model says that it is a matter of chance, and nothing was run. */
  readonly differences?: readonly string[];
}

/** A network, and files of the product that routers are to have. */
export interface Case {
  readonly network: Network;
  readonly files?: RouterFiles;
}

/** Runs networks with real daemons, several at a time, and compares every table with the model's. */
export async function judge(cases: ReadonlyMap<string, Case>, lanes: number): Promise<Verdict[]> {
  const roots = await makeRoots();
  const verdicts: Verdict[] = [];
  const waiting = [...cases];
  const work = async (lane: Lane, cases = waiting): Promise<void> => {
    for (let next = cases.shift(); next !== undefined; next = cases.shift()) {
      const [name, { network, files }] = next;
      const expected = expectedTables(network);
      const differences =
        expected === undefined
          ? undefined
          : await run(lane, network, expected, files).catch((error: Error) => [error.message]);
      verdicts.push({ name, network, ...(differences === undefined ? {} : { differences }) });
    }
  };
  const all = Array.from({ length: lanes }, (_, index) => new Lane(roots, String(index)));
  try {
    await Promise.all(
      all.map(async (lane) => {
        await lane.up();
        await work(lane);
      }),
    );
    const wrong = verdicts.filter(({ differences = [] }) => differences.length > 0);
    const once = verdicts.filter((verdict) => !wrong.includes(verdict));
    const [first] = all;
    if (wrong.length === 0 || wrong.length > mostAgain || first === undefined) return verdicts;
    verdicts.splice(0, verdicts.length, ...once);
    await work(
      first,
      [...cases].filter(([name]) => wrong.some((verdict) => verdict.name === name)),
    );
  } finally {
    await Promise.all(all.map((lane) => lane.down()));
    removeRoots(roots);
  }
  return verdicts;
}

/**
 * How many networks are run a second time, alone. With all processors busy, FRR 8.4 at times goes on taking a next hop
 * behind a gateway for lost.
 */
const mostAgain = 3;

const deadlineMs = 60_000;
/** A table that is as expected has to stay so that long: routers look at other paths before they come to rest. */
const restMs = 1_500;
const pauseMs = 150;

async function run(
  lane: Lane,
  network: Network,
  expected: Readonly<Record<string, Table>>,
  files?: RouterFiles,
): Promise<string[]> {
  const { down } = topologyOf(network, allTraits);
  const missing = (id: string) =>
    down.filter(({ session }) => {
      const { a, b } = network.sessions[session] ?? {};
      return a?.router === id || b?.router === id;
    }).length;
  await lane.start(network, files);
  try {
    const deadline = performance.now() + deadlineMs;
    let since: number | undefined;
    for (;;) {
      const found = await Promise.all(
        Object.keys(network.routers).map((id) =>
          differencesAt(
            lane,
            network,
            id,
            expected[id] ?? {},
            sessionsOf(network, id) - missing(id),
          ),
        ),
      );
      const differences = found.flat();
      const now = performance.now();
      if (differences.length > 0) since = undefined;
      else since ??= now;
      if (since !== undefined && now - since >= restMs) return [];
      if (differences.length > 0 && now > deadline) return differences;
      await later(pauseMs);
    }
  } finally {
    await lane.stop();
  }
}

async function differencesAt(
  lane: Lane,
  network: Network,
  id: string,
  expected: Table,
  sessions: number,
): Promise<string[]> {
  const who = `${id} (${network.routers[id]?.kind})`;
  try {
    const { table, established } = await lane.look(network, id);
    const prefixes = [...new Set([...Object.keys(table), ...Object.keys(expected)])].sort();
    const wrong = prefixes
      .filter((prefix) => table[prefix] !== expected[prefix])
      .map(
        (prefix) =>
          `${who} ${prefix}: ${table[prefix] ?? "absent"}; the model: ${expected[prefix] ?? "absent"}`,
      );
    return established === sessions
      ? wrong
      : [`${who}: ${established} of ${sessions} sessions are up`, ...wrong];
  } catch (error) {
    return [
      `${who}: ${error instanceof Error ? error.message : String(error)}; ${lane.logs(network, id)}`,
    ];
  }
}
