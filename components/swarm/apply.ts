import { SeamlessError } from "../../util/errors";
import { waitFor } from "../../util/wait";
import { bridgeDevice } from "../linux/input";
import { DockerRefusal, isGone, type NodeDocker } from "./docker";
import {
  createNodeNetwork,
  createSwarmNetwork,
  type NodeNetwork,
  type NodeSettings,
  nodeNetwork,
  ownLabel,
  settingsName,
  swarmNetwork,
} from "./networks";
import { type DockerNetwork, dockerInfo, dockerNetwork, dockerService, isIn } from "./seen";

/** What applying and removing may say and how long they wait. */
export interface ApplyOptions {
  readonly say: (message: string) => void;
  /** Milliseconds for Docker to let go of a network whose last task has ended. Default: 30000. */
  readonly timeoutMs?: number;
}

/**
 * Makes the settings of one node, in place of those of an earlier plan.
 * @throws SeamlessError when they are another's, or containers use those of the earlier plan
 */
export async function applyNodeNetwork(
  docker: NodeDocker,
  settings: NodeSettings,
  options: ApplyOptions,
): Promise<NodeNetwork> {
  const [info] = await docker.lines(dockerInfo, "info");
  const wanted = nodeNetwork(settings, info?.ServerVersion ?? "");
  const networks = await docker.inspectAll(dockerNetwork, "network");
  const found = networks.find(({ Name, ConfigOnly }) => ConfigOnly && Name === wanted.name);
  if (found !== undefined && !isOwn(found, settings.coe))
    throw new SeamlessError(
      `${docker.node}: network ${wanted.name} is there and was not made by this project; remove it, or name another coes.${settings.coe}.network`,
    );
  const earlier = networks.filter(
    (one) => isOwn(one, settings.coe) && !(one === found && isAsWanted(one, wanted)),
  );
  for (const one of earlier)
    await removeSettings(docker, one.Name, networks, settings.coe, options);
  if (found === undefined || earlier.includes(found)) {
    options.say(`${docker.node}: making network ${wanted.name} of ${wanted.subnets.join(", ")}`);
    await docker.text(...createNodeNetwork(wanted));
  }
  return wanted;
}

/** Removes the settings of one node. None is no error. @throws SeamlessError when containers use them */
export async function removeNodeNetwork(
  docker: NodeDocker,
  coe: string,
  options: ApplyOptions,
): Promise<void> {
  const networks = await docker.inspectAll(dockerNetwork, "network");
  for (const { Name } of networks.filter((one) => isOwn(one, coe)))
    await removeSettings(docker, Name, networks, coe, options);
}

/** Docker removes its instance of the swarm's network some time after the last task, and settings are in use until then. */
async function removeSettings(
  docker: NodeDocker,
  name: string,
  networks: readonly DockerNetwork[],
  coe: string,
  { say, timeoutMs = 30_000 }: ApplyOptions,
): Promise<void> {
  const users = usersOf(name, networks);
  if (users.length > 0) throw inUse(docker.node, coe, name, users);
  const what = `${docker.node} to let go of network ${name}`;
  await waitFor({ what, timeoutMs, onWait: say }, async () => {
    try {
      await docker.text("network", "rm", name);
      return { done: true, value: undefined };
    } catch (thrown) {
      if (!(thrown instanceof DockerRefusal)) throw thrown;
      if (isGone(thrown.said)) return { done: true, value: undefined };
      if (!/is in use/.test(thrown.said)) throw thrown;
      const now = usersOf(name, await docker.inspectAll(dockerNetwork, "network"));
      if (now.length > 0) throw inUse(docker.node, coe, name, now);
      return { done: false, seen: thrown.said };
    }
  });
}

/** Containers of the node that are in the network made of the settings. */
function usersOf(name: string, networks: readonly DockerNetwork[]): string[] {
  return networks
    .filter(({ ConfigFrom }) => ConfigFrom?.Network === name)
    .flatMap(({ Containers }) => Containers.map((one) => one.Name))
    .sort();
}

function inUse(node: string, coe: string, name: string, users: readonly string[]): SeamlessError {
  return new SeamlessError(
    `${node}: network ${name} of coes.${coe} is to change or to go, and containers use it: ${firstOf(users)}; move them first: docker node update --availability drain ${node} (active again after the update), and remove those that are no tasks`,
  );
}

/** Whether a network of settings was made by this project for a COE. */
export function isOwn({ ConfigOnly, Labels }: DockerNetwork, coe: string): boolean {
  return ConfigOnly && Labels[ownLabel] === coe;
}

/** Whether the settings on a node are those of the plan; Docker may have added options of its own. */
export function isAsWanted(found: DockerNetwork, wanted: NodeNetwork): boolean {
  const subnets = [...found.IPAM].sort().join() === [...wanted.subnets].sort().join();
  const options = Object.entries(wanted.options).every(
    ([key, value]) => found.Options[key] === value,
  );
  return subnets && options;
}

/**
 * Makes the network of the swarm, in place of one with another name.
 * @param manager a node that is one
 * @param earlier the name that an earlier run has given it
 * @throws SeamlessError when it is another's, or services use the earlier one
 */
export async function applySwarmNetwork(
  manager: NodeDocker,
  name: string,
  earlier: string | undefined,
  options: ApplyOptions,
): Promise<void> {
  if (earlier !== undefined && earlier !== name)
    await removeSwarmNetwork(manager, earlier, options);
  const networks = await manager.inspectAll(dockerNetwork, "network");
  const found = networks.find((one) => one.Name === name && one.Scope === "swarm");
  if (found !== undefined) {
    if (isSwarmNetwork(found, name)) return;
    throw new SeamlessError(
      `${manager.node}: the swarm has a network ${name} already, with driver ${found.Driver} and settings from ${found.ConfigFrom?.Network || "itself"}; remove it, or name another network of the COE`,
    );
  }
  options.say(`${manager.node}: making network ${name} of the swarm on ${bridgeDevice}`);
  await manager.text(...createSwarmNetwork(swarmNetwork(name)));
}

/** Whether a network of the swarm is the one of the plan. */
export function isSwarmNetwork({ Driver, ConfigFrom }: DockerNetwork, name: string): boolean {
  return Driver === "bridge" && ConfigFrom?.Network === settingsName(name);
}

/** Removes the network of the swarm. None is no error. @throws SeamlessError that names the services which use it */
export async function removeSwarmNetwork(
  manager: NodeDocker,
  name: string,
  { say }: Pick<ApplyOptions, "say">,
): Promise<void> {
  const networks = await manager.inspectAll(dockerNetwork, "network");
  const found = networks.find((one) => one.Name === name && one.Scope === "swarm");
  if (found === undefined || !isSwarmNetwork(found, name)) return;
  const services = (await manager.inspectAll(dockerService, "service"))
    .filter((service) => isIn(service, [found.Id, name]))
    .map(({ Spec }) => Spec.Name)
    .sort();
  if (services.length > 0)
    throw new SeamlessError(
      `${manager.node}: network ${name} is to go, and services use it: ${firstOf(services)}; take it from them first: docker service update --network-rm ${name} SERVICE, or docker service rm SERVICE`,
    );
  say(`${manager.node}: removing network ${name} of the swarm`);
  await manager.text("network", "rm", name);
}

function firstOf(names: readonly string[]): string {
  const most = 5;
  const more = names.length - most;
  return `${names.slice(0, most).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
