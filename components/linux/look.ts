/** What a host has before anything is changed on it. */
import { z } from "zod";
import { exitCode, messageOf, SeamlessError } from "../../util/errors";
import { isPrefix, parsePrefix } from "../../util/net";
import type { RemoteHost } from "../ask/host";
import { partsOf, script } from "./script";

/** A host as it is. */
export interface HostSeen {
  /** `ID` and `ID_LIKE` of os-release, such as debian; empty where there is none. */
  readonly system: readonly string[];
  /** Its name for people. */
  readonly title: string;
  /** The programs that it has, of those that matter. */
  readonly programs: readonly string[];
  /** All its addresses. */
  readonly addresses: readonly string[];
  /** Its routes to ranges, but for the default, in every table. */
  readonly routes: readonly SeenRoute[];
  /** Who listens at TCP port 179; empty for a name that the kernel does not tell. */
  readonly listeners: readonly string[];
  /** Names of programs that run. */
  readonly processes: readonly string[];
  /** What \`bird --version\` says, as numbers; undefined where it is not there. */
  readonly bird: readonly number[] | undefined;
  /** Its configuration, without passwords; undefined where there is none. */
  readonly birdFile: string | undefined;
  /** Where that is. */
  readonly birdPath: string;
  /** What FRR's bgpd says of its version, as numbers; undefined where it is not there. */
  readonly frr: readonly number[] | undefined;
  /** FRR's configuration, without passwords; undefined where there is none. */
  readonly frrFile: string | undefined;
  /** The file that says which of its daemons run, and how; undefined where there is none. */
  readonly frrDaemons: string | undefined;
  /** Version of the Docker daemon, as numbers; undefined where none answers. */
  readonly docker: readonly number[] | undefined;
  readonly networks: readonly SeenNetwork[];
  /** Whether systemd runs the host. */
  readonly systemd: boolean;
}

export interface SeenRoute {
  readonly prefix: string;
  readonly device: string;
  readonly protocol: string;
}

/** A network of Docker. */
export interface SeenNetwork {
  readonly name: string;
  readonly subnets: readonly string[];
  /** Names of the containers in it. */
  readonly containers: readonly string[];
}

/** Programs that are asked about. */
const programs = [
  ...["apt-get", "dnf", "yum", "zypper", "apk", "pacman"],
  ...["bird", "birdcl", "vtysh", "docker", "iptables", "ip6tables", "nft", "systemctl", "ss"],
];

/** Passwords of sessions stay on the host. */
const look = script(`
hidden() { sed 's/\\( password \\).*/\\1-/' "$1"; }
printf '\\n@@ system\\n'; cat /etc/os-release 2>/dev/null || true
printf '\\n@@ programs\\n'; for one in ${programs.join(" ")}; do there "$one" && echo "$one"; done
part addresses ip -j address show
part routes ip -j route show table all
part routes6 ip -6 -j route show table all
part listeners ss -Hltnp 'sport = :179'
printf '\\n@@ processes\\n'; cat /proc/[0-9]*/comm 2>/dev/null || true
part bird bird --version
for file in /etc/bird/bird.conf /etc/bird.conf; do
  [ -e "$file" ] || continue
  printf '\\n@@ path\\n%s\\n@@ file\\n' "$file"; hidden "$file"; break
done
for folder in /usr/lib/frr /usr/libexec/frr /usr/sbin; do
  [ -x "$folder/bgpd" ] || continue
  part frr "$folder/bgpd" --version; break
done
for file in frr.conf daemons; do
  [ -e "/etc/frr/$file" ] || continue
  printf '\\n@@ %s\\n' "$file"; hidden "/etc/frr/$file"
done
part docker docker version --format '{{.Server.Version}}'
printf '\\n@@ networks\\n'
if there docker; then
  ids=$(docker network ls --quiet 2>/dev/null || true)
  [ -z "$ids" ] || docker network inspect $ids 2>/dev/null || true
fi
[ ! -d /run/systemd/system ] || printf '\\n@@ systemd\\n'
`);

const links = z.array(
  z.object({ addr_info: z.array(z.object({ local: z.string().optional() })).default([]) }),
);
const routes = z.array(
  z.object({
    dst: z.string(),
    dev: z.string().default(""),
    protocol: z.string().default(""),
    type: z.string().optional(),
    table: z.union([z.string(), z.number()]).optional(),
  }),
);
const networks = z.array(
  z.object({
    Name: z.string(),
    IPAM: z.object({
      Config: z.array(z.object({ Subnet: z.string().optional() })).nullish(),
    }),
    Containers: z.record(z.string(), z.object({ Name: z.string() })).nullish(),
  }),
);

/** Asks a host for what it has. @throws SeamlessError when it does not answer */
export async function lookAtHost(host: RemoteHost): Promise<HostSeen> {
  const said = await host.script(look);
  try {
    return parseHost(said);
  } catch (thrown) {
    throw new SeamlessError(`${host.name}: ${messageOf(thrown)}`);
  }
}

/** The same; undefined for a host that does not answer, with why. @throws SeamlessError where it answers with an error */
export async function lookUnlessAway(
  host: RemoteHost,
  away: (why: string) => void,
): Promise<HostSeen | undefined> {
  try {
    return await lookAtHost(host);
  } catch (thrown) {
    if (!(thrown instanceof SeamlessError) || thrown.code !== exitCode.nothingToCheck) throw thrown;
    away(thrown.message);
    return undefined;
  }
}

/** Reads what the script has printed. @throws SeamlessError where addresses or routes are in no form that is known */
export function parseHost(text: string): HostSeen {
  const parts = partsOf(text);
  const lines = (name: string) => (parts.get(name) ?? "").split("\n").filter((line) => line !== "");
  const release = new Map(
    lines("system").flatMap((line): [string, string][] => {
      const [key = "", value = ""] = line.split(/=(.*)/s);
      return [[key, value.replace(/^(["'])(.*)\1$/, "$2")]];
    }),
  );
  const listed = <T>(name: string, schema: z.ZodType<T[]>): T[] =>
    schema.safeParse(jsonOf(parts.get(name))).data ?? [];
  // A host of which nobody knows the routes is not one that has none.
  const needed = <T>(name: string, schema: z.ZodType<T[]>): T[] => {
    const said = parts.get(name) ?? "";
    const read = schema.safeParse(jsonOf(said || "[]"));
    if (read.success) return read.data;
    const [line = ""] = said.split("\n");
    throw new SeamlessError(
      `its ${name} could not be read: ip -j says ${line.slice(0, 120)}; needed: ip of iproute2`,
    );
  };
  return {
    system: [release.get("ID"), ...(release.get("ID_LIKE") ?? "").split(" ")].flatMap((id) =>
      id === undefined || id === "" ? [] : [id],
    ),
    title: release.get("PRETTY_NAME") ?? "a Linux without /etc/os-release",
    programs: lines("programs"),
    addresses: needed("addresses", links).flatMap(({ addr_info: all }) =>
      all.flatMap(({ local }) => local ?? []),
    ),
    routes: [...needed("routes", routes), ...listed("routes6", routes)].flatMap(seenRoute),
    listeners: lines("listeners").map((line) => /users:\(\("([^"]+)"/.exec(line)?.[1] ?? ""),
    processes: [...new Set(lines("processes"))].sort(),
    bird: numbersOf(birdVersion, parts.get("bird")),
    birdFile: parts.get("file"),
    birdPath: parts.get("path") ?? (parts.get("system")?.includes("alpine") ? alpine : usual),
    frr: numbersOf(bgpdVersion, parts.get("frr")),
    frrFile: parts.get("frr.conf"),
    frrDaemons: parts.get("daemons"),
    docker: numbersOf(dockerVersion, parts.get("docker")),
    networks: listed("networks", networks).map(({ Name, IPAM, Containers }) => ({
      name: Name,
      subnets: (IPAM.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []),
      containers: Object.values(Containers ?? {})
        .map((one) => one.Name)
        .sort(),
    })),
    systemd: parts.has("systemd"),
  };
}

const usual = "/etc/bird/bird.conf";
const alpine = "/etc/bird.conf";

function seenRoute({ dst, dev, protocol, type }: z.infer<typeof routes>[number]): SeenRoute[] {
  if (["local", "broadcast", "multicast", "anycast"].includes(type ?? "")) return [];
  const parsed = parsePrefix(dst.includes("/") ? dst : `${dst}/${dst.includes(":") ? 128 : 32}`);
  if (dst === "default" || !isPrefix(parsed)) return [];
  return [{ prefix: dst, device: dev, protocol }];
}

/** How versions are said: "BIRD version 2.0.12", "bgpd version 8.4.4", and a line of its own of Docker. Errors have numbers, too. */
const birdVersion = /^BIRD version (\d+(?:\.\d+)+)/m;
const bgpdVersion = /^bgpd version (\d+(?:\.\d+)+)/m;
const dockerVersion = /^(\d+(?:\.\d+)+)\S*$/m;

function numbersOf(said: RegExp, text = ""): readonly number[] | undefined {
  return said.exec(text)?.[1]?.split(".").map(Number);
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
