/** Packages by the distribution's own tool. */
import type { RemoteHost } from "../ask/host";
import type { HostSeen } from "./look";

/** What a distribution installs and removes packages with, and what it calls those that are needed. */
export interface Installer {
  readonly tool: string;
  readonly install: readonly string[];
  readonly remove: readonly string[];
  /** What makes it know its packages. Absent: nothing is needed. */
  readonly refresh?: readonly string[];
  readonly packages: Readonly<Record<Needed, string>>;
}

/** By the program that is needed: what is missing of these is installed. */
export type Needed = "bird" | "nft" | "vtysh";

const dnf = (tool: string): Installer => ({
  tool,
  install: [tool, "install", "-y", "-q"],
  remove: [tool, "remove", "-y", "-q"],
  packages: { bird: "bird", nft: "nftables", vtysh: "frr" },
});

/** In the order in which they are looked for: a host may have several, and the first is its own. */
const installers: readonly Installer[] = [
  {
    tool: "apt-get",
    install: ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q"],
    remove: ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "purge", "-y", "-q"],
    refresh: ["apt-get", "update", "-q"],
    packages: { bird: "bird2", nft: "nftables", vtysh: "frr" },
  },
  dnf("dnf"),
  dnf("yum"),
  {
    tool: "zypper",
    install: ["zypper", "--non-interactive", "install", "--no-recommends"],
    remove: ["zypper", "--non-interactive", "remove"],
    packages: { bird: "bird", nft: "nftables", vtysh: "frr" },
  },
  {
    tool: "apk",
    install: ["apk", "add", "-q"],
    remove: ["apk", "del", "-q"],
    packages: { bird: "bird", nft: "nftables", vtysh: "frr" },
  },
  {
    tool: "pacman",
    install: ["pacman", "-S", "--noconfirm", "--needed"],
    remove: ["pacman", "-R", "--noconfirm"],
    packages: { bird: "bird", nft: "nftables", vtysh: "frr" },
  },
];

export function installerOf({ programs }: Pick<HostSeen, "programs">): Installer | undefined {
  return installers.find(({ tool }) => programs.includes(tool));
}

/** Time for a mirror that is slow. */
const timeoutMs = 10 * 60_000;

/**
 * Installs what is missing.
 * @param all the programs that are needed
 * @returns the packages that were installed, which are removed when the host leaves
 * @throws SeamlessError with what the tool says
 */
export async function installMissing(
  host: RemoteHost,
  seen: HostSeen,
  all: readonly Needed[],
): Promise<string[]> {
  const needed = all.filter((one) => !seen.programs.includes(one));
  const installer = installerOf(seen);
  if (needed.length === 0 || installer === undefined) return [];
  const packages = needed.map((one) => installer.packages[one]);
  const first = await host.run([...installer.install, ...packages], { timeoutMs });
  if (first.code === 0) return packages;
  if (installer.refresh !== undefined) await host.need(installer.refresh, { timeoutMs });
  await host.need([...installer.install, ...packages], { timeoutMs });
  return packages;
}

/** Removes packages that {@link installMissing} has installed. */
export async function removePackages(
  host: RemoteHost,
  seen: HostSeen,
  packages: readonly string[],
): Promise<void> {
  const installer = installerOf(seen);
  if (packages.length === 0 || installer === undefined) return;
  await host.need([...installer.remove, ...packages], { timeoutMs });
}
