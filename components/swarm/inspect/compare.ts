import type { CoePlan } from "../../../plan/types";
import { type Finding, inOrderOfWeight } from "../../speakers/calico/inspect/finding";
import { isOwn, isSwarmNetwork } from "../apply";
import { swarmPart } from "../model/plan";
import { settingsName } from "../networks";
import type { ManagerState, SwarmState } from "../read";
import { addressOfNode, type DockerNetwork, type DockerNode, isIn } from "../seen";
import { daemonFindings, silent } from "./daemon";
import type { SwarmLook } from "./look";

/** Everything in which a swarm differs from the plan, what stops the plan first. */
export function compareSwarm({ coe, ranges }: SwarmLook, seen: SwarmState): Finding[] {
  return inOrderOfWeight([
    ...Object.values(coe.nodes).flatMap((node) => {
      const daemon = seen.daemons[node.name] ?? { unreachable: "it was not asked" };
      return "unreachable" in daemon
        ? [silent(coe, node, daemon.unreachable)]
        : daemonFindings({ coe, ranges }, node, daemon, seen);
    }),
    ...("unreachable" in seen.swarm
      ? [noManager(coe, seen.swarm.unreachable)]
      : managerFindings(coe, seen.swarm, seen)),
  ]);
}

function noManager({ name: coe }: CoePlan, error: string): Finding {
  return {
    id: "swarm/manager",
    level: "blocks",
    found: error,
    effect: "nobody can make the network of the swarm, nor say which nodes it has",
    advice: `name a manager that answers in coes.${coe}.nodes, with role: manager`,
  };
}

/** The network of the swarm, and nodes that the plan does not have. */
function managerFindings(coe: CoePlan, swarm: ManagerState, { daemons }: SwarmState): Finding[] {
  const asked = daemons[swarm.manager];
  const networks = asked === undefined || "unreachable" in asked ? [] : asked.networks;
  return [
    ...networkFindings(coe, swarm, networks),
    ...swarm.members.flatMap((member) => strangers(coe, member, daemons)),
  ];
}

function networkFindings(
  coe: CoePlan,
  swarm: ManagerState,
  networks: readonly DockerNetwork[],
): Finding[] {
  const { network: name } = swarmPart(coe);
  const id = "network/swarm";
  const found = networks.find((one) => one.Name === name && one.Scope === "swarm");
  if (found !== undefined && !isSwarmNetwork(found, name))
    return [
      {
        ...{ id, level: "blocks" },
        found: `the swarm has a network ${name} with driver ${found.Driver} and settings from ${found.ConfigFrom?.Network || "itself"}; the plan has driver bridge and settings from ${settingsName(name)}`,
        effect: "its tasks have no addresses of the plan",
        advice: `docker network rm ${name}, or name another coes.${coe.name}.network`,
      },
    ];
  const ownSettings = networks.filter((one) => isOwn(one, coe.name)).map(({ Name }) => Name);
  const earlier = networks.filter(
    ({ Name, Scope, ConfigFrom }) =>
      Scope === "swarm" && Name !== name && ownSettings.includes(ConfigFrom?.Network ?? ""),
  );
  return earlier.map((one): Finding => {
    const users = swarm.services
      .filter((service) => isIn(service, [one.Id, one.Name]))
      .map(({ Spec }) => Spec.Name)
      .sort();
    const about = `network ${one.Name} of an earlier plan; the plan says ${name}`;
    if (users.length === 0)
      return { id, level: "changes", found: about, effect: "it is removed; no service uses it" };
    return {
      ...{ id, level: "blocks", found: `${about}; services use it: ${users.join(", ")}` },
      effect: "they would lose their network",
      advice: `docker service update --network-rm ${one.Name} SERVICE for each, and add ${name} after the update`,
    };
  });
}

/** Tasks on the network are refused on nodes without its settings. */
function strangers(coe: CoePlan, member: DockerNode, daemons: SwarmState["daemons"]): Finding[] {
  const known = Object.values(daemons).some(
    (daemon) => !("unreachable" in daemon) && daemon.info.Swarm.NodeID === member.ID,
  );
  const address = addressOfNode(member);
  const planned = Object.values(coe.nodes).find((node) => node.address === address);
  // A node that has left and come back is in the list twice: once as it was, until it is removed there.
  if (known || planned !== undefined) return [];
  const host = member.Description?.Hostname ?? member.ID;
  return [
    {
      ...{ id: `swarm/${host}`, level: "notes" },
      found: `a node of the swarm (${member.Spec.Role}, ${address || "no address"}) that the plan does not have`,
      effect: `tasks on network ${swarmPart(coe).network} are rejected there: configuration network ${JSON.stringify(settingsName(swarmPart(coe).network))} does not exist`,
      advice: `add it to coes.${coe.name}.nodes, or keep such services off it: --constraint node.hostname!=${host}`,
    },
  ];
}
