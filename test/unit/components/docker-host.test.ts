import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { judgeDockerHost } from "../../../components/reflector/docker-host";
import { networkOf, parseNetworks } from "../../../components/reflector/docker-networks";

const docker0 = { name: "bridge", driver: "bridge", subnet: "172.17.0.0/16" };
const planOf = (podCidr = "172.17.0.0/18", worker = "172.28.3.11") =>
  makePlan(
    parseConfig({
      network: { nodes: ["172.20.5.0/24", "172.28.3.0/24", "172.17.192.0/24"], asn: 64511 },
      reflectors: { reflector: { kind: "gobgp", address: "172.20.5.9" } },
      coes: {
        kubernetes: {
          kind: "kubernetes",
          podCidr,
          policy: "open",
          access: { kubeconfig: "kubeconfig" },
          nodes: { "worker-1": { address: worker } },
        },
      },
    }),
  );

test("a host with other ranges than the plan's has nothing in the way", () => {
  const host = { networks: [docker0], addresses: ["127.0.0.1", "172.20.5.9", "172.17.0.1"] };
  expect(judgeDockerHost(planOf("10.244.0.0/16"), "reflector", host)).toEqual([]);
});

test("a container range that is Docker's matters only where the host is a node", () => {
  const plan = planOf();
  const networks = [docker0];
  expect(judgeDockerHost(plan, "reflector", { networks, addresses: ["172.20.5.9"] })).toEqual([]);
  const found = "172.17.0.0/16, which overlaps 172.17.0.0/18 of kubernetes";
  const unknown = judgeDockerHost(plan, "reflector", { networks });
  expect(unknown).toMatchObject([{ id: "docker/bridge", level: "notes", found }]);
  const addresses = ["172.20.5.9", "172.28.3.11"];
  expect(judgeDockerHost(plan, "reflector", { networks, addresses })).toEqual([
    {
      id: "docker/bridge",
      level: "blocks",
      found: `${found}; the host is the node kubernetes/worker-1`,
      effect: "Docker's containers and the plan's would have the same addresses on this node",
      advice:
        "give Docker's own bridge another range there (bip in /etc/docker/daemon.json), or use another dockerHost",
    },
  ]);
});

test("a node in the range of a bridge gets no session from there", () => {
  const plan = planOf("10.244.0.0/16", "172.17.192.11");
  const own = { name: "nodes", subnet: "172.17.192.0/24" };
  const seen = judgeDockerHost(plan, "reflector", { networks: [docker0, own] }, "nodes");
  expect(seen).toEqual([
    {
      id: "docker/bridge",
      level: "blocks",
      found: "172.17.0.0/16, which holds planned addresses: kubernetes/worker-1 172.17.192.11",
      effect: "the host sends what is for these to Docker's bridge: their sessions do not come up",
      advice:
        "give Docker's own bridge another range there (bip in /etc/docker/daemon.json), or use another dockerHost",
    },
  ]);
  const overlay = { name: "ingress", driver: "overlay", subnet: "172.17.0.0/16" };
  const six = { name: "six", subnet: "fd00::/64" };
  expect(judgeDockerHost(plan, "reflector", { networks: [overlay, six] })).toEqual([]);
});

test("in the host's own network the reflector's address is the host's", () => {
  const host = { networks: [], addresses: ["10.0.0.7"] };
  expect(judgeDockerHost(planOf("10.244.0.0/16"), "reflector", host)).toEqual([
    {
      id: "docker/address",
      level: "blocks",
      found: "the host has 10.0.0.7; the plan says 172.20.5.9",
      effect: "the reflector could not listen on its address",
      advice: "plan one of these addresses, or another dockerHost, for reflectors.reflector",
    },
  ]);
  expect(judgeDockerHost(planOf("10.244.0.0/16"), "reflector", host, "nodes")).toEqual([]);
});

test("an address that the host has is no container's", () => {
  const host = { networks: [docker0], addresses: ["172.20.5.9", "10.244.7.7", "172.17.0.1"] };
  expect(judgeDockerHost(planOf("10.244.0.0/16"), "reflector", host)).toMatchObject([
    {
      level: "blocks",
      found: "the host has 10.244.7.7, which is inside 10.244.0.0/16 of kubernetes",
    },
  ]);
});

test("networks are read as docker prints them, each range of each", () => {
  const shown = [
    { Name: "bridge", Driver: "bridge", IPAM: { Config: [{ Subnet: "172.17.0.0/16" }] } },
    { Name: "host", Driver: "host", IPAM: { Driver: "default", Config: null } },
    {
      Name: "nodes",
      Driver: "bridge",
      IPAM: {
        Config: [{ Subnet: "fd00::/64" }, { Subnet: "172.16.18.0/24", Gateway: "172.16.18.1" }],
      },
    },
  ];
  const networks = parseNetworks(JSON.stringify(shown));
  expect(networks).toEqual([
    { name: "bridge", driver: "bridge", subnet: "172.17.0.0/16" },
    { name: "nodes", driver: "bridge", subnet: "fd00::/64" },
    { name: "nodes", driver: "bridge", subnet: "172.16.18.0/24" },
  ]);
  expect(networkOf("172.16.18.32", networks)).toBe("nodes");
  expect(networkOf("10.0.0.1", networks)).toBeUndefined();
});
