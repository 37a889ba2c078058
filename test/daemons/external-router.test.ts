import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { lookAtRouter } from "../../components/reflector/external/look";
import { renderExternal } from "../../components/reflector/external/render";
import { routerAsk } from "../../components/reflector/kinds";
import type { Access } from "../../plan/access";
import type { Plan } from "../../plan/types";
import { exec, execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";
import { askReflectors } from "../../verify/seen/reflectors";
import { makeRoots, type Roots, removeRoots } from "../helpers/bgp/roots";
import { judgeBird } from "../helpers/bird";
import { judgeFrr } from "../helpers/frr";

/** Routers of somebody else, real ones, with the text that is rendered for them; they have no other address than their own. */
const address = "172.16.18.32";
const spaceOf = (dialect: string) => `${dialect}${process.pid}`;
const children: ChildProcess[] = [];
let roots: Roots;

const one = { one: { address: "172.16.18.34" } };
const both = { ...one, two: { address: "172.16.18.35", asn: 64_600 } };

function planOf(
  dialect: string,
  nodes: Readonly<Record<string, object>>,
  others: Readonly<Record<string, object>> = {},
): Plan {
  return makePlan(
    parseConfig({
      network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511 },
      reflectors: { tor: { kind: "external", dialect, address }, ...others },
      coes: {
        kubernetes: {
          kind: "kubernetes",
          podCidr: "192.168.0.0/17",
          policy: "open",
          access: { kubeconfig: "~/.kube/config" },
          nodes,
        },
      },
    }),
  );
}

function fileOf(plan: Plan): string {
  const { tor } = plan.reflectors;
  if (tor === undefined) throw new Error("no router in the plan");
  return renderExternal(plan, tor);
}

/** What a bird.conf of somebody has beside. */
const ownBird = (text: string) => `protocol device {\n}\n${text}`;

/** How each router is asked: a program, and how it is run. */
const reads = {
  frr: () => ({
    program: "vtysh",
    argv: ["chroot", roots.newer, "/usr/bin/vtysh", "--vty_socket", "/w/frr"],
  }),
  bird: () => ({
    program: "birdc",
    argv: ["chroot", roots.newer, "/usr/sbin/birdcl", "-s", "/w/bird.ctl"],
  }),
} as const;
type Dialect = keyof typeof reads;
const dialects: readonly Dialect[] = ["bird", "frr"];

/** Each in a namespace of its own, for both have the port. */
async function start(dialect: Dialect, argv: readonly string[]): Promise<void> {
  const space = spaceOf(dialect);
  await execOrThrow(["ip", "netns", "add", space]);
  await execOrThrow(["ip", "-n", space, "link", "set", "lo", "up"]);
  await execOrThrow(["ip", "-n", space, "address", "add", `${address}/24`, "dev", "lo"]);
  const inside = [`--net=/run/netns/${space}`, "chroot", roots.newer, ...argv];
  children.push(spawn("nsenter", inside, { stdio: "ignore" }));
}

beforeAll(async () => {
  roots = await makeRoots();
  const work = (name: string) => join(roots.newer, "w", name);
  mkdirSync(work("frr"));
  mkdirSync(join(roots.newer, "etc/frr"), { recursive: true });
  writeFileSync(join(roots.newer, "etc/frr/vtysh.conf"), "username root nopassword\n");
  writeFileSync(work("bgpd.conf"), fileOf(planOf("frr", both)));
  writeFileSync(work("bird.conf"), ownBird(fileOf(planOf("bird", both))));
  const frr = ["-f", "/w/bgpd.conf", "-i", "/w/bgpd.pid", "--vty_socket", "/w/frr", "-l", address];
  await start("frr", ["/usr/lib/frr/bgpd", "-S", "-Z", "-P", "0", ...frr]);
  const bird = ["-c", "/w/bird.conf", "-s", "/w/bird.ctl", "-P", "/w/bird.pid"];
  await start("bird", ["/usr/sbin/bird", "-f", ...bird]);
}, 120_000);

afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  for (const dialect of dialects) await exec(["ip", "netns", "delete", spaceOf(dialect)]);
  removeRoots(roots);
});

test.each([
  ["one AS", one, {}],
  ["two ASs", both, {}],
  [
    "a reflector of ours in another AS",
    both,
    { rr: { kind: "frr", address: "172.16.18.31", asn: 64_512 } },
  ],
])("the parsers of FRR and BIRD take what is rendered for %s", async (_, nodes, others) => {
  expect(await judgeFrr(fileOf(planOf("frr", nodes, others)))).toBeUndefined();
  expect(await judgeBird(ownBird(fileOf(planOf("bird", nodes, others))))).toBeUndefined();
});

test.each(dialects)(
  "an update looks at a real router of dialect %s before anything",
  async (dialect) => {
    const plan = planOf(dialect, both);
    const read = reads[dialect]();
    const look = (of: Plan) => lookAtRouter({ plan: of, reflector: "tor", read });
    await waitFor({ what: dialect, timeoutMs: 100_000, intervalMs: 200 }, async () => {
      const seen = await look(plan).catch((error: Error) => error.message);
      return seen === "tor: has all that the plan needs, with 2 neighbours"
        ? { done: true, value: undefined }
        : { done: false, seen };
    });
    const more = planOf(dialect, { ...both, three: { address: "172.16.18.36" } });
    await expect(look(more)).rejects.toThrow(
      "tor is not as the plan needs it; nothing was changed: neighbour 172.16.18.36 is missing; apply what `bin/seamless render external` prints to it, and run pulumi up again",
    );
  },
  60_000,
);

test.each(dialects)(
  "verify asks a real router of dialect %s for its neighbours and its RIB",
  async (dialect) => {
    const plan = planOf(dialect, both);
    const access: Access = {
      reflectors: { tor: { via: "command", ...reads[dialect]() } },
      coes: {},
    };
    const needed = new Set(["neighbours/tor", "rib/tor"] as const);
    const neighbours = await askReflectors(
      ...(["neighbours", plan, access, routerAsk, needed] as const),
      (tables) => tables.neighbours,
    );
    const rib = await askReflectors(
      ...(["rib", plan, access, routerAsk, needed] as const),
      (tables) => tables.rib,
    );
    const found = neighbours.tor?.ok === true ? neighbours.tor.value : [];
    expect(found.map(({ address, asn, received }) => [address, asn, received]).sort()).toEqual([
      ["172.16.18.34", 64_511, 0],
      ["172.16.18.35", 64_600, 0],
    ]);
    expect(found.every(({ state }) => state !== "Established" && state !== "Unknown")).toBe(true);
    expect(rib.tor).toMatchObject({ ok: true, value: [] });
  },
);
