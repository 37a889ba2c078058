import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ImageSpec } from "../../../util/docker";
import { exitCode, SeamlessError } from "../../../util/errors";
import { toolsBin } from "../../../util/paths";
import type { RouterImage } from "../contract";

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

export const gobgpImageOf: RouterImage = {
  tag: gobgpTag,
  async make(tag) {
    refuseUnbuilt();
    return gobgpImage(tag);
  },
  programs: [
    { program: "gobgp", argument: "--help" },
    { program: "gobgpd", argument: "--version" },
  ],
  version: (said) => said.replace("gobgpd version", "").trim(),
  // Older ones can be crashed by what a neighbour sends (CVE-2026-42285 and others).
  oldest: [4, 5, 0],
};
