import { join } from "node:path";
import type { ImageSpec } from "../../util/docker";
import { toolsBin } from "../../util/paths";

export const gobgpVersion = "4.8.0";
export const gobgpTag = `localhost/seamless/gobgp:${gobgpVersion}`;

/** Nothing but the two static programs, so that there is nothing else to keep up to date. */
export function gobgpImage(tag = gobgpTag): ImageSpec {
  const programs = ["gobgp", "gobgpd"].map((name) => ({
    path: `usr/bin/${name}`,
    content: { from: join(toolsBin(), name) },
    mode: 0o755,
  }));
  return {
    tag,
    from: "scratch",
    files: programs,
    instructions: ["ENV PATH=/usr/bin", 'CMD ["gobgpd", "--version"]'],
  };
}
