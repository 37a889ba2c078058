import type { CoePlan, Plan, RackPlan } from "../../plan/types";
import { dockerEnv } from "../../util/docker-host";
import { exec, execOrThrow } from "../../util/exec";
import {
  type HostFiles,
  type LabKind,
  type LabKinds,
  type LabRouters,
  labKindOf,
  leafOf,
} from "../contract";
import { machineNames } from "../machine/names";
import { hostContainer, hostFolder, pkiFolder, routerContainer, routerFolder } from "../names";
import { makePki } from "./pki";
import { filesOfHost, filesOfRouter } from "./racks";
import { type Staged, stage } from "./stage";

/**
 * Writes the files of all hosts; on hosts that run, only the units whose files changed are started again.
 * @param racks where each has a network of its own
 */
export async function writeHosts(
  lab: string,
  coes: readonly CoePlan[],
  kinds: LabKinds,
  say: (message: string) => void,
  racks: readonly RackPlan[] = [],
): Promise<void> {
  for (const coe of coes) {
    const kind = labKindOf(kinds, coe);
    if (kind === undefined) continue;
    const pki = await makePki(pkiFolder(lab, coe.name), kind.certificates(coe));
    for (const node of Object.values(coe.nodes)) {
      const files = filesOfHost(kind.files(coe, node, pki), node, racks, coes);
      const container = hostContainer(lab, coe.name, node.name);
      await write(lab, hostFolder(lab, coe.name, node), files, { id: node.id, container }, say);
    }
  }
}

/** Writes the files of routers, as {@link writeHosts} does those of hosts. @param names of those that the lab makes */
export async function writeRouters(
  lab: string,
  plan: Plan,
  names: readonly string[],
  kinds: LabRouters,
  say: (message: string) => void,
): Promise<void> {
  for (const name of names) {
    const router = plan.reflectors[name];
    const kind = kinds[router?.kind ?? ""];
    if (router === undefined || kind === undefined) throw new Error(`no router ${name} in the lab`);
    const files = filesOfRouter(kind, plan, router);
    const container = routerContainer(lab, name);
    await write(lab, routerFolder(lab, name), files, { id: name, container }, say);
  }
}

/** A machine of the lab by its name for people and its container. */
interface Machine {
  readonly id: string;
  readonly container: string;
}

async function write(
  lab: string,
  folder: string,
  files: HostFiles,
  machine: Machine,
  say: (message: string) => void,
): Promise<void> {
  const staged = await stage(folder, files);
  if (staged.units.length + staged.gone.length > 0) await restart(lab, machine, staged, say);
  await staged.done();
}

async function restart(
  lab: string,
  { id, container }: Machine,
  { units, gone }: Staged,
  say: (message: string) => void,
): Promise<void> {
  const env = dockerEnv(machineNames(lab));
  const running = await exec(["docker", "inspect", "--format", "{{.State.Running}}", container], {
    env,
  });
  if (running.stdout.trim() !== "true") return;
  const systemctl = ["docker", "exec", container, "systemctl"];
  if (gone.length > 0) {
    say(`${id}: stopping ${gone.join(", ")}`);
    await execOrThrow([...systemctl, "stop", ...gone], { env });
  }
  await execOrThrow([...systemctl, "daemon-reload"], { env });
  if (units.length === 0) return;
  say(`${id}: restarting ${units.join(", ")}`);
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
