import type { CoePlan, Plan } from "../../../plan/types";
import type { LeftBehind, ObjectFault } from "../../ask/types";
import { probeName } from "../../contract/probe";
import { isOwn, isSwarmNetwork } from "../apply";
import { compareSwarm } from "../inspect/compare";
import { lookOf } from "../inspect/look";
import { swarmPart } from "../model/plan";
import {
  createNodeNetwork,
  createSwarmNetwork,
  nodeNetwork,
  settingsOf,
  swarmNetwork,
} from "../networks";
import type { DaemonState, SwarmState } from "../read";

type Daemon = Exclude<DaemonState, { readonly unreachable: string }>;

/** In what a swarm that has joined differs from the plan: what would stop or change a joining, and what is missing. */
export function swarmFaults(plan: Plan, coe: CoePlan, seen: SwarmState): ObjectFault[] {
  const findings = compareSwarm(lookOf(plan, coe), seen).filter(({ level }) => level !== "notes");
  return [
    ...findings.map(
      ({ id, found, effect, advice }): ObjectFault => ({
        group: id.startsWith("network/") ? "pools" : "agents",
        ...{ object: id, found, effect, expected: "as the plan has it" },
        ...(advice === undefined ? { remedy: "run: pulumi up" } : { remedy: advice }),
      }),
    ),
    ...each(seen).flatMap(([name, daemon]) => missingSettings(coe, name, daemon)),
    ...missingNetwork(coe, seen),
  ];
}

function missingSettings(coe: CoePlan, name: string, daemon: Daemon): ObjectFault[] {
  const node = coe.nodes[name];
  if (node === undefined || daemon.networks.some((one) => isOwn(one, coe.name))) return [];
  const wanted = nodeNetwork(settingsOf(coe, node), daemon.info.ServerVersion);
  return [
    {
      ...{ group: "pools", object: `network ${wanted.name} on ${name}`, found: "none" },
      expected: wanted.subnets.join(", "),
      effect: "tasks are rejected there, because their network has no settings",
      remedy: `run on ${name}: docker ${createNodeNetwork(wanted).join(" ")}`,
    },
  ];
}

function missingNetwork(coe: CoePlan, { daemons, swarm }: SwarmState): ObjectFault[] {
  if ("unreachable" in swarm) return [];
  const { network: name } = swarmPart(coe);
  const asked = daemons[swarm.manager];
  const networks = asked === undefined || "unreachable" in asked ? [] : asked.networks;
  if (networks.some((one) => one.Name === name)) return [];
  return [
    {
      ...{ group: "pools", object: `network ${name} of the swarm`, found: "none" },
      expected: "one for services whose tasks have addresses of the plan",
      effect: "services cannot have it, and those that had it start no task",
      remedy: `run on ${swarm.manager}: docker ${createSwarmNetwork(swarmNetwork(name)).join(" ")}`,
    },
  ];
}

/** What a stack that is gone has left in a swarm. There was nothing of it before. */
export function swarmLeft(coe: CoePlan, seen: SwarmState): LeftBehind {
  const { network: name } = swarmPart(coe);
  const gone = { expected: "gone", effect: "its addresses are the plan's" } as const;
  const settings = each(seen).flatMap(([node, { networks }]) =>
    networks
      .filter((one) => isOwn(one, coe.name))
      .map(
        ({ Name, IPAM }): ObjectFault => ({
          ...gone,
          ...{ group: "pools", object: `network ${Name} on ${node}`, found: IPAM.join(", ") },
        }),
      ),
  );
  if ("unreachable" in seen.swarm) return { faults: settings, compared: [] };
  const { manager, services } = seen.swarm;
  const asked = seen.daemons[manager];
  const networks = asked === undefined || "unreachable" in asked ? [] : asked.networks;
  const still = networks.filter(
    (one) => one.Name === name && one.Scope === "swarm" && isSwarmNetwork(one, name),
  );
  const probes = services.filter(({ Spec }) => Spec.Name === probeName);
  return {
    faults: [
      ...settings,
      ...still.map(
        ({ Driver }): ObjectFault => ({
          ...gone,
          ...{ group: "pools", object: `network ${name} of the swarm`, found: `driver ${Driver}` },
        }),
      ),
      ...probes.map(
        (): ObjectFault => ({
          ...gone,
          ...{ group: "agents", object: `service ${probeName}`, found: "it is there" },
        }),
      ),
    ],
    compared: [],
  };
}

function each({ daemons }: SwarmState): [string, Daemon][] {
  return Object.entries(daemons).flatMap(([name, daemon]): [string, Daemon][] =>
    "unreachable" in daemon ? [] : [[name, daemon]],
  );
}
