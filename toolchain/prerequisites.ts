import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { exitCode, SeamlessError } from "../util/errors";
import { exec } from "../util/exec";
import { elapsed, type Say, withTicker } from "./progress";

/** A program that has to be on the machine before anything of ours can run. */
export interface Prerequisite {
  readonly program: string;
  /** Debian or Ubuntu packages with it, the first one that the distribution has is taken. */
  readonly packages: readonly string[];
  readonly why: string;
}

/** What the lab needs on the machine itself; its hosts bring their own software. */
export const labPrerequisites: readonly Prerequisite[] = [
  { program: "dockerd", packages: ["docker.io"], why: "the lab's hosts are its containers" },
  // Debian 13 split the client from the daemon.
  { program: "docker", packages: ["docker-cli", "docker.io"], why: "builds the lab's images" },
  { program: "mmdebstrap", packages: ["mmdebstrap"], why: "makes the hosts' file system" },
  { program: "pip3", packages: ["python3-pip"], why: "fetches the lab's dashboard" },
  { program: "ip", packages: ["iproute2"], why: "makes the lab's network namespace" },
  { program: "iptables", packages: ["iptables"], why: "Docker needs it" },
  { program: "openssl", packages: ["openssl"], why: "issues the lab's certificates" },
  { program: "nsenter", packages: ["util-linux"], why: "runs programs in the lab's namespace" },
];

/** What the tests run on the machine itself, beside the lab. */
export const testPrerequisites: readonly Prerequisite[] = [
  { program: "etcd", packages: ["etcd-server"], why: "the tests of DC/OS write to a real one" },
  { program: "nginx", packages: ["nginx-light"], why: "the tests of Marathon start a real one" },
  { program: "chromium", packages: ["chromium"], why: "the tests of the dashboard look at it" },
  { program: "haproxy", packages: ["haproxy"], why: "the tests of DC/OS balance load with it" },
];

/** What every build needs. */
export const buildPrerequisites: readonly Prerequisite[] = [
  { program: "flock", packages: ["util-linux"], why: "keeps two builds apart" },
];

/** Oldest Go that the modules' go.mod accept. */
export const oldestGo = "1.26";

/** Folders of system programs that the PATH of an ordinary user leaves out. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The full path of a program, looked up like a shell does, or undefined. */
export function findProgram(
  name: string,
  path = process.env.PATH ?? "",
  more: readonly string[] = systemFolders,
): string | undefined {
  for (const folder of [...path.split(delimiter), ...more]) {
    if (folder === "") continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not here.
    }
  }
  return undefined;
}

/** What is missing, and how to get it. */
export interface Missing {
  /** "mmdebstrap (makes the hosts' file system)" */
  readonly text: string;
  readonly package?: string;
  /** What to do where no package helps. */
  readonly advice?: string;
}

/** One message for all that is missing. */
export function missingMessage(missing: readonly Missing[], root: boolean): string {
  const packages = [...new Set(missing.flatMap((one) => one.package ?? []))].sort();
  const commands = [
    ...(packages.length > 0
      ? [`${root ? "" : "sudo "}apt-get install --no-install-recommends ${packages.join(" ")}`]
      : []),
    ...missing.flatMap((one) => one.advice ?? []),
  ];
  return [
    "this machine lacks:",
    ...missing.map((one) => `  ${one.text}`),
    "get it by:",
    ...commands.map((command) => `  ${command}`),
    "then run `make toolchain` again",
  ].join("\n");
}

/** True on Debian, Ubuntu and what calls itself like them. */
export function isDebianLike(osRelease: string): boolean {
  const ids = osRelease
    .split("\n")
    .filter((line) => /^ID(_LIKE)?=/.test(line))
    .join(" ");
  return /\b(debian|ubuntu)\b/.test(ids);
}

function readOsRelease(): string {
  try {
    return readFileSync("/etc/os-release", "utf8");
  } catch {
    return "";
  }
}

/** What decides whether we may install packages. */
export interface Installer {
  readonly root: boolean;
  readonly debian: boolean;
}

function thisMachine(): Installer {
  return { root: process.getuid?.() === 0, debian: isDebianLike(readOsRelease()) };
}

/**
 * Checks the machine, and installs what is missing where we may: as root on Debian or Ubuntu.
 * @param needsGo whether something has to be built.
 * @throws SeamlessError with one list of all that is missing, exit code 2.
 */
export async function ensurePrerequisites(
  wanted: readonly Prerequisite[],
  needsGo: boolean,
  say: Say,
  { root, debian }: Installer = thisMachine(),
): Promise<void> {
  let absent = wanted.filter(({ program }) => findProgram(program) === undefined);
  if (absent.length > 0 && root && debian && findProgram("apt-get") !== undefined) {
    await install(absent, say);
    absent = wanted.filter(({ program }) => findProgram(program) === undefined);
  }
  const missing: Missing[] = absent.map(describe);
  const go = needsGo ? await missingGo() : undefined;
  if (go !== undefined) missing.push(go);
  if (missing.length > 0) throw new SeamlessError(missingMessage(missing, root), exitCode.usage);
}

function describe({ program, packages, why }: Prerequisite): Missing {
  const name = packages.at(-1);
  const text = `${program} (${why})`;
  return name === undefined ? { text } : { text, package: name };
}

async function install(absent: readonly Prerequisite[], say: Say): Promise<void> {
  const start = performance.now();
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const apt = async (what: string, argv: readonly string[]) => {
    say(`prerequisites: ${what}`);
    const result = await withTicker(
      say,
      () => `prerequisites: ${what}`,
      () =>
        exec(["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", ...argv], {
          env,
          timeoutMs: 20 * 60_000,
        }),
    );
    if (result.code !== 0) {
      const said = result.stderr.trim().split("\n").slice(-5);
      throw new SeamlessError(
        [
          `apt-get ${argv.join(" ")}: ${result.failure ?? `exit code ${result.code}`}`,
          ...said,
          missingMessage(absent.map(describe), true),
        ].join("\n"),
        exitCode.usage,
      );
    }
  };
  await apt("reading the package lists", ["update"]);
  const packages = [...new Set(await Promise.all(absent.map(packageOf)))].sort();
  await apt(`installing ${packages.join(" ")}`, [
    "install",
    "--yes",
    "--no-install-recommends",
    ...packages,
  ]);
  say(`prerequisites: installed ${packages.join(" ")} in ${elapsed(start)}`);
}

/** The first of the packages that this distribution has. */
async function packageOf({ program, packages }: Prerequisite): Promise<string> {
  for (const name of packages) {
    if ((await exec(["apt-cache", "show", "--quiet=2", name])).code === 0) return name;
  }
  return packages.at(-1) ?? program;
}

/** True when a version is at least another, compared number by number: "1.26.8" and "1.26". */
export function atLeast(version: string, wanted: string): boolean {
  const numbers = (text: string) => text.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const have = numbers(version);
  for (const [index, want] of numbers(wanted).entries()) {
    const got = have[index] ?? 0;
    if (got !== want) return got > want;
  }
  return true;
}

async function missingGo(): Promise<Missing | undefined> {
  const advice = `Go ${oldestGo} or newer: https://go.dev/doc/install (its bin folder has to be on PATH)`;
  const why = "builds what cannot be downloaded ready-made";
  const result = await exec(["go", "env", "GOVERSION", "GOTOOLCHAIN"]);
  if (result.code !== 0) return { text: `go >= ${oldestGo} (${why})`, advice };
  const [version = "", toolchain = ""] = result.stdout.split("\n");
  const found = version.replace(/^go/, "");
  // From 1.21 on, Go gets the version a module asks for by itself, unless told not to.
  if (atLeast(found, oldestGo) || (atLeast(found, "1.21") && toolchain.endsWith("auto")))
    return undefined;
  return { text: `go >= ${oldestGo}, found ${found} (${why})`, advice };
}
