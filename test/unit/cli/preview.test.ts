import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PreviewFlags, run } from "../../../cli/commands/preview";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { planDocument } from "../../../plan";

const folder = mkdtempSync(join(tmpdir(), "seamless-preview-"));
const lab = "Pulumi.lab.yaml";
const plan = makePlan(readStackConfig(lab));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const outputs = file("outputs.json", JSON.stringify({ plan, access: "[secret]" }));
const printed = file("plan.json", JSON.stringify(planDocument(plan)));
const closed = file(
  "closed.yaml",
  readFileSync(lab, "utf8").replace(
    "      podCidr: 192.168.0.0/17\n",
    "      podCidr: 192.168.0.0/17\n      policy: closed\n",
  ),
);

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = undefined;
});

/** What the command prints. */
async function said(given: Partial<PreviewFlags>): Promise<string> {
  const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await run({ stack: "lab", config: lab, ...given });
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
  }
}

test.each([
  ["the outputs of a stack", { outputs }],
  ["a plan as it is printed", { from: printed }],
])("says of %s that nothing changes", async (_what, given) => {
  const [from] = Object.values(given);
  expect(await said(given)).toBe(
    `${from} -> ${lab}: nothing changes for sessions, ranges, reachability and traffic\n`,
  );
});

test("says what changes, and fails only where no loss may be", async () => {
  const lines = [
    `${outputs} -> ${closed}`,
    "let in",
    "  ~ kubernetes: open to everybody -> closed",
    "reach",
    "  - dcos -> kubernetes: all -> none; then: policy of kubernetes: closed",
    "loss expected",
    "  ! containers of dcos reach those of kubernetes no longer: policy of kubernetes: closed (asked for by coes.kubernetes.policy: closed)",
    "8 sessions stay up, 3 pairs of COEs reach each other as before; loss expected",
    "",
  ];
  expect(await said({ outputs, config: closed })).toBe(lines.join("\n"));
  expect(process.exitCode).toBeUndefined();
  await said({ outputs, config: closed, expectNoLoss: true });
  expect(process.exitCode).toBe(1);
});

test("prints the change as JSON", async () => {
  const { schemaVersion, changes, losses } = JSON.parse(
    await said({ from: printed, config: closed, json: true }),
  );
  expect({ schemaVersion, changes, losses }).toEqual({
    schemaVersion: 1,
    changes: true,
    losses: [
      {
        what: "containers of dcos reach those of kubernetes no longer",
        why: "policy of kubernetes: closed",
        allowedBy: "coes.kubernetes.policy: closed",
      },
    ],
  });
});

test("a stack that is not up gets everything", async () => {
  const none = file("none.json", "{}");
  expect(await said({ outputs: none })).toContain("\nreflectors\n  + reflector is added\n");
});

const text = file("text.json", "no plan");
const list = file("list.json", "[]");

test.each([
  [{ outputs, from: printed }, "--outputs and --from: found both; allowed: one"],
  [{ from: text }, `--from ${text}: found no JSON; allowed: what \`seamless plan --json\` prints`],
  [{ from: list }, `--from ${list}: found no plan; allowed: what \`seamless plan --json\` prints`],
  [
    { outputs: text },
    `${text}: found no JSON; allowed: what \`pulumi stack output --json --show-secrets\` prints`,
  ],
  [{ from: "nowhere.json" }, "--from nowhere.json: no such file or folder"],
])("refuses %j as usage", async (given, message) => {
  await expect(said(given)).rejects.toMatchObject({ message, code: 2 });
});
