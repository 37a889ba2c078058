/** One file, one verdict: what `seamless plan` makes of a stack's file, `pulumi preview` makes of it too. */
import { join, resolve } from "node:path";
import { makePlan, parseStackConfig } from "../../components/kinds/planning";
import { messageOf } from "../../util/errors";
import { TestStack } from "../helpers/engine";

const dist = resolve(__dirname, "..", "..", "dist");
const program = `import { writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { secretsOf, stackConfig } from "${dist}/components/settings";
import { makePlan } from "${dist}/components/kinds/planning";
const settings = new pulumi.Config("seamless");
const plan = makePlan(stackConfig(settings));
writeFileSync("plan.json", JSON.stringify(plan));
export const login = secretsOf(settings, "beta");
`;

let stack: TestStack;
/** How Pulumi tells this stack's encrypted values apart from others'. */
let salt = "";
let sealed = "";

beforeAll(async () => {
  stack = await TestStack.make([]);
  stack.write("index.ts", program);
  const set = await stack.pulumi("config", "set", "--secret", "seamless:x", "hidden-text");
  if (set.code !== 0) throw new Error(set.stderr);
  const file = stack.read("Pulumi.test.yaml");
  salt = /^encryptionsalt: .*$/m.exec(file)?.[0] ?? "";
  sealed = /secure: (\S+)/.exec(file)?.[1] ?? "";
});
afterAll(() => stack.remove());

const text = (asn = "64512", more = "", access = "") => `config:
  seamless:network: { supernet: 10.64.0.0/10, nodes: 192.0.2.0/24, asn: ${asn} }
  seamless:reflectors: { rr: { kind: gobgp, address: 192.0.2.1 } }
  seamless:coes:
    alpha: &alpha
      kind: kubernetes
      podCidr: 10.64.0.0/16
      policy: open
      access: { kubeconfig: ~/.kube/config }
      nodes: { 010: { address: 192.0.2.2 } }
    beta:
      kind: dcos
      podCidr: 10.65.0.0/16
      policy: open
      access: { url: "https://dcos.example.org", etcd: ["https://192.0.2.9:2379"]${access} }
      nodes: { one: { address: 192.0.2.3 } }
${more}`;
const gamma = (range: string) =>
  `    gamma: { <<: *alpha, podCidr: ${range}, nodes: { two: { address: 192.0.2.4 } } }\n`;
const secret = () => `{ secure: ${sealed} }`;

/** The plan that a preview makes, or what it says against the file. */
async function previewed(file: string): Promise<unknown> {
  stack.write("Pulumi.test.yaml", file);
  stack.write("plan.json", "null");
  const { stdout, stderr } = await stack.pulumi("preview", "--diff");
  expect(stdout + stderr).not.toContain("hidden-text");
  return JSON.parse(stack.read("plan.json")) ?? `${stdout}${stderr}`;
}

/** What is made of a file without Pulumi. */
function planned(file: string): unknown {
  try {
    return JSON.parse(JSON.stringify(makePlan(parseStackConfig(file, "Pulumi.test.yaml"))));
  } catch (thrown) {
    return messageOf(thrown);
  }
}

const accepted: readonly (readonly [string, () => string])[] = [
  ["octals and merges", () => text("0175777", gamma("10.66.0.0/16"))],
  ["a mark and breaks of Windows", () => `\ufeff${text("0xFC00").replaceAll("\n", "\r\n")}`],
  [
    "secrets by COE",
    () =>
      text(
        "64512",
        `  seamless:passwords: { beta: ${secret()} }\n  seamless:tokens: { beta: ${secret()} }\n`,
        ", uid: seamless",
      ),
  ],
  [
    "passwords of BGP sessions, whose names are in the plan",
    () => text("64512", `  seamless:bgpPasswords: { alpha: ${secret()} }\n`),
  ],
];
const refused: readonly (readonly [string, () => string])[] = [
  ["a range with host bits in what is merged", () => text("64512", gamma("10.66.0.1/16"))],
  ["an encrypted address", () => text().replace("address: 192.0.2.3", `address: ${secret()}`)],
  ["an encrypted network", () => text(secret())],
  ["a setting nobody knows", () => text("64512", "  seamless:coe: {}\n")],
  ["a secret of no COE", () => text("64512", `  seamless:tokens: { gamma: ${secret()} }\n`)],
  [
    "a secret of a kind without",
    () => text("64512", `  seamless:tokens: { alpha: ${secret()} }\n`),
  ],
  [
    "a password beside a key",
    () =>
      text(
        "64512",
        `  seamless:passwords: { beta: ${secret()} }\n  seamless:keys: { beta: ${secret()} }\n`,
        ", uid: seamless",
      ),
  ],
  [
    "a BGP password of a kind without",
    () => text("64512", `  seamless:bgpPasswords: { beta: ${secret()} }\n`),
  ],
  [
    "BGP passwords that are encrypted as one",
    () => text("64512", `  seamless:bgpPasswords: ${secret()}\n`),
  ],
  [
    "a section that is null",
    () => text().replace(/ {2}seamless:reflectors: .*/, "  seamless:reflectors:"),
  ],
  [
    "a section that is a text",
    () => text().replace(/ {2}seamless:reflectors: .*/, "  seamless:reflectors: none"),
  ],
];

describe("one file, one verdict", () => {
  test.each(accepted)(
    "%s",
    async (_, file) => {
      const whole = `${file()}${salt}\n`;
      const plan = planned(whole);
      expect(typeof plan).toBe("object");
      expect(await previewed(whole)).toEqual(plan);
    },
    60_000,
  );

  test.each(refused)(
    "%s is refused in the same words",
    async (_, file) => {
      const whole = `${file()}${salt}\n`;
      const message = planned(whole);
      expect(message).toMatch(/^\d+ problems? in the configuration\nPulumi\.test\.yaml:\d+:\d+: /);
      const lines = String(await previewed(whole)).replace(/^ +/gm, "");
      for (const line of String(message).split("\n")) expect(lines).toContain(line);
    },
    60_000,
  );

  test("a file by another name is judged alike, without places", async () => {
    const file = `${text().replace("address: 192.0.2.3", `address: ${secret()}`)}${salt}\n`;
    stack.write("Pulumi.test.yaml", `${salt}\n`);
    stack.write(join("other", "file.yaml"), file);
    const { stdout } = await stack.pulumi("preview", "--config-file", join("other", "file.yaml"));
    expect(stdout).toContain("coes: found an encrypted value; ranges, addresses and names decide");
    expect(stdout).not.toContain("hidden-text");
  });
});
