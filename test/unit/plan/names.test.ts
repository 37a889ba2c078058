import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import type { NamesConfig } from "../../../config/types";

const lab = readStackConfig("Pulumi.lab.yaml");

function planWith(names: { readonly kubernetes?: NamesConfig; readonly dcos?: NamesConfig }) {
  const { dcos, kubernetes } = lab.coes;
  return makePlan(
    parseConfig({
      ...lab,
      coes: {
        dcos: { ...dcos, ...(names.dcos === undefined ? {} : { names: names.dcos }) },
        kubernetes: {
          ...kubernetes,
          announceServices: true,
          ...(names.kubernetes === undefined ? {} : { names: names.kubernetes }),
        },
      },
    }),
  );
}

test("nobody resolves names of others unless it is asked for", () => {
  const { coes } = makePlan(lab);
  for (const coe of Object.values(coes)) {
    expect(coe.names).toBeUndefined();
    expect(coe.forwards).toEqual({});
  }
});

test("each kind has its own zones and servers, which are the forwards of the others", () => {
  const { dcos, kubernetes } = planWith({ kubernetes: {}, dcos: {} }).coes;
  expect(kubernetes?.names).toEqual({ zones: ["cluster.local"], servers: ["10.96.0.10:53"] });
  expect(dcos?.names).toEqual({
    zones: ["mesos", "thisdcos.directory"],
    servers: ["172.16.18.42:53"],
  });
  expect(dcos?.forwards).toEqual({ "cluster.local": ["10.96.0.10:53"] });
  expect(kubernetes?.forwards).toEqual({
    mesos: ["172.16.18.42:53"],
    "thisdcos.directory": ["172.16.18.42:53"],
  });
});

test("other zones and servers take their place, whatever order they are in", () => {
  const servers = ["172.16.18.44", "172.16.18.43:5353"];
  const { dcos, kubernetes } = planWith({ dcos: { zones: ["z.example", "mesos"], servers } }).coes;
  expect(dcos?.names).toEqual({
    zones: ["mesos", "z.example"],
    servers: ["172.16.18.43:5353", "172.16.18.44:53"],
  });
  expect(Object.keys(kubernetes?.forwards ?? {})).toEqual(["mesos", "z.example"]);
  expect(kubernetes?.names).toBeUndefined();
  expect(dcos?.forwards).toEqual({});
});

test("a master has a session when it is said to speak BGP", () => {
  const { dcos, kubernetes } = lab.coes;
  const nodes = {
    ...dcos?.nodes,
    master: { address: "172.16.18.42", role: "master", speaker: true },
  };
  const plan = makePlan(parseConfig({ ...lab, coes: { kubernetes, dcos: { ...dcos, nodes } } }));
  expect(plan.sessions["reflector/dcos/master"]?.b.address).toBe("172.16.18.42");
  expect(Object.keys(plan.sessions)).toHaveLength(9);
});

test("a zone that a cluster has been given counts, and its kind's does not", () => {
  const cluster = (net: string, names: NamesConfig) => ({
    kind: "kubernetes",
    podCidr: `10.${net}.0.0/16`,
    serviceCidr: `10.${net}.0.0/16`.replace("10.", "100."),
    announceServices: true,
    policy: "open",
    access: { kubeconfig: "kubeconfig" },
    names,
    nodes: { "worker-1": { address: `192.0.2.${net}` } },
  });
  const network = { nodes: "192.0.2.0/24", asn: 64512 };
  const reflectors = { rr: { kind: "gobgp", address: "192.0.2.1" } };
  const both = { one: cluster("64", { zones: ["prod.example"] }), two: cluster("65", {}) };
  const { one, two } = makePlan(parseConfig({ network, reflectors, coes: both })).coes;
  expect(one?.forwards).toEqual({ "cluster.local": ["100.65.0.10:53"] });
  expect(two?.forwards).toEqual({ "prod.example": ["100.64.0.10:53"] });
  const same = { ...both, one: cluster("64", {}) };
  expect(() => parseConfig({ network, reflectors, coes: same })).toThrow(
    "coes.one.names.zones: found cluster.local, which is a zone of coes.two; allowed: zones that only one answers for",
  );
});
