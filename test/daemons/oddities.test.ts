/** What the table of oddities says of Pulumi is asked of the real one. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { saidBy } from "../../config/handed-on";
import { TestStack } from "../helpers/engine";
import { bytesOf, type Oddity, oddities } from "../helpers/oddities";

/** As many as the machine has time for. */
const atOnce = 4;
const shown = z.record(z.string(), z.object({ value: z.string() }));

let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.make([]);
  stack.write("Pulumi.yaml", "name: seamless\nruntime: nodejs\n");
  const made = await stack.pulumi("stack", "init", "odd");
  if (made.code !== 0) throw new Error(made.stderr);
  mkdirSync(join(stack.folder, "odd"));
});
afterAll(() => stack.remove());

/** What Pulumi hands to a program of this project, by setting; "refused" when it does not read the file. */
async function saidByPulumi(oddity: Oddity, index: number): Promise<unknown> {
  const file = join("odd", `${index}.yaml`);
  writeFileSync(join(stack.folder, file), bytesOf(oddity));
  const { code, stdout, failure } = await stack.pulumi(
    ...["config", "--json", "--stack", "odd", "--config-file", file],
  );
  if (failure !== undefined) throw new Error(`${oddity.name}: ${failure}`);
  if (code !== 0) return "refused";
  const entries = Object.entries(shown.parse(JSON.parse(stdout)));
  return Object.fromEntries(
    entries.flatMap(([key, { value }]): [string, unknown][] =>
      key.startsWith("seamless:") ? [[key.slice("seamless:".length), saidBy(value)]] : [],
    ),
  );
}

test("the table says of each file what Pulumi says of it", async () => {
  const said: Record<string, unknown> = {};
  const queue = oddities.map((oddity, index) => ({ oddity, index }));
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      said[next.oddity.name] = await saidByPulumi(next.oddity, next.index);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const recorded = oddities.map(({ name, says }) => [name, says ?? "refused"]);
  expect(said).toEqual(Object.fromEntries(recorded));
}, 300_000);
