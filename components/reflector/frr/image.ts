import type { RouterImage } from "../contract";
import { type DebianPrograms, debianPrograms, imageFiles } from "../debian-programs";
import { user } from "../names";

export const frrTag = "localhost/seamless/frr:8.4.4-bookworm";

/** Debian's FRR. */
export const frrPrograms: DebianPrograms = {
  name: "frr",
  system: { name: "frr", suite: "bookworm", variant: "extract", packages: ["frr"] },
  programs: ["usr/lib/frr/bgpd", "usr/bin/vtysh"],
};

/** vtysh asks who runs it, and would ask PAM whether he may. */
const users = {
  "etc/passwd": `root:x:0:0::/:\nfrr:x:${user}:${user}::/:\n`,
  "etc/group": `root:x:0:\nfrr:x:${user}:\n`,
  "etc/frr/vtysh.conf": "username root nopassword\nusername frr nopassword\n",
};

/** Nothing but Debian's programs and what they load, so that there is little else to keep up to date. */
export const frrImage: RouterImage = {
  tag: frrTag,
  async make(tag, say) {
    return {
      tag,
      from: "scratch",
      files: [
        ...imageFiles(await debianPrograms(frrPrograms, say)),
        ...Object.entries(users).map(([path, text]) => ({ path, content: { text }, mode: 0o644 })),
      ],
      instructions: ["ENV PATH=/usr/lib/frr:/usr/bin", 'CMD ["bgpd", "--version"]'],
    };
  },
  programs: [
    { program: "vtysh", argument: "--help" },
    { program: "bgpd", argument: "--version" },
  ],
  version: (said) => /version (\d[\d.]*)/.exec(said)?.[1] ?? said.trim(),
  // The oldest that was tried.
  oldest: [8, 4, 4],
};
