import { hostPrefix } from "../../../util/net";
import { type Asker, fenceLine, type NeighbourState, type RouterState } from "../contract";
import { acceptedOf } from "../routing";
import { parseSet } from "./prefixes";
import { moreNames } from "./sets";
import { type BirdProtocol, parseProtocols } from "./tables";

/** Asks a daemon for what it works with. @throws Error when it does not answer */
export async function readBird(daemon: Asker): Promise<RouterState> {
  const protocols = parseProtocols(await daemon.ask(["show", "protocols", "all"]));
  const names = protocols.flatMap(({ suffix }) =>
    constants.map((constant) => `${constant}_${suffix}`),
  );
  const values = new Map(await evaluate(daemon, names));
  const more = protocols.flatMap(({ suffix }) =>
    moreNames(suffix, values.get(`accepts_count_${suffix}`)),
  );
  for (const [name, value] of await evaluate(daemon, more)) values.set(name, value);
  const accepted = protocols.flatMap(({ suffix, address }) => {
    const sets = [
      `accepts_${suffix}`,
      ...moreNames(suffix, values.get(`accepts_count_${suffix}`)),
    ].map((name) => values.get(name) ?? "[]");
    return acceptedOf(address, sets.flatMap(parseSet), {
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
  "accepts_count",
  "next_hop",
  "path_length",
  "local_pref",
  "cluster",
  "replaced",
  "least_ttl",
  "bfd",
];

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
    ...(values.has(`bfd_${suffix}`) ? { bfd: true } : {}),
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
