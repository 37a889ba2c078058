import { existsSync } from "node:fs";
import { join } from "node:path";
import { isPinned } from "../../../config/docker";
import type { Docker, DockerImage, ImageSpec } from "../../../util/docker";
import { exitCode, messageOf, SeamlessError } from "../../../util/errors";
import { toolsBin } from "../../../util/paths";

export const gobgpVersion = "4.8.0";
export const gobgpTag = `localhost/seamless/gobgp:${gobgpVersion}`;

/** What the image is made of. */
const programs = ["gobgp", "gobgpd"] as const;

/** @throws SeamlessError with the command that builds them, where the programs of the image are not built */
export function refuseUnbuilt(bin = toolsBin()): void {
  const missing = programs.filter((name) => !existsSync(join(bin, name)));
  if (missing.length === 0) return;
  throw new SeamlessError(
    `${missing.join(" and ")} of the reflector's image: not built; run: bin/seamless toolchain gobgp; or name an image by reflectors.<name>.image`,
    exitCode.usage,
  );
}

/** Nothing but the two static programs, so that there is nothing else to keep up to date. */
export function gobgpImage(tag = gobgpTag): ImageSpec {
  const files = programs.map((name) => ({
    path: `usr/bin/${name}`,
    content: { from: join(toolsBin(), name) },
    mode: 0o755,
  }));
  return {
    tag,
    from: "scratch",
    files,
    instructions: ["ENV PATH=/usr/bin", 'CMD ["gobgpd", "--version"]'],
  };
}

/** Older ones can be crashed by what a neighbour sends (CVE-2026-42285 and others). */
const oldest = [4, 5, 0] as const;

/**
 * Has an image that somebody else made on the daemon, pulled unless it is there, and makes sure that it is one of GoBGP.
 * @returns its id, which means just this image whatever becomes of its tag
 * @throws SeamlessError when it cannot be had, or has no gobgpd of a version that will do
 */
export async function pullGobgp(
  docker: ImageHost,
  reference: string,
  say: (message: string) => void,
): Promise<string> {
  const image = (await docker.image(reference)) ?? (await pulled(docker, reference));
  const version = await versionIn(docker, image.id, reference);
  if (!isRecent(version))
    throw new SeamlessError(
      `image: found ${reference} with gobgpd ${version}; allowed: ${oldest.join(".")} or newer`,
    );
  if (!isPinned(reference))
    say(
      `image: ${reference} is a tag, which may mean another image tomorrow; it is now ${image.digests[0] ?? image.id}: write that`,
    );
  return image.id;
}

/** What of a Docker daemon it takes. */
export type ImageHost = Pick<Docker, "image" | "pull" | "run">;

async function pulled(docker: ImageHost, reference: string): Promise<DockerImage> {
  await docker.pull(reference);
  const image = await docker.image(reference);
  if (image === undefined)
    throw new SeamlessError(`image: ${reference} is not there after docker pull`);
  return image;
}

async function versionIn(docker: ImageHost, id: string, reference: string): Promise<string> {
  const confined = ["--network", "none", "--read-only", "--cap-drop", "ALL"];
  const ask = async (program: string, argument: string) => {
    try {
      const argv = ["run", "--rm", ...confined, "--entrypoint", program, id, argument];
      return (await docker.run(argv)).stdout;
    } catch (thrown) {
      throw new SeamlessError(
        `image: ${reference} has to run gobgpd and gobgp by these names: ${messageOf(thrown)}`,
      );
    }
  };
  await ask("gobgp", "--help");
  return (await ask("gobgpd", "--version")).replace("gobgpd version", "").trim();
}

function isRecent(version: string): boolean {
  const parts = version.split(/[^0-9]+/).map(Number);
  const at = oldest.findIndex((part, index) => parts[index] !== part);
  return at === -1 || (parts[at] ?? 0) > (oldest[at] ?? 0);
}
