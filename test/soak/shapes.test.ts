import { waitFor } from "../../util/wait";
import { ShapeLab } from "../helpers/shape-lab";
import { blockOf, nameOf, runnable, shapes, withoutOwnRoutesOnly } from "../helpers/shapes";

const lab = new ShapeLab();

beforeAll(() => lab.up(), 60_000);
afterAll(() => lab.down(), 30_000);

test.each(shapes.filter(runnable).map((shape) => [nameOf(shape), shape] as const))(
  "%s: every kernel has the routes of the model",
  async (_, shape) => {
    await lab.run(shape);
  },
  120_000,
);

test("without the filter, kernels send packets to a node that passes them on, as the model says", async () => {
  await lab.start(withoutOwnRoutesOnly(lab.planOf({ topology: "mesh", asns: "perCoe" })));
  const wait = { what: "a route with two next hops", timeoutMs: 60_000, intervalMs: 300 };
  await waitFor(wait, async () => {
    const found = (await lab.routes("b1"))[blockOf("a1")];
    return found === "" ? { done: true, value: undefined } : { done: false, seen: String(found) };
  });
}, 300_000);
