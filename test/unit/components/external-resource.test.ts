import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { Reflector } from "../../../components/reflector";
import { ExternalRouter } from "../../../components/reflector/external/resource";
import { asVersion1 } from "../../../plan/version1";
import { named, registeredBy } from "../../helpers/mocks";

const own = {
  tor: {
    kind: "external",
    dialect: "frr",
    address: "172.16.18.32",
    read: { vtysh: ["ssh", "admin@tor-1", "vtysh"] },
  },
  rr: { kind: "frr", address: "172.16.18.31", port: 1179 },
} as const;
const plan = makePlan(
  parseConfig({
    network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511 },
    reflectors: own,
    coes: {
      kubernetes: {
        kind: "kubernetes",
        podCidr: "192.168.0.0/17",
        policy: "open",
        access: { kubeconfig: "~/.kube/config" },
        nodes: { one: { address: "172.16.18.34" } },
      },
    },
  }),
);

function routerOf(name: keyof typeof own) {
  const { [name]: reflector } = plan.reflectors;
  if (reflector === undefined) throw new Error(`no ${name} in the plan`);
  return reflector;
}

test("nothing is made for a router of somebody: it is looked at, and that is all", async () => {
  const resources = await registeredBy(
    (options) =>
      new ExternalRouter("tor", { plan, reflector: routerOf("tor"), given: own.tor }, options),
  );
  expect(resources.map(({ type, name, parent }) => [type, name, parent])).toEqual([
    ["seamless:index:ExternalRouter", "tor", undefined],
    ["command:local:Command", "tor-look", "tor"],
  ]);
  const { inputs } = named(resources, "tor-look");
  expect({ ...inputs, stdin: JSON.parse(String(inputs.stdin)) }).toEqual({
    create: "bin/seamless internal router-look",
    update: "bin/seamless internal router-look",
    stdin: {
      plan: JSON.parse(JSON.stringify(asVersion1(plan))),
      reflector: "tor",
      read: { program: "vtysh", argv: ["ssh", "admin@tor-1", "vtysh"] },
    },
  });
});

test("where FRR listens is an argument of its container", async () => {
  const resources = await registeredBy(
    (options) => new Reflector("rr", { plan, reflector: routerOf("rr") }, options),
  );
  const { command, entrypoints } = named(resources, "rr-frr").inputs;
  expect({ command, entrypoints }).toEqual({
    entrypoints: ["bgpd"],
    command: [
      ...["-S", "-Z", "-P", "0", "-f", "/etc/bgpd/bgpd.conf"],
      ...[
        "-i",
        "/run/frr/bgpd.pid",
        "--vty_socket",
        "/run/frr",
        "-l",
        "172.16.18.31",
        "-p",
        "1179",
      ],
    ],
  });
});
