import type { Docker, DockerImage } from "../../util/docker";
import { messageOf, SeamlessError } from "../../util/errors";
import type { RouterImage, RouterKind } from "./contract";
import { isPinned } from "./model";

/** What of a Docker daemon it takes. */
export type ImageHost = Pick<Docker, "image" | "pull" | "run">;

/**
 * Has an image that somebody else made on the daemon, pulled unless it is there, and makes sure that it is one of the kind.
 * @returns its id, which means just this image whatever becomes of its tag
 * @throws SeamlessError when it cannot be had, or has no daemon of a version that will do
 */
export async function pullImage(
  { daemon, image: kind }: RouterKind,
  docker: ImageHost,
  reference: string,
  say: (message: string) => void,
): Promise<string> {
  const image = (await docker.image(reference)) ?? (await pulled(docker, reference));
  const version = await versionIn(kind, docker, image.id, reference);
  if (!isRecent(version, kind.oldest))
    throw new SeamlessError(
      `image: found ${reference} with ${daemon} ${version}; allowed: ${kind.oldest.join(".")} or newer`,
    );
  if (!isPinned(reference))
    say(
      `image: ${reference} is a tag, which may mean another image tomorrow; it is now ${image.digests[0] ?? image.id}: write that`,
    );
  return image.id;
}

async function pulled(docker: ImageHost, reference: string): Promise<DockerImage> {
  await docker.pull(reference);
  const image = await docker.image(reference);
  if (image === undefined)
    throw new SeamlessError(`image: ${reference} is not there after docker pull`);
  return image;
}

/** What the last of the programs says of its version, when all are there. */
async function versionIn(
  { programs, version }: RouterImage,
  docker: ImageHost,
  id: string,
  reference: string,
): Promise<string> {
  const confined = ["--network", "none", "--read-only", "--cap-drop", "ALL"];
  let said = "";
  for (const { program, argument, usage } of programs)
    try {
      const argv = ["run", "--rm", ...confined, "--entrypoint", program, id, argument];
      const { stdout, stderr } = await docker.run(argv);
      said = stdout || stderr;
    } catch (thrown) {
      if (usage !== undefined && messageOf(thrown).includes(usage)) continue;
      const names = programs.map((one) => one.program).reverse();
      throw new SeamlessError(
        `image: ${reference} has to run ${names.join(" and ")} by these names: ${messageOf(thrown)}`,
      );
    }
  return version(said);
}

function isRecent(version: string, oldest: readonly number[]): boolean {
  const parts = version.split(/[^0-9]+/).map(Number);
  const at = oldest.findIndex((part, index) => parts[index] !== part);
  return at === -1 || (parts[at] ?? 0) > (oldest[at] ?? 0);
}
