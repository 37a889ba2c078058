/** The workload by which traffic is proven: a server in a container of Docker on each host. */
import { z } from "zod";
import { shellSchema } from "../../plan/access";
import { messageOf } from "../../util/errors";
import { label } from "../../util/label";
import type { RemoteHost } from "../ask/host";
import { busyboxServer } from "../cluster/probe";
import { probeName } from "../contract/probe";
import { dockerNetwork } from "../linux/input";
import { hostOfStep } from "../linux/step";

/** Input of the steps `host-probe` and `host-probe-remove`. */
export type ProbeInput = z.infer<typeof probeInput>;
export const probeInput = z.strictObject({
  hosts: z.array(z.strictObject({ name: z.string(), shell: shellSchema })).readonly(),
  /** With busybox in it. Default: the lab's own. */
  image: z.string().exactOptional(),
});

const labImage = "localhost/seamless/probe:1";

/** The container's name, which is also its host name: the servers of all hosts have different ones. */
export function probeContainer(host: string): string {
  return `${probeName}-${label("nodes", host.replace("/", "-"))}`;
}

function runArgs(host: string, image: string | undefined): string[] {
  return [
    ...["docker", "run", "--detach", "--name", probeName, "--hostname", probeContainer(host)],
    ...["--network", dockerNetwork, "--restart", "unless-stopped", "--memory", "64m"],
    ...(image === undefined
      ? ["--entrypoint", "/probe", labImage]
      : ["--entrypoint", "/bin/busybox", image, "sh", "-c", busyboxServer]),
  ];
}

/** Starts the servers anew: what runs may be of another image. @throws SeamlessError with what Docker says */
export async function startProbes({ hosts, image }: ProbeInput): Promise<string> {
  const environment = { ...process.env };
  await Promise.all(
    hosts.map(async (one) => {
      const host = hostOfStep(one, { ...environment });
      await removeProbe(host);
      await host.need(runArgs(one.name, image), { timeoutMs: 5 * 60_000 });
    }),
  );
  return hosts.map(({ name }) => name).join(" ");
}

/** A host that does not answer is taken to be gone. */
export async function removeProbes(
  { hosts }: ProbeInput,
  say: (message: string) => void,
): Promise<void> {
  const environment = { ...process.env };
  for (const one of hosts)
    await removeProbe(hostOfStep(one, { ...environment })).catch((thrown) =>
      say(`left as it is, if it is still there: ${messageOf(thrown)}`),
    );
}

async function removeProbe(host: RemoteHost): Promise<void> {
  await host.need(["docker", "rm", "--force", "--volumes", probeName]);
}
