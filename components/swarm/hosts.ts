import type { AccessConfig } from "../../config/types";
import type { Shell } from "../../plan/access";
import type { CoePlan } from "../../plan/types";
import { exitCode, SeamlessError } from "../../util/errors";
import { type RemoteHost, remoteHost } from "../ask/host";
import { keyVariable } from "../linux/input";
import { sshOf } from "../linux/model";
import { sshShellOf } from "../linux/shell";

/** By name of the node, how it is reached. */
export interface ConfiguredHosts {
  readonly shells: Readonly<Record<string, Shell>>;
  readonly reached: Readonly<Record<string, RemoteHost>>;
}

/**
 * The nodes as the configuration says that they are reached; a key that is a secret comes by the environment.
 * @throws SeamlessError for a swarm of the lab
 */
export function configuredHosts(coe: CoePlan, access: AccessConfig): ConfiguredHosts {
  if (typeof access === "string")
    throw new SeamlessError(
      `coes.${coe.name}.access: found ${access}, whose nodes are containers of the lab; ask them with \`seamless verify\``,
      exitCode.usage,
    );
  const { [keyVariable]: key } = process.env;
  const shells = Object.values(coe.nodes).map((node): [string, Shell] => [
    node.name,
    { ...sshShellOf(sshOf(access) ?? {}, node), ...(key === undefined ? {} : { key }) },
  ]);
  const reached = shells.map(([name, shell]): [string, RemoteHost] => [
    name,
    remoteHost(name, shell),
  ]);
  return { shells: Object.fromEntries(shells), reached: Object.fromEntries(reached) };
}
