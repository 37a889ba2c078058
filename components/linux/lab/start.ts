import type { StartContext } from "../../../lab/contract";
import { machineNames } from "../../../lab/machine/names";
import { hostContainer } from "../../../lab/names";
import { dockerEnv } from "../../../util/docker-host";
import { exec } from "../../../util/exec";
import { waitFor } from "../../../util/wait";

const bootMs = 120_000;

/** The image of the probe, out of the programs that every host of a lab sees: no registry is reached from there. */
const giveProbe = `
docker image inspect localhost/seamless/probe:1 >/dev/null 2>&1 && exit 0
folder=$(mktemp -d)
mkdir -p "$folder/bin"
cp -L /opt/lab/bin/lab-probe "$folder/probe"
cp -L /bin/busybox "$folder/bin/busybox"
tar -C "$folder" -c . | docker import --change 'CMD ["/probe"]' - localhost/seamless/probe:1
rm -rf "$folder"
`;

/** Waits until Docker answers on every host, and gives it the image of the probe. */
export async function startDockerHosts({ lab, coe, say }: StartContext): Promise<void> {
  const env = dockerEnv(machineNames(lab));
  const nodes = Object.values(coe.nodes);
  await Promise.all(
    nodes.map(async (node) => {
      const container = hostContainer(lab, coe.name, node.name);
      const run = (argv: readonly string[]) =>
        exec(["docker", "exec", "--interactive", container, ...argv], { env });
      const what = `Docker on ${node.id}`;
      await waitFor({ what, timeoutMs: bootMs, onWait: say }, async () => {
        const { code, stderr } = await run(["docker", "version"]);
        return code === 0 ? { done: true, value: undefined } : { done: false, seen: stderr.trim() };
      });
      const { code, stderr } = await run(["sh", "-euc", giveProbe]);
      if (code !== 0) throw new Error(`${node.id}: the image of the probe: ${stderr.trim()}`);
    }),
  );
}
