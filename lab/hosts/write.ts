import { hostKinds } from "../../components/kinds/hosts";
import { leafOf } from "../../components/kubernetes/lab/certificates";
import { renderKubeconfig } from "../../components/kubernetes/lab/config";
import type { CoePlan, NodePlan } from "../../plan/types";
import { dockerEnv } from "../../util/docker-host";
import { exec, execOrThrow } from "../../util/exec";
import { machineNames } from "../machine/names";
import { hostContainer, hostFolder, pkiFolder } from "../names";
import { makePki } from "./pki";
import { type Staged, stage } from "./stage";
import type { HostKind } from "./types";

/** Writes the files of all hosts; on hosts that run, only the units whose files changed are started again. */
export async function writeHosts(
  lab: string,
  coes: readonly CoePlan[],
  say: (message: string) => void,
): Promise<void> {
  for (const coe of coes) {
    const kind = hostKinds[coe.kind];
    if (kind === undefined) continue;
    const pki = await makePki(pkiFolder(lab, coe.name), kind.certificates(coe));
    for (const node of Object.values(coe.nodes)) {
      const staged = await stage(hostFolder(lab, coe.name, node), kind.files(coe, node, pki));
      if (staged.units.length + staged.gone.length > 0) await restart(lab, coe, node, staged, say);
      await staged.done();
    }
  }
}

async function restart(
  lab: string,
  coe: CoePlan,
  node: NodePlan,
  { units, gone }: Staged,
  say: (message: string) => void,
): Promise<void> {
  const env = dockerEnv(machineNames(lab));
  const container = hostContainer(lab, coe.name, node.name);
  const running = await exec(["docker", "inspect", "--format", "{{.State.Running}}", container], {
    env,
  });
  if (running.stdout.trim() !== "true") return;
  const systemctl = ["docker", "exec", container, "systemctl"];
  if (gone.length > 0) {
    say(`${node.id}: stopping ${gone.join(", ")}`);
    await execOrThrow([...systemctl, "stop", ...gone], { env });
  }
  await execOrThrow([...systemctl, "daemon-reload"], { env });
  if (units.length === 0) return;
  say(`${node.id}: restarting ${units.join(", ")}`);
  await execOrThrow([...systemctl, "restart", ...units], { env });
}

/** Has an engine's authority and one certificate made. @returns the kubeconfig of its owner */
export async function administratorKubeconfig(
  lab: string,
  coe: CoePlan,
  kind: HostKind,
  server: string,
  name: string,
): Promise<string> {
  const request = kind.certificates(coe)[name];
  if (request === undefined) throw new Error(`${coe.kind} has no certificate '${name}'`);
  const pki = await makePki(pkiFolder(lab, coe.name), { [name]: request });
  return renderKubeconfig(server, pki.authority, leafOf(pki, name));
}
