import { ShapeLab } from "../helpers/shape-lab";
import { nameOf, type Shape } from "../helpers/shapes";

/** A handful of all that test/soak/shapes.test.ts runs. */
const some: readonly Shape[] = [
  { topology: "reflectors", asns: "perServer", kind: "gobgp" },
  { topology: "reflectors", asns: "perRack", kind: "bird" },
  { topology: "mesh", asns: "shared" },
  { topology: "mesh", asns: "perCoe" },
];

const lab = new ShapeLab();

beforeAll(() => lab.up(), 60_000);
afterAll(() => lab.down(), 30_000);

test.each(some.map((shape) => [nameOf(shape), shape] as const))(
  "%s: every kernel has the routes of the model",
  async (_, shape) => {
    await lab.run(shape);
  },
  90_000,
);

test.each(
  some
    .filter(({ topology }) => topology === "mesh")
    .map((shape) => [nameOf(shape), shape] as const),
)(
  "%s: a node that comes has the routes of all others, and they have its",
  async (_, shape) => {
    await lab.comes(shape, "a2");
  },
  90_000,
);
