import { type DebianPrograms, debianPrograms, type ProgramFiles } from "../debian-programs";

/** Debian's BIRD 2. */
const bird2: DebianPrograms = {
  name: "bird",
  system: { name: "bird2", suite: "bookworm", variant: "extract", packages: ["bird2"] },
  programs: ["usr/sbin/bird", "usr/sbin/birdc", "usr/sbin/birdcl"],
};

/**
 * The programs and the libraries that they load.
 * @throws SeamlessError with what to do where they cannot be made
 */
export function birdPrograms(say: (message: string) => void): Promise<ProgramFiles> {
  return debianPrograms(bird2, say);
}
