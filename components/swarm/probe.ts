import { createHash } from "node:crypto";
import type { CoePlan } from "../../plan/types";
import { SeamlessError } from "../../util/errors";
import { waitFor } from "../../util/wait";
import type { Probe } from "../contract/deploy";
import { probeName } from "../contract/probe";
import type { ApplyOptions } from "./apply";
import { DockerRefusal, isGone, type NodeDocker } from "./docker";
import { swarmPart } from "./model/plan";
import { ownLabel } from "./networks";
import { dockerService, dockerTask } from "./seen";

/** Digest of what the service was made of. */
const digestLabel = "seamless.probe";
const labImage = "localhost/seamless/probe:1";

/**
 * Arguments of docker that make the service by which `seamless verify` proves traffic: at most one task on each node.
 * @param command what an image that is not the lab's runs
 */
export function probeService(coe: CoePlan, probe: Probe, command: readonly string[]): string[] {
  const { image } = probe;
  const args = [
    ...["service", "create", "--detach", "--name", probeName],
    // Swarm has no address for the service on such a network, and its DNS none for its name.
    ...["--network", swarmPart(coe).network, "--endpoint-mode", "dnsrr"],
    ...["--replicas", `${probe.instances}`, "--replicas-max-per-node", "1"],
    ...["--limit-memory", "64M", "--stop-grace-period", "2s"],
    ...["--label", `${ownLabel}=${coe.name}`],
    // Images of the lab are in no registry.
    ...(image === undefined ? ["--no-resolve-image"] : []),
  ];
  const program = image === undefined ? [labImage, "/probe"] : [image, ...command];
  const digest = createHash("sha256")
    .update([...args, ...program].join("\0"))
    .digest("hex");
  return [...args, "--label", `${digestLabel}=${digest.slice(0, 16)}`, ...program];
}

/**
 * Makes the service, in place of one that was made of something else, and waits for its tasks.
 * @throws SeamlessError with what its last task said where they do not come
 */
export async function runProbe(
  manager: NodeDocker,
  args: readonly string[],
  { say, timeoutMs = 120_000 }: ApplyOptions,
): Promise<void> {
  const found = await serviceOf(manager);
  const label = args.find((one) => one.startsWith(`${digestLabel}=`));
  const digest = found?.Spec.Labels[digestLabel];
  if (found !== undefined && label === `${digestLabel}=${digest}`) return;
  if (found !== undefined) {
    if (digest === undefined)
      throw new SeamlessError(
        `${manager.node}: the swarm has a service ${probeName} that this project did not make; rename or remove it`,
      );
    await removeProbe(manager, { say });
  }
  await manager.text(...args);
  const wanted = Number(args[args.indexOf("--replicas") + 1]);
  const what = `${wanted} tasks of ${probeName}`;
  await waitFor({ what, timeoutMs, onWait: say }, async () => {
    const tasks = await manager.lines(dockerTask, "service", "ps", "--no-trunc", probeName);
    const running = tasks.filter((one) => one.CurrentState.startsWith("Running")).length;
    if (running === wanted) return { done: true, value: undefined };
    const [error] = tasks.flatMap(({ Error: said }) => (said === "" ? [] : [said]));
    return { done: false, seen: `${running} run${error === undefined ? "" : `; ${error}`}` };
  });
}

/** Removes the service. None is no error, and neither is one of somebody else. */
export async function removeProbe(
  manager: NodeDocker,
  { say }: Pick<ApplyOptions, "say">,
): Promise<void> {
  const found = await serviceOf(manager);
  if (found === undefined || found.Spec.Labels[digestLabel] === undefined) return;
  say(`${manager.node}: removing service ${probeName}`);
  await manager.text("service", "rm", probeName);
}

async function serviceOf(manager: NodeDocker) {
  try {
    const [found] = await manager.lines(dockerService, "service", "inspect", probeName);
    return found;
  } catch (thrown) {
    if (thrown instanceof DockerRefusal && isGone(thrown.said)) return undefined;
    throw thrown;
  }
}
