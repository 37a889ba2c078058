import { compareSwarm } from "../../../components/swarm/inspect/compare";
import { lookOf } from "../../../components/swarm/inspect/look";
import { dockerService } from "../../../components/swarm/seen";
import type { CoePlan } from "../../../plan/types";
import { swarmPlan } from "./plan";
import { info, instance, member, members, network, settings, swarm } from "./state";

const plan = swarmPlan();
const coe: CoePlan = plan.coes.swarm ?? never("swarm");

function never(what: string): never {
  throw new Error(`no ${what}`);
}

const compare = (change: Parameters<typeof swarm>[0]) =>
  compareSwarm(lookOf(plan, coe), swarm(change)).map(({ id, level, found, advice }) =>
    [level, id, found, advice].join(" | "),
  );

test("a swarm that is as the plan has it has nothing to say, and neither has one that is still empty", () => {
  expect(compare({})).toEqual([]);
  expect(compare({ manager: { networks: [] }, worker: { networks: [] } })).toEqual([]);
});

test("a node whose Docker does not answer is in the way", () => {
  expect(compare({ worker: { unreachable: "worker: docker info: permission denied" } })).toEqual([
    "blocks | node/worker | worker: docker info: permission denied | have `docker info` answer root there, or leave coes.swarm.nodes.worker out",
  ]);
});

test("without a manager that answers nothing can be made", () => {
  expect(compare({ swarm: { unreachable: "The swarm does not have a leader." } })).toEqual([
    "blocks | swarm/manager | The swarm does not have a leader. | name a manager that answers in coes.swarm.nodes, with role: manager",
  ]);
});

test("a node in no swarm, or in another one, is in the way; a node in another role is not", () => {
  const inactive = info("", false, { Swarm: { LocalNodeState: "inactive" } });
  expect(compare({ worker: { info: inactive } })).toEqual([
    "blocks | swarm/worker | its Docker is in no swarm (inactive) | run docker swarm join there, or leave coes.swarm.nodes.worker out",
  ]);
  expect(compare({ worker: { info: info("x9", false) } })).toEqual([
    "blocks | swarm/worker | it is in another swarm than manager | run docker swarm leave and docker swarm join there, or leave coes.swarm.nodes.worker out",
  ]);
  expect(compare({ worker: { info: info("w1", true) } })).toEqual([
    "notes | swarm/worker | it is a manager; the plan says worker | write role: manager into coes.swarm.nodes.worker",
  ]);
});

test("a Docker that is too old, or filters by nftables, is in the way", () => {
  expect(compare({ worker: { info: info("w1", false, { ServerVersion: "1.13.1" }) } })).toEqual([
    "blocks | docker/worker | Docker 1.13.1; needed: 17.06 or later | upgrade Docker there",
  ]);
  const nftables = { ServerVersion: "29.0.1", FirewallBackend: { Driver: "nftables" } };
  const networks = [
    settings("10.90.1.0/24", {
      Options: {
        "com.docker.network.bridge.name": "seamless0",
        "com.docker.network.bridge.enable_ip_masquerade": "false",
        "com.docker.network.bridge.gateway_mode_ipv4": "nat-unprotected",
      },
    }),
  ];
  expect(compare({ worker: { info: info("w1", false, nftables), networks } })).toEqual([
    'blocks | docker/worker | Docker 29.0.1 filters by nftables; needed: iptables | set "firewall-backend": "iptables" in /etc/docker/daemon.json and restart Docker there',
  ]);
});

test("settings of before an upgrade to Docker 28 are made anew", () => {
  expect(compare({ worker: { info: info("w1", false, { ServerVersion: "28.2.2" }) } })).toEqual([
    "changes | network/worker | network seamless-node of 10.90.1.0/24; the plan says seamless-node of 10.90.1.0/24 | ",
  ]);
});

test("another range is made anew where no container uses it, and is in the way where one does", () => {
  const before = settings("10.90.9.0/24");
  expect(compare({ worker: { networks: [before] } })).toEqual([
    "changes | network/worker | network seamless-node of 10.90.9.0/24; the plan says seamless-node of 10.90.1.0/24 | ",
  ]);
  const networks = [before, instance("10.90.9.0/24", ["web.1.abc"])];
  expect(compare({ worker: { networks } })).toEqual([
    "blocks | network/worker | network seamless-node of 10.90.9.0/24; the plan says seamless-node of 10.90.1.0/24 | docker node update --availability drain worker, remove what is no task, update, then --availability active",
  ]);
});

test("networks of the names that somebody else made are in the way", () => {
  const settingsOfOthers = settings("10.90.1.0/24", { Labels: {} });
  expect(compare({ worker: { networks: [settingsOfOthers] } })).toEqual([
    "blocks | network/worker | network seamless-node (driver null, 10.90.1.0/24) is there, and this project did not make it | docker network rm seamless-node, or name another coes.swarm.network",
  ]);
  const overlay = instance("", [], { Driver: "overlay", ConfigFrom: null, IPAM: null });
  expect(compare({ manager: { networks: [settings("10.90.0.0/24"), overlay] } })).toEqual([
    "blocks | network/swarm | the swarm has a network seamless with driver overlay and settings from itself; the plan has driver bridge and settings from seamless-node | docker network rm seamless, or name another coes.swarm.network",
  ]);
});

test("a network of Docker that has a range of the plan is in the way, whose ever the range is", () => {
  const local = network({
    ...{ Name: "old", Driver: "bridge", IPAM: { Config: [{ Subnet: "10.80.4.0/22" }] } },
  });
  expect(compare({ worker: { networks: [settings("10.90.1.0/24"), local] } })).toEqual([
    'blocks | network/worker/old | Docker\'s network old (bridge) has 10.80.4.0/22, which overlaps 10.80.0.0/16 of coes.kubernetes | remove it, or make it again with another --subnet ("default-address-pools" in /etc/docker/daemon.json; docker swarm init --default-addr-pool for overlays)',
  ]);
  const bridged = network({
    ...{ Name: "odd", Driver: "bridge", IPAM: { Config: [{ Subnet: "172.19.0.0/16" }] } },
    Options: { "com.docker.network.bridge.name": "seamless0" },
  });
  expect(compare({ worker: { networks: [settings("10.90.1.0/24"), bridged] } })).toEqual([
    "blocks | network/worker/odd | Docker's network odd is on the bridge seamless0 | docker network rm odd",
  ]);
});

test("a network of an earlier name is removed, unless services use it", () => {
  const earlier = instance("10.90.0.0/24", [], {
    ...{ Id: "e1", Name: "before", ConfigFrom: { Network: "before-node" } },
  });
  const networks = [settings("10.90.0.0/24", { Name: "before-node" }), earlier];
  expect(compare({ manager: { networks } })).toEqual([
    "changes | network/manager | network before-node of 10.90.0.0/24; the plan says seamless-node of 10.90.0.0/24 | ",
    "changes | network/swarm | network before of an earlier plan; the plan says seamless | ",
  ]);
  const services = [
    dockerService.parse({
      ...{ ID: "s", Spec: { Name: "web", TaskTemplate: { Networks: [{ Target: "e1" }] } } },
    }),
  ];
  expect(compare({ manager: { networks }, swarm: { services } })[0]).toBe(
    "blocks | network/swarm | network before of an earlier plan; the plan says seamless; services use it: web | docker service update --network-rm before SERVICE for each, and add seamless after the update",
  );
});

test("a node of the swarm that the plan does not have is told of; one that has come back is not", () => {
  const more = [...members, member("w2", "worker", "172.31.0.9", "spare")];
  expect(compare({ swarm: { members: more } })).toEqual([
    "notes | swarm/spare | a node of the swarm (worker, 172.31.0.9) that the plan does not have | add it to coes.swarm.nodes, or keep such services off it: --constraint node.hostname!=spare",
  ]);
  const back = [...members, member("w0", "worker", "172.31.0.3")];
  expect(compare({ swarm: { members: back } })).toEqual([]);
});
