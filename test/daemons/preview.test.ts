/** What changes for routing, as the engine tells it: the last plan comes out of the stack's own outputs. */
import { join } from "node:path";
import { TestStack } from "../helpers/engine";
import { root } from "../helpers/kube-stack";

const dist = join(root, "dist");
let stack: TestStack;

/** A program that has a plan as an output, and tells what changes, as one that was there before this did not. */
function write(range: string, tells = "void tellChange(plan);"): void {
  stack.write(
    "index.ts",
    `
import { makePlan, readStackConfig } from "${dist}/components/kinds/planning";
import { tellChange } from "${dist}/components/last-plan";
const lab = readStackConfig("${root}/Pulumi.lab.yaml");
const kubernetes = { ...lab.coes.kubernetes, podCidr: "${range}" };
export const plan = makePlan({ ...lab, coes: { ...lab.coes, kubernetes } });
${tells}
`,
  );
}

beforeAll(async () => {
  stack = await TestStack.make([]);
});
afterAll(() => stack?.remove());

const title = "what changes for routing:";

test("preview and update say what changes, and nothing where nothing does", async () => {
  write("192.168.0.0/18", "");
  expect(await stack.pulumi("up", "--yes", "--skip-preview")).toMatchObject({ code: 0 });

  write("192.168.0.0/18");
  const same = await stack.pulumi("preview", "--expect-no-changes");
  expect(same).toMatchObject({ code: 0 });
  expect(same.stdout).not.toContain(title);

  write("192.168.64.0/18");
  const lines = [
    title,
    "ranges",
    "  - kubernetes 192.168.0.0/18 for containers, 256 blocks of /26: withdrawn",
    "  + kubernetes 192.168.64.0/18 for containers, 256 blocks of /26: announced",
    "acceptances",
    "  + from 4 nodes of kubernetes: 192.168.64.0/18 /26 or /32 accepted before COEs move",
    "  - from 4 nodes of kubernetes: 192.168.0.0/18 /26 or /32 refused afterwards",
    "refused",
    "  ! kubernetes: while an address of 192.168.0.0/18 is in use; allowed: podCidr: [192.168.0.0/18, 192.168.64.0/18] and retiring: [192.168.0.0/18]",
    "8 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
  ];
  for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
    const { stdout } = await stack.pulumi(...command);
    const said = stdout.split("\n").map((line) => line.replace(/^ {4}/, ""));
    const at = said.indexOf(lines[0] ?? "");
    expect(said.slice(at, at + lines.length)).toEqual(lines);
  }
  const after = await stack.pulumi("preview", "--expect-no-changes");
  expect(after).toMatchObject({ code: 0 });
  expect(after.stdout).not.toContain(title);
}, 180_000);
