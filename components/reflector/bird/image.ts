import type { RouterImage } from "../contract";
import { imageFiles } from "../debian-programs";
import { birdPrograms } from "./programs";

export const birdTag = "localhost/seamless/bird:2.0.12-bookworm";

/** Nothing but Debian's programs and what they load, so that there is little else to keep up to date. */
export const birdImage: RouterImage = {
  tag: birdTag,
  async make(tag, say) {
    return {
      tag,
      from: "scratch",
      files: imageFiles(await birdPrograms(say)),
      instructions: ["ENV PATH=/usr/sbin:/usr/bin", 'CMD ["bird", "--version"]'],
    };
  },
  programs: [
    { program: "birdcl", argument: "-h", usage: "Usage: birdcl " },
    { program: "bird", argument: "--version" },
  ],
  version: (said) => said.replace("BIRD version", "").trim(),
  // The oldest that was tried.
  oldest: [2, 0, 12],
};
