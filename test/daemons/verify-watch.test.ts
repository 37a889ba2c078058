/** `seamless verify --watch` as it is run: what it tells while a session goes and comes, and how it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { waitFor } from "../../util/wait";
import { type Programs, programs } from "../helpers/programs";
import { plan } from "../unit/verify/fixture";

const program = resolve(__dirname, "..", "..", "bin", "seamless");
const folder = mkdtempSync(join(tmpdir(), "seamless-watch-"));
const file = (name: string) => join(folder, name);
let fakes: Programs | undefined;
let child: ChildProcess | undefined;

afterAll(() => {
  child?.kill("SIGKILL");
  fakes?.remove();
  rmSync(folder, { recursive: true });
});

/** What gobgp tells of the one neighbour: 6 is Established, 3 Active. */
function say(state: 3 | 6): void {
  const neighbour = {
    conf: { neighbor_address: "172.16.18.34", peer_asn: 64511 },
    state: { session_state: state, peer_asn: 64511 },
    timers: { state: { uptime: { seconds: 1_700_000_000 } } },
    afi_safis: [],
  };
  writeFileSync(file("next"), `${JSON.stringify([neighbour])}\n`);
  renameSync(file("next"), file("neighbours"));
}

test("a line for each change, and 130 at Ctrl-C", async () => {
  say(6);
  fakes = programs({
    docker: `case "$*" in *" rib"*) echo '{}' ;; *) cat ${file("neighbours")} ;; esac`,
  });
  const shell = { via: "docker", dockerHost: "unix:///nowhere", container: "rr" };
  const access = { reflectors: { reflector: shell }, coes: {} };
  writeFileSync(file("outputs.json"), JSON.stringify({ plan, access, probes: [] }));
  const id = "session/reflector/kubernetes/worker-1";
  const [outputs, junit] = [file("outputs.json"), file("junit.xml")];
  const argv = ["verify", "--outputs", outputs, "--watch", "100ms", "--junit", junit, "--only", id];
  const watching = spawn(process.execPath, [program, ...argv], {
    env: { ...process.env, TMPDIR: folder, SEAMLESS_CACHE: file("cache") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  child = watching;
  const ended = new Promise<number | null>((done) => watching.once("close", done));
  let said = "";
  watching.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  const lines = () =>
    said
      .replace(/^\S+Z /gm, "")
      .split("\n")
      .filter((line) => line !== "");
  const told = (what: string, count: number) =>
    waitFor({ what, timeoutMs: 60_000 }, async () =>
      lines().length >= count ? { done: true, value: undefined } : { done: false, seen: said },
    );
  await told("the first round", 1);
  say(3);
  await told("the session to go", 3);
  expect(readFileSync(junit, "utf8")).toContain('<failure message="Active">');
  say(6);
  await told("the session to come", 5);
  watching.kill("SIGINT");
  expect(await ended).toBe(130);
  const counts = (passed: number, failed: number) =>
    `1 checks: ${passed} passed, ${failed} failed, 0 skipped, 0 could not be asked`;
  expect(lines()).toEqual([
    counts(1, 0),
    expect.stringMatching(new RegExp(`^FAIL ${id}: Active \\(do: on kubernetes/worker-1: .*\\)$`)),
    counts(0, 1),
    `ok   ${id}: Established, AS 64511`,
    counts(1, 0),
  ]);
  expect(readdirSync(folder).filter((name) => name.startsWith("seamless-"))).toEqual([]);
}, 180_000);
