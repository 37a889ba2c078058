import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunError } from "@pulumi/pulumi";
import { run as inspect } from "../../../cli/commands/inspect";
import { run as plan } from "../../../cli/commands/plan";
import { run as render } from "../../../cli/commands/render";
import { readStackConfig } from "../../../components/kinds/planning";
import { stackPlan } from "../../../components/settings";
import { deadEnds } from "../../../plan/propagation";

jest.mock("../../../plan/propagation", () => ({ deadEnds: jest.fn(() => []) }));

const folder = mkdtempSync(join(tmpdir(), "seamless-verdict-"));
const config = join(folder, "stack.yaml");
const flags = { stack: "lab", config };

afterAll(() => rmSync(folder, { recursive: true }));

/** AS per rack, and a second COE in one of these ASs. */
writeFileSync(
  config,
  `config:
  seamless:network: { supernet: 10.64.0.0/10, nodes: 192.0.2.0/24, asn: 64511 }
  seamless:reflectors: { rr: { kind: gobgp, address: 192.0.2.1 } }
  seamless:coes:
    k:
      kind: kubernetes
      podCidr: 10.64.0.0/16
      policy: open
      access: { kubeconfig: /nowhere/config }
      nodes:
        a: { address: 192.0.2.11, asn: 64601 }
        b: { address: 192.0.2.12, asn: "0.64602" }
    d:
      kind: dcos
      podCidr: 10.65.0.0/16
      policy: open
      access: { url: "https://dcos.example.com", etcd: ["http://192.0.2.21:2379"] }
      nodes: { a: { address: 192.0.2.21, asn: 64601 } }
`,
);

/** What a command prints. */
async function printed(run: () => Promise<void>): Promise<string> {
  const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await run();
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
  }
}

test("several ASs in one COE are planned and rendered", async () => {
  expect(await printed(() => plan(flags))).toContain("64602");
  expect(await printed(() => render("calico", { ...flags, coe: "k" }))).toContain(
    "asNumber: 64601\n",
  );
  expect(await printed(() => render("gobgp", flags))).toContain("replace-peer-as = true");
});

test("plan, render, inspect and preview refuse a dead end in the same words", async () => {
  const end = { from: "d/a", to: "k/a", session: "rr/k/a", reason: "it is blocked" };
  jest.mocked(deadEnds).mockReturnValue([end]);
  const why =
    "coes.k.nodes.a.asn: routes of d/a would not reach k/a: their path ends at the session rr/k/a, where it is blocked; allowed: the reflector's AS, or another AS from which paths arrive";
  const refused = {
    code: 2,
    message: `1 problem in the configuration\n${config}:11:35: ${why}`,
  };
  await expect(plan(flags)).rejects.toMatchObject(refused);
  await expect(render("gobgp", flags)).rejects.toMatchObject(refused);
  await expect(render("calico", flags)).rejects.toMatchObject(refused);
  await expect(inspect({ ...flags, coe: "k" })).rejects.toMatchObject(refused);
  expect(() => stackPlan(readStackConfig(config))).toThrow(new RunError(refused.message));
});
