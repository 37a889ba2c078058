import { z } from "zod";
import { type Registered, registrationsOf } from "../../helpers/registrations";

let all: readonly Registered[] = [];
beforeAll(async () => {
  all = await registrationsOf("racks", "Pulumi.racks.yaml");
}, 60_000);

const container = z.object({
  name: z.string(),
  image: z.string(),
  networksAdvanced: z.array(z.record(z.string(), z.string())),
});
const command = z.object({ stdin: z.string() });

function inputsOf<T>(name: string, schema: z.ZodType<T>): T {
  const found = all.filter((one) => one.name === name);
  expect(found).toHaveLength(1);
  return schema.parse(found[0]?.inputs);
}

test("routers of racks are machines of the lab, in the network of their rack and on the fabric", () => {
  const networks = all.filter(({ type }) => type === "docker:index/network:Network");
  const options = { "com.docker.network.bridge.enable_ip_masquerade": "false" };
  const inputs = z.object({ options: z.unknown(), ipv6: z.unknown(), ipamConfigs: z.unknown() });
  const both = (...subnets: readonly string[]) => ({
    options,
    ipv6: true,
    ipamConfigs: subnets.map((subnet) => ({ subnet })),
  });
  expect(networks.map((one) => [one.name, inputs.parse(one.inputs)])).toEqual([
    ["lab-fabric", both("169.254.254.0/24", "fec0::/64")],
    ["lab-network-rack-1", both("172.16.1.0/24", "2001:db8:18::ac10:100/120")],
    ["lab-network-rack-2", both("172.16.2.0/24", "2001:db8:18::ac10:200/120")],
  ]);
  expect(inputsOf("lab_tor-2", container)).toEqual({
    name: "seamless-racks_tor-2",
    image: "localhost/seamless/frr-router:1",
    networksAdvanced: [
      {
        name: "seamless-racks-rack-2",
        ipv4Address: "172.16.2.254",
        ipv6Address: "2001:db8:18::ac10:2fe",
      },
      { name: "seamless-racks_fabric" },
    ],
  });
});

test("hosts are in the network of their rack", () => {
  const { networksAdvanced: near } = inputsOf("lab-kubernetes-worker-1", container);
  const { networksAdvanced: far } = inputsOf("lab-dcos-agent-2", container);
  expect([near, far]).toEqual([
    [
      {
        name: "seamless-racks-rack-1",
        ipv4Address: "172.16.1.34",
        ipv6Address: "2001:db8:18::ac10:122",
      },
    ],
    [{ name: "seamless-racks-rack-2", ipv4Address: "172.16.2.43" }],
  ]);
});

test("routers of racks are looked at as the owner's, with sessions of routers that are no clients", () => {
  const { stdin } = inputsOf("tor-1-look", command);
  const look = z
    .object({
      plan: z.object({
        schemaVersion: z.number(),
        sessions: z.record(
          z.string(),
          z.object({ a: z.object({ role: z.string() }), b: z.object({ role: z.string() }) }),
        ),
      }),
      read: z.object({ program: z.string(), argv: z.array(z.string()) }),
    })
    .parse(JSON.parse(stdin));
  expect(look.plan.schemaVersion).toBe(2);
  expect(look.plan.sessions["tor-1--tor-2"]).toEqual({ a: { role: "peer" }, b: { role: "peer" } });
  expect(look.read.program).toBe("vtysh");
  expect(look.read.argv.slice(0, 2)).toEqual(["docker", "--host"]);
  expect(look.read.argv.slice(3)).toEqual(["exec", "seamless-racks_tor-1", "vtysh"]);
});

test("a COE's nodes are waited for at the routers of their own racks alone", () => {
  const mesh = z
    .object({ nodes: z.unknown(), sessions: z.unknown() })
    .parse(JSON.parse(inputsOf("dcos-mesh", command).stdin));
  expect(mesh).toEqual({
    nodes: { "agent-1": "172.16.1.43", "agent-2": "172.16.2.43" },
    sessions: { "tor-1": { "agent-1": "172.16.1.43" }, "tor-2": { "agent-2": "172.16.2.43" } },
  });
  const { sessions } = z
    .object({ sessions: z.unknown() })
    .parse(JSON.parse(inputsOf("kubernetes-sessions", command).stdin));
  expect(sessions).toEqual({
    "tor-1": {
      controller: "172.16.1.33",
      "controller/ipv6": "2001:db8:18::ac10:121",
      "worker-1": "172.16.1.34",
      "worker-1/ipv6": "2001:db8:18::ac10:122",
    },
    "tor-2": { "worker-2": "172.16.2.34", "worker-2/ipv6": "2001:db8:18::ac10:222" },
  });
});

test("routers are waited for, until they have what their owner gives them", () => {
  const { stdin } = inputsOf("lab_tor-1-started", command);
  expect(JSON.parse(stdin)).toEqual({ lab: "racks", router: "tor-1", kind: "external" });
});
