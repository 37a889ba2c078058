import { ShapeLab } from "../helpers/shape-lab";
import { nameOf, runnable, shapes } from "../helpers/shapes";

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
