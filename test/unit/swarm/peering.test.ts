import { SwarmPeering } from "../../../components/swarm/peering";
import { named, type Registered, registeredBy } from "../../helpers/mocks";
import { swarmPlan } from "./plan";

const made = (privateKey?: string) =>
  registeredBy(
    (options) =>
      new SwarmPeering(
        "swarm",
        {
          plan: swarmPlan(),
          coe: "swarm",
          access: { ssh: { user: "ops" }, ...(privateKey === undefined ? {} : { privateKey }) },
          probe: { instances: 2, image: "busybox:1.37" },
        },
        options,
      ),
  );

const looks = ["swarm-inspect", "swarm-manager-look", "swarm-worker-look"];
const needs = (found: readonly Registered[], name: string) => named(found, name).options.dependsOn;
const stepOf = ({ inputs }: Registered) => [inputs.create, inputs.delete];

test("what stops a removal goes first: the probe, the network, its settings, and BIRD in the end", async () => {
  const found = await made();
  expect(found.map(({ name }) => name).sort()).toEqual([
    "swarm",
    ...looks.slice(0, 1),
    "swarm-manager",
    "swarm-manager-look",
    "swarm-manager-network",
    "swarm-network",
    "swarm-probe",
    "swarm-worker",
    "swarm-worker-look",
    "swarm-worker-network",
  ]);
  expect(needs(found, "swarm-inspect")).toEqual([]);
  expect(needs(found, "swarm-worker")).toEqual(looks);
  expect(needs(found, "swarm-worker-network")).toEqual([
    looks[0],
    looks[1],
    "swarm-worker",
    looks[2],
  ]);
  expect(needs(found, "swarm-network")).toEqual([
    ...[looks[0], looks[1], "swarm-manager-network", looks[2], "swarm-worker-network"],
  ]);
  expect(needs(found, "swarm-probe")).toEqual(["swarm-network"]);
  expect(
    ["swarm-worker", "swarm-worker-network", "swarm-network", "swarm-probe"].map((name) =>
      stepOf(named(found, name)),
    ),
  ).toEqual([
    ["bin/seamless internal swarm-host-apply", "bin/seamless internal swarm-host-remove"],
    ["bin/seamless internal swarm-node", "bin/seamless internal swarm-node-delete"],
    ["bin/seamless internal swarm-network", "bin/seamless internal swarm-network-delete"],
    ["bin/seamless internal swarm-probe", "bin/seamless internal swarm-probe-delete"],
  ]);
});

test("the settings of a node know that node alone, so that another node changes nothing there", async () => {
  const found = await made();
  expect(JSON.parse(String(named(found, "swarm-worker-network").inputs.stdin))).toEqual({
    hosts: { worker: { via: "ssh", target: "ssh://ops@172.31.0.3" } },
    node: "worker",
    settings: { coe: "swarm", network: "seamless", subnets: ["10.90.1.0/24"] },
  });
});

test("a key is in the environment of steps alone, as a secret", async () => {
  const found = await made("the key");
  for (const { name, inputs } of found) {
    if (name === "swarm") continue;
    expect([name, String(inputs.stdin).includes("the key")]).toEqual([name, false]);
    expect(inputs.environment).toMatchObject({ value: { SEAMLESS_SSH_KEY: "the key" } });
  }
});

test("the probe is at most one task on each node, and another image is another service", async () => {
  const found = await made();
  const { service } = JSON.parse(String(named(found, "swarm-probe").inputs.stdin));
  expect(service.slice(0, 18).join(" ")).toBe(
    "service create --detach --name seamless-probe --network seamless --endpoint-mode dnsrr --replicas 2 --replicas-max-per-node 1 --limit-memory 64M --stop-grace-period 2s --label",
  );
  expect(service).toContain("busybox:1.37");
});
