import { judge, judgeable, wrongOf } from "../helpers/bgp/judge";

/** The first seed, and how many networks are run. */
const first = Number(process.env.SEAMLESS_BGP_SEED ?? 1);
const count = Number(process.env.SEAMLESS_BGP_COUNT ?? 300);

test("routers of random networks have the tables that the model says", async () => {
  const verdicts = await judge(judgeable(first, count), 8);
  expect(verdicts).toHaveLength(count);
  expect(wrongOf(verdicts)).toEqual([]);
}, 3_600_000);
