import { hostPrefix } from "../../../util/net";
import { type Asker, fenceLine, type NeighbourState, type RouterState } from "../contract";
import { acceptedOf } from "../routing";
import { acceptsNames } from "./conf";
import { parseSet } from "./prefixes";
import { type BirdProtocol, parseProtocols } from "./tables";

/** Asks a daemon for what it works with. @throws Error when it does not answer */
export async function readBird(daemon: Asker): Promise<RouterState> {
  const protocols = parseProtocols(await daemon.ask(["show", "protocols", "all"]));
  const names = protocols.flatMap(({ suffix }) =>
    constants.map((constant) => `${constant}_${suffix}`),
  );
  const values = await evaluate(daemon, names);
  const sets = await setsOf(
    daemon,
    protocols.map(({ suffix }) => suffix),
    values,
  );
  const accepted = protocols.flatMap(({ suffix, address }) => {
    return acceptedOf(address, (sets.get(suffix) ?? []).flatMap(parseSet), {
      nextHop: values.get(`next_hop_${suffix}`),
      length: values.get(`path_length_${suffix}`),
      localPref: values.get(`local_pref_${suffix}`),
    });
  });
  const neighbors = protocols.map((one) => [one.address, stateOf(one, values)] as const);
  // A neighbour with another filter than its own is not fenced as its constants say.
  const open = protocols
    .filter(({ suffix, importFilter }) => importFilter !== `from_${suffix}`)
    .map(
      ({ address, importFilter }) => `from ${hostPrefix(address)}: what ${importFilter} accepts`,
    );
  return {
    neighbors: Object.fromEntries(neighbors),
    accepted,
    fence: [...accepted.map(fenceLine), ...open].sort(),
  };
}

const constants = [
  "accepts",
  "next_hop",
  "path_length",
  "local_pref",
  "cluster",
  "replaced",
  "least_ttl",
];

/** How many constants of one neighbour are asked for at a time. */
const atATime = 16;

/** By suffix, the sets of what is accepted: where there are several, the next ones are asked for until there is none. */
async function setsOf(
  daemon: Asker,
  suffixes: readonly string[],
  known: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map(
    suffixes.map((suffix) => [suffix, valuesOf(known, acceptsNames(suffix, 1, 1))] as const),
  );
  let open = suffixes.filter((suffix) => found.get(suffix)?.length === 1);
  for (let from = 2; open.length > 0; from += atATime) {
    const names = (suffix: string) => acceptsNames(suffix, from, atATime);
    const more = await evaluate(daemon, open.flatMap(names));
    for (const suffix of open)
      found.set(suffix, [...(found.get(suffix) ?? []), ...valuesOf(more, names(suffix))]);
    open = open.filter((suffix) => valuesOf(more, names(suffix)).length === atATime);
  }
  return found;
}

function valuesOf(values: ReadonlyMap<string, string>, names: readonly string[]): string[] {
  return names.flatMap((name) => values.get(name) ?? []);
}

/** Asks it for its neighbours alone. @throws Error when it does not answer */
export async function readBirdNeighbors(daemon: Asker): Promise<RouterState["neighbors"]> {
  return (await readBird(daemon)).neighbors;
}

function stateOf(
  { suffix, asn, state, limit }: BirdProtocol,
  values: ReadonlyMap<string, string>,
): NeighbourState {
  const clusterId = values.get(`cluster_${suffix}`);
  return {
    asn,
    ...(clusterId === undefined ? {} : { clusterId }),
    ...(values.has(`replaced_${suffix}`) ? { replacePeerAs: true } : {}),
    ...(values.has(`least_ttl_${suffix}`) ? { ttlSecurity: true } : {}),
    ...(limit === undefined ? {} : { limit }),
    established: state === "Established",
  };
}

/** The values of those constants that the daemon has, all by one call of the program. */
async function evaluate(
  daemon: Asker,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (names.length === 0) return new Map();
  const said = await daemon.ask([], names.map((name) => `eval ${name}\n`).join(""));
  return parseEvaluated(said);
}

/** Reads what `birdcl` prints when it is given `eval` lines; what the daemon does not know is left out. */
export function parseEvaluated(text: string): ReadonlyMap<string, string> {
  const found = [...text.matchAll(/^bird> eval (\S+)\n((?!bird>).+)$/gm)];
  return new Map(
    found.flatMap(([, name = "", value = ""]) =>
      value.startsWith("syntax error") ? [] : [[name, value.trim()] as const],
    ),
  );
}
