import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { archiveOf, type RootFilesystem, rootArchive } from "../../util/debian";
import { Docker } from "../../util/docker";
import { execOrThrow } from "../../util/exec";
import { label } from "../../util/label";
import { cacheDir } from "../../util/paths";
import {
  byLabName,
  type LabImages,
  type LabKinds,
  type LabMachine,
  type LabRouters,
} from "../contract";
import { machineNames } from "../machine/names";
import { hostSystem, systemTag } from "./debian";
import { hostImage, machineImage, probeImage } from "./images";

/** Name of the archive of images for the hosts' own containerd. */
export const archiveName = "pods.tar";

const imagesOf = (kinds: LabKinds): LabImages[] =>
  Object.values(kinds).flatMap((kind) => kind?.images ?? []);

/** What a lab has beside what every lab has. */
interface Beside {
  readonly machines: readonly LabMachine[];
  /** Of pods alone. */
  readonly images: readonly LabImages[];
}

/** The machines of routers of some kinds, each once. */
export function routerMachines(kinds: LabRouters, used: readonly string[]): LabMachine[] {
  return [...new Set(used.flatMap((kind) => kinds[kind]?.machine ?? []))];
}

/**
 * @param used names, as `labNames` has them
 * @param routers machines of routers
 */
function besideOf(
  kinds: LabKinds,
  used: readonly string[],
  routers: readonly LabMachine[],
): Beside {
  const found = used.map((name) => byLabName(kinds, name));
  return {
    machines: [...new Set([...found.flatMap((kind) => kind?.machine ?? []), ...routers])],
    images: found.flatMap((kind, at) => (used[at]?.includes("/") ? (kind?.images ?? []) : [])),
  };
}

function systemsOf(images: readonly LabImages[], beside: Beside): RootFilesystem[] {
  return [
    ...[hostSystem(images), ...images.flatMap(({ systems }) => systems)],
    ...beside.machines.map(({ system }) => system),
    ...beside.images.flatMap(({ systems }) => systems),
  ];
}

/**
 * Tells the images of one version from those of the next, for the step that makes them: another text makes it run again.
 * @param used names of what the lab has beside what every lab has
 * @param routers machines of routers
 */
export function imagesGeneration(
  kinds: LabKinds,
  used: readonly string[] = [],
  routers: readonly LabMachine[] = [],
): string {
  const images = imagesOf(kinds);
  const beside = besideOf(kinds, used, routers);
  const archives = systemsOf(images, beside).map((system) => basename(archiveOf(system)));
  const tags = [...images, ...beside.images].flatMap((one) => one.tags);
  return [...archives, ...tags].join(" ");
}

/** Folder with the archive, mounted into every host; one for each lab. */
export function archiveFolder(name: string): string {
  return join(cacheDir(), `lab-images-${label("lab.name", name)}`);
}

/**
 * Makes every image of a lab in the lab's own Docker daemon, without a registry, and an archive of those that run in
 * pods. What is there with the same inputs is left as it is.
 * @param used names of what the lab has beside what every lab has
 * @param routers machines of routers
 * @returns a digest of all inputs
 */
export async function makeImages(
  name: string,
  kinds: LabKinds,
  say: (message: string) => void,
  used: readonly string[] = [],
  routers: readonly LabMachine[] = [],
): Promise<string> {
  const images = imagesOf(kinds);
  const beside = besideOf(kinds, used, routers);
  const systems = systemsOf(images, beside);
  const docker = new Docker(machineNames(name).dockerHost);
  const [others, ...archives] = await Promise.all([
    Promise.all([...images, ...beside.images].map((one) => one.pods(say))),
    ...systems.map((system) => rootArchive(system, say)),
  ]);
  for (const [index, system] of systems.entries())
    await docker.import(archives[index] ?? "", systemTag(system));
  say("building the hosts' image");
  const host = await docker.build(hostImage(images));
  const more: string[] = [];
  for (const machine of beside.machines) more.push(await docker.build(machineImage(machine)));
  say("building the pods' images");
  const pods = [probeImage(await busyboxOf(archives[0] ?? "")), ...others.flat()];
  const inputs: string[] = [];
  for (const image of pods) inputs.push(await docker.build(image));
  const digest = createHash("sha256").update(inputs.join()).digest("hex").slice(0, 16);
  await saveArchive(
    docker,
    name,
    pods.map((image) => image.tag),
    digest,
    say,
  );
  return createHash("sha256")
    .update([host, digest, ...more].join(" "))
    .digest("hex")
    .slice(0, 16);
}

/** The static busybox of the host system, taken out of its archive. */
async function busyboxOf(archive: string): Promise<string> {
  const folder = join(cacheDir(), "lab-busybox");
  await mkdir(folder, { recursive: true });
  await execOrThrow([
    "tar",
    "--extract",
    `--file=${archive}`,
    `--directory=${folder}`,
    "./usr/bin/busybox",
  ]);
  return join(folder, "usr", "bin", "busybox");
}

async function saveArchive(
  docker: Docker,
  name: string,
  tags: readonly string[],
  digest: string,
  say: (message: string) => void,
): Promise<void> {
  const folder = archiveFolder(name);
  const archive = join(folder, archiveName);
  const mark = join(folder, digest);
  // A version before may have made one of the same images under another name.
  if (existsSync(mark) && existsSync(archive)) return;
  await mkdir(folder, { recursive: true });
  say("saving the pods' images for the hosts");
  await docker.save(tags, `${archive}.new`);
  for (const old of await readdir(folder)) {
    if (old !== `${archiveName}.new`) await rm(join(folder, old), { recursive: true });
  }
  await rename(`${archive}.new`, archive);
  await mkdir(mark);
}
