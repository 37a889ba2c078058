import { join } from "node:path";
import { parseConfig, parseStackConfig, readStackConfig } from "../../../components/kinds/planning";
import { ConfigError } from "../../../config";
import { exitCode } from "../../../util/errors";

const small = () => ({
  network: { supernet: "10.64.0.0/10", nodes: "192.0.2.0/24", asn: 64512 },
  reflectors: { rr: { kind: "gobgp", address: "192.0.2.1" } },
  coes: {
    alpha: {
      kind: "kubernetes",
      podCidr: "10.64.0.0/16",
      access: { kubeconfig: "~/.kube/config" },
      policy: "open",
      nodes: { one: { address: "192.0.2.2" } },
    },
  },
});

test("defaults are filled in, and no lab where nothing is embedded", () => {
  const { coes, ...rest } = small();
  expect(parseConfig(small())).toEqual({
    ...rest,
    network: { ...rest.network, blockSize: 26 },
    coes: {
      alpha: {
        ...coes.alpha,
        announceServices: false,
        blockSize: 26,
        deploy: true,
        natOutgoing: false,
      },
    },
  });
});

test("an embedded COE brings the lab with its defaults", () => {
  const raw = small();
  const embedded = { ...raw.coes.alpha, access: "embedded" };
  expect(parseConfig({ ...raw, coes: { alpha: embedded } }).lab).toEqual({
    name: "lab",
    ports: { kubernetes: 16443, etcd: 12379, dcos: 18080 },
  });
});

test("the block size of the network is every COE's default, and a COE's own wins", () => {
  const raw = small();
  const beta = {
    ...raw.coes.alpha,
    podCidr: "10.65.0.0/16",
    blockSize: 24,
    nodes: { one: { address: "192.0.2.3" } },
  };
  const config = parseConfig({
    ...raw,
    network: { ...raw.network, blockSize: 25 },
    coes: { ...raw.coes, beta },
  });
  expect([config.coes.alpha?.blockSize, config.coes.beta?.blockSize]).toEqual([25, 24]);
});

test("a range holds two blocks for each speaker, and exactly that is enough", () => {
  const raw = small();
  const withRange = (podCidr: string) => ({
    ...raw,
    coes: { alpha: { ...raw.coes.alpha, podCidr } },
  });
  expect(parseConfig(withRange("10.64.0.0/25")).coes.alpha?.podCidr).toBe("10.64.0.0/25");
  expect(() => parseConfig(withRange("10.64.0.0/26"))).toThrow("allowed: /25 or larger");
});

test("problems have paths, and no place where there is no file", () => {
  const raw = { ...small(), reflectors: { rr: { kind: "gobgp", address: "192.0.2.2" } } };
  expect(() => parseConfig(raw)).toThrow(
    new ConfigError([
      {
        path: ["coes", "alpha", "nodes", "one", "address"],
        message:
          "found 192.0.2.2, which is also reflectors.rr.address; allowed: an address of its own",
      },
    ]),
  );
});

test.each([undefined, null, 7, "text", [], {}])(
  "%j instead of a section is a problem",
  (section) => {
    expect(() => parseConfig({ network: section, reflectors: section, coes: section })).toThrow(
      ConfigError,
    );
  },
);

test("tokens of a stack are left to the program, other projects' settings and the salt alone", () => {
  const text = `encryptionsalt: v1:salt
config:
  aws:region: eu-central-1
  seamless:tokens: { secure: v1:abc }
  seamless:network: { supernet: 10.64.0.0/10, nodes: 192.0.2.0/24, asn: 64512 }
  seamless:reflectors: { rr: { kind: gobgp, address: 192.0.2.1 } }
  seamless:coes: { alpha: ${JSON.stringify(small().coes.alpha)} }
`;
  expect(parseStackConfig(text, "Pulumi.x.yaml")).toEqual(parseConfig(small()));
});

test("the reference lab is valid", () => {
  const config = readStackConfig(join(__dirname, "..", "..", "..", "Pulumi.lab.yaml"));
  expect(Object.keys(config.coes)).toEqual(["kubernetes", "dcos"]);
});

test("a missing file is named", () => {
  expect(() => readStackConfig("Pulumi.nowhere.yaml")).toThrow(
    expect.objectContaining({
      code: exitCode.usage,
      message: "Pulumi.nowhere.yaml: cannot be read: no such file or folder",
    }),
  );
});
