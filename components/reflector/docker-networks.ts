import { z } from "zod";
import { SeamlessError } from "../../util/errors";
import { describeFailure, exec } from "../../util/exec";
import { contains, isPrefix, parsePrefix } from "../../util/net";
import type { DockerNetwork } from "./docker-host";

const timeoutMs = 20_000;

const inspected = z.array(
  z.object({
    Name: z.string(),
    Driver: z.string(),
    IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().optional() })).nullish() }),
  }),
);

/** Networks as `docker network inspect` prints them, one entry for each range. */
export function parseNetworks(text: string): DockerNetwork[] {
  return inspected
    .parse(JSON.parse(text))
    .flatMap(({ Name: name, Driver: driver, IPAM }) =>
      (IPAM.Config ?? []).flatMap(({ Subnet: subnet }) =>
        subnet === undefined ? [] : [{ name, driver, subnet }],
      ),
    );
}

/** Asks a Docker daemon for its networks. @throws SeamlessError when it does not answer */
export async function readNetworks(env: NodeJS.ProcessEnv): Promise<DockerNetwork[]> {
  const ids = (await docker(["network", "ls", "--quiet"], env)).split(/\s+/).filter(Boolean);
  if (ids.length === 0) return [];
  return parseNetworks(await docker(["network", "inspect", ...ids], env));
}

/** The network that has an address inside of it, which is the one a container with that address is attached to. */
export function networkOf(
  address: string | undefined,
  networks: readonly DockerNetwork[],
): string | undefined {
  return networks.find(
    ({ subnet }) =>
      address !== undefined && isPrefix(parsePrefix(subnet)) && contains(subnet, address),
  )?.name;
}

async function docker(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const argv = ["docker", ...args];
  const found = await exec(argv, { env, timeoutMs });
  if (found.code !== 0) throw new SeamlessError(describeFailure(argv, found));
  return found.stdout;
}
