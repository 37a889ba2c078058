import type { CoePlan, NodePlan } from "../../plan/types";
import { dockerEnv } from "../../util/docker-host";
import { exec, execOrThrow } from "../../util/exec";
import { type LabKind, type LabKinds, labKindOf, leafOf } from "../contract";
import { machineNames } from "../machine/names";
import { hostContainer, hostFolder, pkiFolder } from "../names";
import { makePki } from "./pki";
import { type Staged, stage } from "./stage";

/** Writes the files of all hosts; on hosts that run, only the units whose files changed are started again. */
export async function writeHosts(
  lab: string,
  coes: readonly CoePlan[],
  kinds: LabKinds,
  say: (message: string) => void,
): Promise<void> {
  for (const coe of coes) {
    const kind = labKindOf(kinds, coe);
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

/** What the credentials of an administrator are for. */
export interface Administrator {
  /** Name of the certificate. */
  readonly administrator: string;
  /** URL of the API. */
  readonly server: string;
}

/** Has a COE's authority and one certificate made. @returns the credentials of the certificate's owner, a secret */
export async function credentialsOf(
  lab: string,
  coe: CoePlan,
  kind: Pick<LabKind, "certificates" | "credentials">,
  { administrator, server }: Administrator,
): Promise<string> {
  const request = kind.certificates(coe)[administrator];
  if (request === undefined || kind.credentials === undefined)
    throw new Error(`${coe.kind} has no certificate '${administrator}'`);
  const pki = await makePki(pkiFolder(lab, coe.name), { [administrator]: request });
  return kind.credentials.render(server, pki.authority, leafOf(pki, administrator));
}
