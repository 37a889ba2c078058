import { z } from "zod";
import { previousOutput } from "../../../util/step";

const shape = z.strictObject({ made: z.array(z.string()) });
const before = process.env.PULUMI_COMMAND_STDOUT;

afterEach(() => {
  if (before === undefined) delete process.env.PULUMI_COMMAND_STDOUT;
  else process.env.PULUMI_COMMAND_STDOUT = before;
});

test.each([
  ["what it printed", '{"made":["one"]}\n', { made: ["one"] }],
  ["nothing, for it printed none", "", undefined],
  ["nothing, for it printed something else", "made one\n", undefined],
  ["nothing, for an older step printed another shape", '{"names":[]}', undefined],
])("of the run before a step knows %s", (_what, printed, expected) => {
  process.env.PULUMI_COMMAND_STDOUT = printed;
  expect(previousOutput(shape)).toEqual(expected);
});

test("the first run of a step knows of none before", () => {
  delete process.env.PULUMI_COMMAND_STDOUT;
  expect(previousOutput(shape)).toBeUndefined();
});
