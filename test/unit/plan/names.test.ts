import { parseConfig, readStackConfig } from "../../../config";
import type { NamesConfig } from "../../../config/types";
import { makePlan } from "../../../plan";

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
  expect(plan.sessions["reflector/dcos/master"]?.node.address).toBe("172.16.18.42");
  expect(Object.keys(plan.sessions)).toHaveLength(9);
});
