import type { CoePlan, NodePlan } from "../../../plan/types";
import { isPrefix, overlap, parsePrefix, prefix } from "../../../util/net";
import { bridgeDevice } from "../../linux/input";
import type { Finding } from "../../speakers/calico/inspect/finding";
import { isAsWanted, isOwn } from "../apply";
import { swarmPart } from "../model/plan";
import { majorOf, nodeNetwork, ownLabel, settingsName, settingsOf } from "../networks";
import type { DaemonState, SwarmState } from "../read";
import type { SwarmLook } from "./look";

type Daemon = Exclude<DaemonState, { readonly unreachable: string }>;

/** Settings of networks, and the chain DOCKER-USER, came with this version. */
const oldest = { major: 17, text: "17.06" };

/** A node of which nothing can be seen. */
export function silent({ name: coe }: CoePlan, { name }: NodePlan, error: string): Finding {
  return {
    id: `node/${name}`,
    level: "blocks",
    found: error,
    effect: "what its Docker has could not be seen, and nothing can be set up there",
    advice: `have \`docker info\` answer root there, or leave coes.${coe}.nodes.${name} out`,
  };
}

/** In what the Docker of one node is in the way of the plan, or is changed by it. */
export function daemonFindings(
  { coe, ranges }: SwarmLook,
  node: NodePlan,
  daemon: Daemon,
  seen: SwarmState,
): Finding[] {
  return [
    ...versionFindings(node, daemon),
    ...memberFindings(coe, node, daemon, seen),
    ...settingsFindings(coe, node, daemon),
    ...rangeFindings(ranges, coe, node, daemon),
  ];
}

function versionFindings(node: NodePlan, { info }: Daemon): Finding[] {
  const { ServerVersion: version, FirewallBackend: backend } = info;
  const id = `docker/${node.name}`;
  if (majorOf(version) < oldest.major)
    return [
      {
        ...{ id, level: "blocks", found: `Docker ${version}; needed: ${oldest.text} or later` },
        effect: "it knows no network with a range for each node",
        advice: "upgrade Docker there",
      },
    ];
  if (backend?.Driver.startsWith("nftables") !== true) return [];
  return [
    {
      id,
      level: "blocks",
      found: `Docker ${version} filters by nftables; needed: iptables`,
      effect: "there is no chain DOCKER-USER, in which what comes from other COEs is accepted",
      advice:
        'set "firewall-backend": "iptables" in /etc/docker/daemon.json and restart Docker there',
    },
  ];
}

/** Whether a node is in the swarm of the manager that was asked, and in the role of the plan. */
function memberFindings(
  { name: coe }: CoePlan,
  { name, role }: NodePlan,
  { info }: Daemon,
  { swarm }: SwarmState,
): Finding[] {
  const { LocalNodeState: state, NodeID, ControlAvailable: manages } = info.Swarm;
  const id = `swarm/${name}`;
  const effect = "no task of this swarm comes there";
  if (state !== "active")
    return [
      {
        ...{ id, level: "blocks", effect, found: `its Docker is in no swarm (${state})` },
        advice: `run docker swarm join there, or leave coes.${coe}.nodes.${name} out`,
      },
    ];
  if (!("unreachable" in swarm) && !swarm.members.some(({ ID }) => ID === NodeID))
    return [
      {
        ...{ id, level: "blocks", effect },
        found: `it is in another swarm than ${swarm.manager}`,
        advice: `run docker swarm leave and docker swarm join there, or leave coes.${coe}.nodes.${name} out`,
      },
    ];
  if (manages === (role === "manager")) return [];
  return [
    {
      ...{ id, level: "notes" },
      found: `it is a ${manages ? "manager" : "worker"}; the plan says ${role}`,
      effect: "none for traffic: managers of the plan are asked first",
      advice: `write role: ${manages ? "manager" : "worker"} into coes.${coe}.nodes.${name}`,
    },
  ];
}

/** The settings of the network on one node. */
function settingsFindings(coe: CoePlan, node: NodePlan, { info, networks }: Daemon): Finding[] {
  const wanted = nodeNetwork(settingsOf(coe, node), info.ServerVersion);
  const id = `network/${node.name}`;
  const taken = networks.find(({ Name, ConfigOnly, Labels }) => {
    const own = ConfigOnly && Labels[ownLabel] === coe.name;
    return Name === wanted.name && !own;
  });
  const local = networks.find(
    ({ Name, Scope }) => Name === swarmPart(coe).network && Scope !== "swarm",
  );
  const other = taken ?? local;
  if (other !== undefined)
    return [
      {
        ...{ id, level: "blocks" },
        found: `network ${other.Name} (driver ${other.Driver || "none"}, ${other.IPAM.join(", ") || "no range"}) is there, and this project did not make it`,
        effect: "tasks would get its addresses, or none",
        advice: `docker network rm ${other.Name}, or name another coes.${coe.name}.network`,
      },
    ];
  const earlier = networks.filter(
    (one) => isOwn(one, coe.name) && !(one.Name === wanted.name && isAsWanted(one, wanted)),
  );
  return earlier.map((one): Finding => {
    const users = networks
      .filter(({ ConfigFrom }) => ConfigFrom?.Network === one.Name)
      .flatMap(({ Containers }) => Containers);
    const found = `network ${one.Name} of ${one.IPAM.join(", ")}; the plan says ${wanted.name} of ${wanted.subnets.join(", ")}`;
    if (users.length === 0)
      return { id, level: "changes", found, effect: "it is made anew; no container uses it" };
    return {
      ...{ id, level: "blocks", found },
      effect: `${users.map((user) => user.Name).join(", ")} ${users.length === 1 ? "has an address" : "have addresses"} of it, which Docker cannot change while a container runs`,
      advice: `docker node update --availability drain ${node.name}, remove what is no task, update, then --availability active`,
    };
  });
}

/** Networks of Docker in which a range of the plan would be somewhere else. */
function rangeFindings(
  ranges: SwarmLook["ranges"],
  coe: CoePlan,
  node: NodePlan,
  daemon: Daemon,
): Finding[] {
  const planned = Object.entries(ranges).flatMap(([of, all]) =>
    all.map((range) => ({ of, range })),
  );
  const own = [settingsName(swarmPart(coe).network), swarmPart(coe).network];
  const settings = daemon.networks.filter((one) => isOwn(one, coe.name)).map(({ Name }) => Name);
  return (
    daemon.networks
      .filter(({ Name, ConfigFrom }) =>
        [...own, ...settings].every((one) => one !== Name && one !== ConfigFrom?.Network),
      )
      // Every node that has tasks there tells of a network of the swarm; one finding is enough.
      .filter(({ Scope }) => Scope !== "swarm" || node.role === "manager")
      .flatMap(({ Name, IPAM, Options, Driver }): Finding[] => {
        const hit = planned.find(({ range }) => IPAM.some((subnet) => inside(subnet, range)));
        const device = Options["com.docker.network.bridge.name"] === bridgeDevice;
        const id = `network/${node.name}/${Name}`;
        if (hit !== undefined)
          return [
            {
              ...{ id, level: "blocks" },
              found: `Docker's network ${Name} (${Driver}) has ${IPAM.join(", ")}, which overlaps ${hit.range} of coes.${hit.of}`,
              effect: "what goes to that range there ends in this network",
              advice: `remove it, or make it again with another --subnet ("default-address-pools" in /etc/docker/daemon.json; docker swarm init --default-addr-pool for overlays)`,
            },
          ];
        if (!device) return [];
        return [
          {
            ...{
              id,
              level: "blocks",
              found: `Docker's network ${Name} is on the bridge ${bridgeDevice}`,
            },
            effect: "the network of the plan needs this name for its bridge",
            advice: `docker network rm ${Name}`,
          },
        ];
      })
  );
}

function inside(subnet: string, range: string): boolean {
  return isPrefix(parsePrefix(subnet)) && overlap(prefix(subnet), prefix(range));
}
