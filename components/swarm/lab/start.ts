import type { StartContext } from "../../../lab/contract";
import { machineNames } from "../../../lab/machine/names";
import { hostContainer } from "../../../lab/names";
import type { NodePlan } from "../../../plan/types";
import { dockerEnv } from "../../../util/docker-host";
import { describeFailure, exec } from "../../../util/exec";
import { startDockerHosts } from "../../linux/lab/start";
import { joinCommand, joinFault, joinRequest } from "./join";

/** Brings booted hosts to a swarm: the first manager begins it, and the others join. What is there is left as it is. */
export async function startSwarm(context: StartContext): Promise<void> {
  const { coe, say } = context;
  await startDockerHosts(context);
  const nodes = Object.values(coe.nodes);
  const first = nodes.find(({ role }) => role === "manager");
  if (first === undefined) throw new Error(`${coe.name}: no manager`);
  if (!(await isIn(context, first))) {
    say(`${coe.name}: ${first.name} begins a swarm`);
    await docker(context, first, "swarm", "init", "--advertise-addr", first.address);
  }
  for (const node of nodes) {
    if (node === first || (await isIn(context, node))) continue;
    say(`${coe.name}: ${node.name} joins as ${node.role}`);
    const token = await docker(context, first, "swarm", "join-token", "--quiet", node.role);
    await join(context, node, first.address, token);
  }
}

async function join(
  { lab, coe }: StartContext,
  node: NodePlan,
  manager: string,
  token: string,
): Promise<void> {
  const container = hostContainer(lab, coe.name, node.name);
  const argv = ["docker", "exec", "--interactive", container, ...joinCommand];
  const input = joinRequest(node.address, manager, token);
  const result = await exec(argv, {
    ...{ env: dockerEnv(machineNames(lab)), timeoutMs: 120_000, input },
  });
  const fault = joinFault(result);
  if (fault !== undefined) throw new Error(`${node.id}: docker swarm join: ${fault}`);
}

async function isIn(context: StartContext, node: NodePlan): Promise<boolean> {
  return (
    (await docker(context, node, "info", "--format", "{{.Swarm.LocalNodeState}}")) === "active"
  );
}

/** @returns what docker printed there @throws Error unless it ends well */
async function docker(
  { lab, coe }: StartContext,
  node: NodePlan,
  ...args: readonly string[]
): Promise<string> {
  const container = hostContainer(lab, coe.name, node.name);
  const argv = ["docker", "exec", container, "docker", ...args];
  const result = await exec(argv, { env: dockerEnv(machineNames(lab)), timeoutMs: 120_000 });
  if (result.code === 0) return result.stdout.trim();
  // Further arguments may be secrets.
  throw new Error(`${node.id}: ${describeFailure(["docker", ...args.slice(0, 2)], result)}`);
}
