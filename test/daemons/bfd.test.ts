import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NeighbourRole, RouterNeighbour, SpeakerState } from "../../components/ask/router";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { bird } from "../../components/reflector/bird";
import { roleText } from "../../components/reflector/contract";
import { renderBirdNode } from "../../components/speakers/bird/conf";
import { askBirdNode, parseBirdNode } from "../../components/speakers/bird/read";
import { speakerNode } from "../../components/speakers/node";
import type { Plan } from "../../plan/types";
import { execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";
import { sessionChecks } from "../../verify/checks/session";
import { speakerChecks } from "../../verify/checks/speaker";
import type { Observation } from "../../verify/types";
import { makeRoots, type Roots, removeRoots } from "../helpers/bgp/roots";
import { Lan } from "../helpers/bird-lan";

const nodes = ["one", "two"] as const;
const address = { rr: "172.16.18.1", one: "172.16.18.11", two: "172.16.18.12" };
const block = { one: "192.168.1.0/24", two: "192.168.2.0/24" };
type Host = keyof typeof address;

const planWith = (bfd: boolean) =>
  makePlan(
    parseConfig({
      network: {
        ...{ supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511 },
        ...{ ttlSecurity: true, bfd },
      },
      reflectors: { rr: { kind: "bird", address: address.rr } },
      coes: {
        plain: {
          kind: "hosts",
          podCidr: "192.168.0.0/17",
          policy: "open",
          access: { ssh: { user: "root" } },
          nodes: Object.fromEntries(
            nodes.map((name) => [name, { address: address[name], podCidr: block[name] }]),
          ),
        },
      },
    }),
  );
const plan = planWith(true);

const lan = new Lan();
let roots: Roots;
const daemons = new Map<Host, ChildProcess>();

const folderOf = (host: Host) => join(roots.folder, host);

/** The daemon's own folder is where BIRD has its socket. */
function inside(host: Host, argv: readonly string[]): string[] {
  const bind =
    'mount --bind "$1" "$2/run/bird" && mount --bind /dev/null "$2/dev/null" && root=$2 && shift 2 && exec chroot "$root" "$@"';
  return [
    ...["nsenter", `--net=/run/netns/${lan.spaceOf(host)}`, "unshare", "--mount"],
    ...["sh", "-c", bind, "sh", folderOf(host), roots.newer, ...argv],
  ];
}

function configure(host: Host, from: Plan): void {
  const reflector = from.reflectors.rr;
  const node = from.coes.plain?.nodes[host];
  if (reflector === undefined) throw new Error("no rr in the plan");
  const text = node ? renderBirdNode(speakerNode(from, node)) : bird.render(from, reflector);
  writeFileSync(join(folderOf(host), "bird.conf"), text);
}

/** With `-R`, as a service that is restarted. */
function start(host: Host): void {
  const argv = ["/usr/sbin/bird", "-f", "-R", "-c", "/run/bird/bird.conf"];
  const [program = "", ...args] = inside(host, argv);
  daemons.set(host, spawn(program, args, { stdio: "ignore" }));
}

async function kill(host: Host): Promise<void> {
  const child = daemons.get(host);
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

async function neighbours(): Promise<RouterNeighbour[]> {
  const { args, more, parse } = bird.tables.neighbours;
  const ask = async (words: readonly string[]) =>
    (await execOrThrow(inside("rr", ["/usr/sbin/birdcl", ...words]))).stdout;
  const text = await ask(args);
  const rest = await Promise.all((more?.(text, false) ?? []).map(ask));
  return parse([text, ...rest].join("\n"), Date.now() / 1000);
}

async function ownWord(host: (typeof nodes)[number]): Promise<SpeakerState> {
  const env = { ...process.env, PATH: `${folderOf(host)}:${process.env.PATH}` };
  return parseBirdNode((await execOrThrow(askBirdNode, { env })).stdout);
}

/** The root has no shell: what is asked by a script asks this program of the machine. */
function writeClient(host: Host): void {
  const quoted = inside(host, ["/usr/sbin/birdcl"]).map((word) => `'${word}'`);
  const file = join(folderOf(host), "birdcl");
  writeFileSync(file, `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`, { mode: 0o755 });
}

/** Of what is not asked here. */
const nothing: Observation = {
  ...{ neighbours: {}, rib: {}, routes: {}, workloads: {}, fetches: {}, services: {} },
  ...{ serviceFetches: {}, nameFetches: {}, addons: {}, intrusions: {}, containers: {} },
  ...{ blocks: {}, members: {}, objects: {}, speakers: {}, accepts: {} },
};

/** What each daemon says that it is to its neighbours, and what its file says: an update waits until they agree. */
async function roles(host: Host): Promise<[string[], string[]]> {
  const ask = async (args: readonly string[], input = "") =>
    (await execOrThrow(inside(host, ["/usr/sbin/birdcl", ...args]), { input })).stdout;
  const text = (all: Readonly<Record<string, NeighbourRole>>) =>
    Object.entries(all).map(([neighbour, role]) => `${neighbour}: ${roleText(role)}`);
  const file = readFileSync(join(folderOf(host), "bird.conf"), "utf8");
  const running = (await bird.read({ ask })).neighbors;
  return [text(running).sort(), text(bird.describe(file).neighbors).sort()];
}

/** What verify says of the sessions and of the nodes' own ends, in its own words. */
async function verdicts(): Promise<Record<string, string>> {
  const said = async <T>(value: T) => ({ ok: true as const, asked: "asked", value });
  const seen = {
    ...nothing,
    neighbours: { rr: await said(await neighbours()) },
    speakers: Object.fromEntries(
      await Promise.all(
        nodes.map(async (name) => [`plain/${name}`, await said(await ownWord(name))] as const),
      ),
    ),
  };
  return Object.fromEntries(
    [...sessionChecks(plan), ...speakerChecks(plan)].map(({ id, judge }) => {
      const { status, found } = judge(seen);
      return [id, `${status}: ${found}`];
    }),
  );
}

async function until<T>(what: string, look: () => Promise<T>, expected: T): Promise<void> {
  await waitFor({ what, timeoutMs: 60_000, intervalMs: 50 }, async () => {
    const seen = JSON.stringify(await look().catch((thrown) => String(thrown)));
    return seen === JSON.stringify(expected)
      ? { done: true, value: undefined }
      : { done: false, seen };
  });
}

const healthy = {
  "session/rr/plain/one": "pass: Established, AS 64511, BFD Up",
  "session/rr/plain/two": "pass: Established, AS 64511, BFD Up",
  "session/rr/unplanned": "pass: 2 neighbours, all planned",
  "speaker/plain/one": "pass: 1 Established, 1 routes taken",
  "speaker/plain/two": "pass: 1 Established, 1 routes taken",
};

/** A switch that lost a host, whose own link stays up: nobody is told. */
async function cut(host: Host, off: boolean): Promise<void> {
  const port = `p${Object.keys(address).indexOf(host) + 2}`;
  const to = off ? ["nomaster"] : ["master", "lan"];
  await execOrThrow(["ip", "-n", lan.spaceOf("switch"), "link", "set", port, ...to]);
}

beforeAll(async () => {
  roots = await makeRoots();
  mkdirSync(join(roots.newer, "run/bird"), { recursive: true });
  await lan.up(address);
  for (const host of ["rr", ...nodes] as const) {
    mkdirSync(folderOf(host));
    configure(host, plan);
    writeClient(host);
    start(host);
  }
}, 120_000);

afterAll(async () => {
  for (const host of daemons.keys()) await kill(host);
  await lan.down();
  removeRoots(roots);
});

test("both ends watch each other, as verify says", () =>
  until("BFD at both ends", verdicts, healthy));

test.each(["rr", ...nodes] as const)("%s is to its neighbours what its file says", async (host) => {
  const [running, written] = await roles(host);
  expect(running).toEqual(written);
  expect(written.every((role) => role.includes("BFD"))).toBe(true);
});

test("the reflector's RIB says from whom its paths are, which have come from their gateways", async () => {
  const { args, parse } = bird.tables.rib;
  const { stdout } = await execOrThrow(inside("rr", ["/usr/sbin/birdcl", ...args]));
  const paths = parse(stdout, Date.now() / 1000).map(({ prefix, peer }) => `${prefix} ${peer}`);
  expect(paths.sort()).toEqual(nodes.map((name) => `${block[name]} ${address[name]}`).sort());
});

test("a node that is gone loses its route everywhere, long before the hold time is over", async () => {
  await cut("one", true);
  const started = performance.now();
  await until("the other node to lose it", () => lan.routes("two"), { [block.two]: "blackhole" });
  // The hold time is 90 s, and nobody's link went down.
  expect(performance.now() - started).toBeLessThan(30_000);
  await cut("one", false);
  await until("all to be well again", verdicts, healthy);
});

test("nodes keep their routes while the reflector's daemon is killed and started again", async () => {
  const routes = await lan.routes("two");
  const seen = new Set<string>();
  let over = false;
  const watching = (async () => {
    while (!over) seen.add(JSON.stringify(await lan.routes("two")));
  })();
  await kill("rr");
  const problem = async () => (await ownWord("two")).sessions.map((one) => one.state);
  await until("the node to notice", problem, ["Active"]);
  start("rr");
  await until("all to be well again", verdicts, healthy);
  over = true;
  await watching;
  expect([...seen]).toEqual([JSON.stringify(routes)]);
});

test("a node whose daemon was killed and started again has its session and its BFD again", async () => {
  await kill("one");
  await until("its route to go", () => lan.routes("two"), { [block.two]: "blackhole" });
  start("one");
  await until("all to be well again", verdicts, healthy);
});

test("a node that does not watch is named at both ends, with its session up", async () => {
  configure("one", planWith(false));
  await execOrThrow(inside("one", ["/usr/sbin/birdcl", "configure"]));
  await until("the fault to be named", verdicts, {
    ...healthy,
    "session/rr/plain/one": "fail: Established, BFD Down",
    "speaker/plain/one": `fail: node_172_16_18_1: ${address.rr} Established, BFD none (should be Up)`,
  });
});
