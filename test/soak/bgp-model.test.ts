import type { Network } from "../../plan/propagation";
import { expectedTables, judge } from "../helpers/bgp/judge";
import { randomNetwork } from "../helpers/bgp/random";

/** `SEAMLESS_BGP_SEED`, `SEAMLESS_BGP_COUNT`: the first seed, and how many networks are run. */
const first = Number(process.env.SEAMLESS_BGP_SEED ?? 1);
const count = Number(process.env.SEAMLESS_BGP_COUNT ?? 300);

/** Networks whose tables are no matter of chance, by their seeds. */
function networks(): Map<string, Network> {
  const found = new Map<string, Network>();
  for (let seed = first; found.size < count; seed += 1) {
    const network = randomNetwork(seed);
    if (expectedTables(network) !== undefined) found.set(`seed ${seed}`, network);
  }
  return found;
}

test("routers of random networks have the tables that the model says", async () => {
  const verdicts = await judge(networks(), 8);
  expect(verdicts).toHaveLength(count);
  const wrong = verdicts.filter(({ differences = [] }) => differences.length > 0);
  expect(wrong.map(({ name, differences = [] }) => [name, ...differences])).toEqual([]);
}, 3_600_000);
