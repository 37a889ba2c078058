import type { AccessConfig } from "../../config/types";
import type { SshShell } from "../../plan/access";
import type { CoePlan } from "../../plan/types";
import { exitCode, SeamlessError } from "../../util/errors";
import { isReadable } from "../../util/urls";
import { keyVariable } from "../linux/input";
import { sshShellOf } from "../linux/shell";
import { type NomadAccess, stepAccess, tokenVariable } from "./api/access";
import { readAuthority } from "./authority";
import { accessConfigOf } from "./model/access";
import { urlProblem } from "./model/check";

/*
 * How a cluster is reached as the configuration says it. Secrets come by the environment, as those of a stack cannot be read
 * here.
 */

/**
 * The API. @param flag a URL of the command line, in place of the configuration's
 * @throws SeamlessError without a URL, and for a token that others could read
 */
export function configuredAccess(
  coe: CoePlan,
  access: AccessConfig,
  env: NodeJS.ProcessEnv,
  flag?: string,
): NomadAccess {
  const { url, ca, allowHttp } = accessConfigOf(typeof access === "object" ? access : {});
  const cluster = flag ?? url;
  const where = flag === undefined ? `coes.${coe.name}.access.url` : "--nomad";
  if (cluster === undefined)
    throw new SeamlessError(
      `coes.${coe.name}.access: found embedded, whose URL is an output of its stack; needed: --nomad URL`,
      exitCode.usage,
    );
  const problem = urlProblem(cluster);
  if (problem !== undefined) throw new SeamlessError(`${where}: ${problem}`, exitCode.usage);
  const reached = { url: cluster, ...(ca === undefined ? {} : { ca: readAuthority(ca) }) };
  const asking = stepAccess(reached, env);
  const allowed = flag === undefined && allowHttp === true;
  if (asking.token !== undefined && isReadable(cluster) && !allowed)
    throw new SeamlessError(
      `${where}: found ${cluster} with a token (${tokenVariable}), which anyone on the path can read; allowed: https://, or access.allowHttp: true`,
      exitCode.usage,
    );
  return asking;
}

/** By name, how programs are run on the clients of a plan. */
export function configuredShells(
  coe: CoePlan,
  access: AccessConfig,
  { [keyVariable]: key }: NodeJS.ProcessEnv,
): Record<string, SshShell> {
  const { ssh = {} } = typeof access === "object" ? accessConfigOf(access) : {};
  const clients = Object.values(coe.nodes).filter(({ speaker }) => speaker);
  const own = key === undefined || key === "" ? {} : { key };
  return Object.fromEntries(
    clients.map((node) => [node.name, { ...sshShellOf(ssh, node), ...own }]),
  );
}
