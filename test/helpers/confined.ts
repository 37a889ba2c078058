import { confinement } from "../../components/reflector/confinement";
import type { RouterKind } from "../../components/reflector/contract";
import { gobgp } from "../../components/reflector/gobgp";
import type { ReflectorPlan } from "../../plan/types";
import { Daemon } from "../../toolchain/plugins/docker/api";
import { containerBody, containerInputs } from "../../toolchain/plugins/docker/container-body";
import { reachOf } from "../../toolchain/plugins/docker/reach";
import type { TestDocker } from "./dockerd";

interface Confined {
  readonly name: string;
  readonly image: string;
  /** Volume with its file. */
  readonly volume: string;
  /** Default: the network of the Docker host. */
  readonly networksAdvanced?: readonly {
    readonly name: string;
    readonly ipv4Address: string;
    readonly ipv6Address?: string;
  }[];
}

/** Runs a daemon as a reflector's is run, without a stack. */
export async function runConfined(
  docker: TestDocker,
  { volume, ...rest }: Confined,
  { container }: RouterKind = gobgp,
  reflector?: ReflectorPlan,
  watches = false,
): Promise<void> {
  const inputs = containerInputs.parse({
    ...rest,
    ...(rest.networksAdvanced === undefined ? { networkMode: "host" } : {}),
    entrypoints: container.entrypoints,
    command: [
      ...container.command,
      ...(reflector === undefined ? [] : (container.arguments?.(reflector) ?? [])),
    ],
    ...(container.envs === undefined ? {} : { envs: container.envs }),
    ...confinement(container.apiFolder, rest.networksAdvanced === undefined, watches),
    restart: "unless-stopped",
    stopSignal: "SIGKILL",
    mounts: [{ type: "volume", source: volume, target: container.configFolder }],
  });
  const daemon = new Daemon(reachOf({ host: docker.host }));
  const body = containerBody(inputs, "test");
  const query = { name: rest.name };
  await daemon.call({ method: "POST", path: "/containers/create", query, body });
  await daemon.call({ method: "POST", path: `/containers/${rest.name}/start` });
}
