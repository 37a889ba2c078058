import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Asker } from "../../components/ask/router";
import { parseBird } from "../../components/reflector/bird/conf";
import { birdPrograms } from "../../components/reflector/bird/programs";
import { readBird } from "../../components/reflector/bird/state";
import { differences } from "../../components/reflector/reload";
import { renderBirdNode } from "../../components/speakers/bird/conf";
import type { SpeakerNode } from "../../components/speakers/node";
import { execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";

/*
 * BIRD tells a constant in one line of 512 characters, and splits ranges that are not aligned to four bits.
 */

const session = (
  address: string,
  local: string,
  accepts: SpeakerNode["sessions"][number]["accepts"],
) => ({
  ...{ far: `rr-${address}`, address, asn: 64511, local, localAsn: 64511, accepts },
});
const each = <T>(count: number, of: (index: number) => T) =>
  Array.from({ length: count }, (_, at) => of(at));

/** Forty ranges of IPv4 that are as bad as can be, and twenty of IPv6. */
const node: SpeakerNode = {
  routerId: "172.16.18.51",
  ranges: ["192.168.128.0/24", "fd00:90::/64"],
  sessions: [
    session(
      ...(["172.16.18.32", "172.16.18.51"] as const),
      each(40, (index) => ({ prefix: `10.${2 * index}.128.0/17`, min: 17, max: 32 })),
    ),
    session("172.16.18.33", "172.16.18.51", [{ prefix: "10.0.0.0/8", min: 8, max: 32 }]),
    session(
      ...(["fd00::1", "fd00::51"] as const),
      each(20, (index) => ({ prefix: `fd00:${90 + index}::/48`, min: 48, max: 128 })),
    ),
    session("fd00::1:2", "fd00::51", []),
  ],
};

const folder = mkdtempSync(join(tmpdir(), "seamless-sets-"));
const socket = join(folder, "ctl");
let child: ChildProcess | undefined;

afterAll(async () => {
  if (child !== undefined && child.exitCode === null) {
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  }
  rmSync(folder, { recursive: true });
});

test("a node's BIRD tells everything that it accepts, however many ranges there are", async () => {
  const { folder: root, files } = await birdPrograms(() => undefined);
  const libraries = ["lib", "usr/lib"].flatMap((path) =>
    readdirSync(join(root, path)).map((architecture) => join(root, path, architecture)),
  );
  const loader = join(root, files.find((path) => /\/ld-linux/.test(path)) ?? "");
  const inRoot = (program: string) => [
    loader,
    "--library-path",
    libraries.join(":"),
    join(root, program),
  ];
  const text = renderBirdNode(node);
  writeFileSync(join(folder, "bird.conf"), text.replace("log syslog all;", "log stderr all;"));
  const bird = [...inRoot("usr/sbin/bird"), "-f", "-c", join(folder, "bird.conf"), "-s", socket];
  const bridge = [
    ...["ip link set lo up", "ip link add seamless0 type bridge", "ip link set seamless0 up"],
    "ip address add 192.168.128.1/24 dev seamless0",
    "ip address add fd00:90::1/64 dev seamless0 nodad",
    'exec "$@"',
  ].join(" && ");
  child = spawn("unshare", ["--net", "sh", "-c", bridge, "sh", ...bird], { stdio: "ignore" });
  await waitFor({ what: "BIRD", timeoutMs: 20_000, intervalMs: 50 }, async () =>
    existsSync(socket) ? { done: true, value: undefined } : { done: false, seen: "no socket" },
  );
  const daemon: Asker = {
    ask: async (args, input) => {
      const argv = [...inRoot("usr/sbin/birdcl"), "-s", socket, ...args];
      return (await execOrThrow(argv, input === undefined ? {} : { input })).stdout;
    },
  };
  const seen = await readBird(daemon);
  expect(differences(parseBird(text), seen)).toEqual([]);
  expect(seen.accepted).toHaveLength(61);
});

test("what is for the node's containers goes to their bridge, in both families", async () => {
  const inside = ["nsenter", `--target=${child?.pid}`, "--net", "ip", "-o"];
  const routes = async (family: string) =>
    (await execOrThrow([...inside, family, "route", "show", "proto", "bird"])).stdout;
  await waitFor({ what: "BIRD's routes", timeoutMs: 20_000, intervalMs: 100 }, async () => {
    const seen = `${await routes("-4")}${await routes("-6")}`;
    return /blackhole 192.*blackhole fd00/s.test(seen)
      ? { done: true, value: undefined }
      : { done: false, seen };
  });
  for (const [family, container] of [
    ["-4", "192.168.128.2"],
    ["-6", "fd00:90::2"],
  ] as const) {
    const { stdout } = await execOrThrow([...inside, family, "route", "get", container]);
    expect(stdout).toContain("dev seamless0");
  }
});
