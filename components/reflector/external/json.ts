import { z } from "zod";
import {
  type Accepted,
  type Asker,
  fenceLine,
  type RouterAsk,
  type RouterState,
  resetText,
  sessionState,
} from "../../ask/router";

/*
 * What a program of the user's prints of a router: it is run with one of the words neighbours, rib and accepts. The page
 * docs/external-router.md has an example of each.
 */

const count = z.number().default(0);

const neighbours = z.array(
  z.strictObject({
    address: z.string(),
    asn: z.number(),
    state: z.string().transform(sessionState),
    uptimeSeconds: z.number().exactOptional(),
    received: count,
    accepted: count,
    /** RFC 4456 cluster-id; absent where it is no reflector client. */
    clusterId: z.string().exactOptional(),
    replacePeerAs: z.literal(true).exactOptional(),
  }),
);

const rib = z.array(
  z.strictObject({
    prefix: z.string(),
    nextHop: z.string(),
    peer: z.string(),
    best: z.boolean(),
    ageSeconds: count,
    localPref: z.number().exactOptional(),
  }),
);

const accepts = z.array(
  z.strictObject({
    /** The neighbour's address. */
    from: z.string(),
    prefix: z.string(),
    minLength: z.number(),
    maxLength: z.number(),
    nextHop: z.string(),
    /** How many numbers its AS paths may have; absent where any. */
    longestPath: z.number().exactOptional(),
    /** What it writes into such a path; absent where it leaves it as it is. */
    localPref: z.number().exactOptional(),
    origin: z.literal("IGP").exactOptional(),
    med: z.number().exactOptional(),
    /** Whether it removes communities. */
    communities: z.literal(true).exactOptional(),
  }),
);

async function read(daemon: Asker): Promise<RouterState> {
  const found = accepts.parse(JSON.parse(await daemon.ask(["accepts"])));
  const accepted = found.map(
    ({ from, prefix, minLength, maxLength, nextHop, longestPath, ...resets }): Accepted => {
      const sets = resetText(resets);
      return {
        neighbors: [from],
        prefix,
        lengths: `${minLength}..${maxLength}`,
        nextHops: [nextHop],
        asPath: longestPath === undefined ? "" : `le ${longestPath}`,
        ...(sets === "" ? {} : { sets }),
      };
    },
  );
  return {
    neighbors: await readJsonNeighbors(daemon),
    accepted,
    fence: accepted.map(fenceLine).sort(),
  };
}

/** Asks for the neighbours alone. @throws Error when what is printed is something else */
export async function readJsonNeighbors(daemon: Asker): Promise<RouterState["neighbors"]> {
  const found = neighbours.parse(JSON.parse(await daemon.ask(["neighbours"])));
  return Object.fromEntries(
    found.map(({ address, asn, clusterId, replacePeerAs, state }) => [
      address,
      {
        asn,
        ...(clusterId === undefined ? {} : { clusterId }),
        ...(replacePeerAs === undefined ? {} : { replacePeerAs }),
        established: state === "Established",
      },
    ]),
  );
}

/** A router that a program of the user's tells of. */
export const jsonAsk: RouterAsk = {
  client: () => [],
  tables: {
    neighbours: {
      args: ["neighbours"],
      parse: (text) =>
        neighbours
          .parse(JSON.parse(text))
          .map(({ clusterId: _, replacePeerAs: __, ...one }) => one),
    },
    rib: { args: ["rib"], parse: (text) => rib.parse(JSON.parse(text)) },
  },
  read,
};
