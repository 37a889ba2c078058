import type { CoePlan } from "../../plan/types";
import { exitCode, messageOf, SeamlessError } from "../../util/errors";
import { DockerRefusal, NodeDocker, type OnNode } from "./docker";
import {
  type DockerInfo,
  type DockerNetwork,
  type DockerNode,
  type DockerService,
  dockerInfo,
  dockerNetwork,
  dockerNode,
  dockerService,
} from "./seen";

/** What one daemon says, or why it says nothing. */
export type DaemonState =
  | { readonly info: DockerInfo; readonly networks: readonly DockerNetwork[] }
  | { readonly unreachable: string };

/** What the managers say. */
export interface ManagerState {
  /** Name of the node that was asked. */
  readonly manager: string;
  readonly members: readonly DockerNode[];
  readonly services: readonly DockerService[];
}

/** A swarm as it is; plain data. */
export interface SwarmState {
  /** By name in the plan. */
  readonly daemons: Readonly<Record<string, DaemonState>>;
  /** What a manager says, or why none does. */
  readonly swarm: ManagerState | { readonly unreachable: string };
}

/** Asks every node's daemon, and one manager. */
export async function readSwarm(coe: CoePlan, run: OnNode): Promise<SwarmState> {
  const names = Object.keys(coe.nodes);
  const daemons = Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, await readDaemon(new NodeDocker(run, name))] as const),
    ),
  );
  let unreachable = "no node of the plan is a manager that answers";
  for (const [name, daemon] of Object.entries(daemons)) {
    if ("unreachable" in daemon || !daemon.info.Swarm.ControlAvailable) continue;
    try {
      return { daemons, swarm: await readManager(new NodeDocker(run, name)) };
    } catch (thrown) {
      // Managers that are cut off from the majority answer nothing; another one may be on the right side.
      unreachable = messageOf(thrown);
    }
  }
  return { daemons, swarm: { unreachable } };
}

async function readDaemon(docker: NodeDocker): Promise<DaemonState> {
  try {
    const [info] = await docker.lines(dockerInfo, "info");
    if (info === undefined) return { unreachable: "docker info prints nothing" };
    const [problem] = info.ServerErrors;
    if (problem !== undefined) return { unreachable: problem };
    return { info, networks: await docker.inspectAll(dockerNetwork, "network") };
  } catch (thrown) {
    return { unreachable: messageOf(thrown) };
  }
}

async function readManager(docker: NodeDocker): Promise<ManagerState> {
  const [members, services] = [
    await docker.inspectAll(dockerNode, "node"),
    await docker.inspectAll(dockerService, "service"),
  ];
  return { manager: docker.node, members, services };
}

/**
 * The first of the nodes that is a manager and answers.
 * @throws SeamlessError with what each of them said
 */
export async function firstManager(names: readonly string[], run: OnNode): Promise<NodeDocker> {
  const said: string[] = [];
  let reached = false;
  for (const name of names) {
    const docker = new NodeDocker(run, name);
    try {
      await docker.text("node", "ls", "--quiet");
      return docker;
    } catch (thrown) {
      reached ||= thrown instanceof DockerRefusal;
      said.push(messageOf(thrown));
    }
  }
  throw new SeamlessError(
    `no manager of the swarm answers:\n${said.join("\n")}`,
    reached ? exitCode.operationFailed : exitCode.nothingToCheck,
  );
}

/** Names of the plan's nodes, those that it calls managers first. */
export function managersFirst(coe: CoePlan): string[] {
  const nodes = Object.values(coe.nodes);
  const managers = nodes.filter(({ role }) => role === "manager");
  const others = nodes.filter(({ role }) => role !== "manager");
  return [...managers, ...others].map(({ name }) => name);
}
