import { parseStackConfig } from "../../../components/kinds/planning";
import { ConfigError } from "../../../config";
import { exitCode, SeamlessError } from "../../../util/errors";

const rest = `  seamless:reflectors: { rr: { kind: gobgp, address: 192.0.2.1 } }
  seamless:coes:
    alpha: &one
      kind: dcos
      podCidr: 10.64.0.0/16
      access: { url: "https://dcos.example.org", etcd: ["https://192.0.2.9:2379"], uid: seamless }
      policy: open
      nodes: { 010: { address: 192.0.2.2 } }
`;
const text = (more = "", asn = "64512") =>
  `config:\n  seamless:network: { supernet: 10.64.0.0/10, nodes: 192.0.2.0/24, asn: ${asn} }\n${rest}${more}`;

function refusal(read: () => unknown): { readonly message: string; readonly code: number } {
  try {
    read();
  } catch (thrown) {
    if (thrown instanceof SeamlessError) return thrown;
    throw thrown;
  }
  throw new Error("accepted");
}

test("an AS in octal and a node's name in octal are what Pulumi makes of them", () => {
  const { network, coes } = parseStackConfig(text("", "0175777"), "file");
  expect(network.asn).toBe(64511);
  expect(Object.keys(coes.alpha?.nodes ?? {})).toEqual(["8"]);
});

test("a COE may be merged of another, and problems are told where they stand", () => {
  const beta = (range: string) =>
    text(
      `    beta:\n      <<: *one\n      podCidr: ${range}\n      nodes: { two: { address: 192.0.2.3 } }\n`,
    );
  expect(parseStackConfig(beta("10.65.0.0/16"), "file").coes.beta).toMatchObject({
    kind: "dcos",
    podCidr: "10.65.0.0/16",
    access: { uid: "seamless" },
  });
  expect(refusal(() => parseStackConfig(beta("10.65.0.1/16"), "file")).message).toContain(
    "file:13:7: coes.beta.podCidr: found 10.65.0.1/16, which has host bits set",
  );
});

test("a setting may be a text of JSON, as pulumi config set writes it", () => {
  const json = '\'{"supernet": "10.64.0.0/10", "nodes": "192.0.2.0/24", "asn": 64512}\'';
  const file = `config:\n  seamless:network: ${json}\n${rest}`;
  expect(parseStackConfig(file, "file").network.asn).toBe(64512);
});

test.each([
  ["tokens by COE", "  seamless:tokens: { alpha: { secure: v1:abc } }\n"],
  ["passwords by COE", "  seamless:passwords:\n    alpha: { secure: v1:abc }\n"],
  ["keys by COE", "  seamless:keys:\n    alpha:\n      secure: v1:abc\n"],
  ["all passwords as one", "  seamless:passwords: { secure: v1:abc }\n"],
  [
    "a token and a password",
    "  seamless:tokens: { alpha: { secure: v1:a } }\n  seamless:passwords: { alpha: { secure: v1:b } }\n",
  ],
])("%s may be encrypted", (_, more) => {
  expect(parseStackConfig(text(more), "file")).toEqual(parseStackConfig(text(), "file"));
});

test("passwords of BGP sessions may be encrypted; their names are in the configuration", () => {
  const kube =
    "    kube: { kind: kubernetes, podCidr: 10.65.0.0/16, access: { kubeconfig: k }, policy: open, nodes: { one: { address: 192.0.2.3 } } }\n";
  const file = text(`${kube}  seamless:bgpPasswords: { kube: { secure: v1:abc } }\n`);
  expect(parseStackConfig(file, "file")).toEqual({
    ...parseStackConfig(text(kube), "file"),
    bgpPasswords: ["kube"],
  });
});

test("a value of ten million characters is not echoed", () => {
  const long = "x".repeat(10_000_000);
  for (const more of [
    `  seamless:lab: { name: ${long} }\n`,
    `  seamless:${long}: 1\n`,
    `  ${long}:${long}:x: 1\n`,
  ]) {
    const { message, code } = refusal(() => parseStackConfig(text(more), "file"));
    expect(message.length).toBeLessThan(2_000);
    expect(code).toBe(exitCode.usage);
  }
});

test("of very many problems the first are told", () => {
  const many = Array.from({ length: 1000 }, (_, index) => `  seamless:x${index}: 1\n`).join("");
  const { message } = refusal(() => parseStackConfig(text(many), "file"));
  expect(message.split("\n").length).toBe(202);
  expect(message).toMatch(/^1000 problems in the configuration\n.*\nand 800 more$/s);
});

test("nothing is told of what is written beside an encrypted value", () => {
  const sealed = text("", "{ secure: v1:abc }").replace("10.64.0.0/10", "secret-text");
  const read = () => parseStackConfig(sealed, "file");
  expect(read).toThrow(ConfigError);
  expect(refusal(read).message).not.toContain("secret-text");
});
