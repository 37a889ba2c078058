import type { NeighbourRole } from "../../components/ask/router";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { bird } from "../../components/reflector/bird";
import { roleText } from "../../components/reflector/contract";
import { renderBirdNode } from "../../components/speakers/bird/conf";
import { speakerNode } from "../../components/speakers/node";
import type { Plan } from "../../plan/types";
import { Bird2, until, verdictsOf } from "../helpers/bfd";
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
const daemons = new Map<Host, Bird2>();

function birdOf(host: Host): Bird2 {
  const found = daemons.get(host);
  if (found === undefined) throw new Error(`no BIRD on ${host}`);
  return found;
}

function configure(host: Host, from: Plan): void {
  const reflector = from.reflectors.rr;
  const node = from.coes.plain?.nodes[host];
  if (reflector === undefined) throw new Error("no rr in the plan");
  birdOf(host).file = node ? renderBirdNode(speakerNode(from, node)) : bird.render(from, reflector);
}

/** What each daemon says that it is to its neighbours, and what its file says: an update waits until they agree. */
async function roles(host: Host): Promise<[string[], string[]]> {
  const text = (all: Readonly<Record<string, NeighbourRole>>) =>
    Object.entries(all).map(([neighbour, role]) => `${neighbour}: ${roleText(role)}`);
  const daemon = birdOf(host);
  const running = (await bird.read(daemon)).neighbors;
  return [text(running).sort(), text(bird.describe(daemon.file).neighbors).sort()];
}

/** What verify says of the sessions and of the nodes' own ends, in its own words. */
const verdicts = async () =>
  verdictsOf(
    plan,
    { rr: await birdOf("rr").neighbours() },
    Object.fromEntries(
      await Promise.all(
        nodes.map(async (name) => [`plain/${name}`, await birdOf(name).ownWord()] as const),
      ),
    ),
  );

const healthy = {
  "session/rr/plain/one": "pass: Established, AS 64511, BFD Up",
  "session/rr/plain/two": "pass: Established, AS 64511, BFD Up",
  "session/rr/unplanned": "pass: 2 neighbours, all planned",
  "speaker/plain/one": "pass: 1 Established, 1 routes taken",
  "speaker/plain/two": "pass: 1 Established, 1 routes taken",
};

beforeAll(async () => {
  roots = await makeRoots();
  await lan.up(address);
  for (const host of ["rr", ...nodes] as const) {
    daemons.set(host, new Bird2(roots, host, lan.spaceOf(host)));
    configure(host, plan);
    birdOf(host).start();
  }
}, 120_000);

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.kill();
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
  const said = await birdOf("rr").ask(args);
  const paths = parse(said, Date.now() / 1000).map(({ prefix, peer }) => `${prefix} ${peer}`);
  expect(paths.sort()).toEqual(nodes.map((name) => `${block[name]} ${address[name]}`).sort());
});

test("a node that is gone loses its route everywhere, long before the hold time is over", async () => {
  await lan.lose("one", true);
  const started = performance.now();
  await until("the other node to lose it", () => lan.routes("two"), { [block.two]: "blackhole" });
  // The hold time is 90 s, and nobody's link went down.
  expect(performance.now() - started).toBeLessThan(30_000);
  await lan.lose("one", false);
  await until("all to be well again", verdicts, healthy);
});

test("nodes keep their routes while the reflector's daemon is killed and started again", async () => {
  const routes = await lan.routes("two");
  const seen = new Set<string>();
  let over = false;
  const watching = (async () => {
    while (!over) seen.add(JSON.stringify(await lan.routes("two")));
  })();
  await birdOf("rr").kill();
  const problem = async () => (await birdOf("two").ownWord()).sessions.map((one) => one.state);
  await until("the node to notice", problem, ["Active"]);
  birdOf("rr").start();
  await until("all to be well again", verdicts, healthy);
  over = true;
  await watching;
  expect([...seen]).toEqual([JSON.stringify(routes)]);
});

test("a node whose daemon was killed and started again has its session and its BFD again", async () => {
  await birdOf("one").kill();
  await until("its route to go", () => lan.routes("two"), { [block.two]: "blackhole" });
  birdOf("one").start();
  await until("all to be well again", verdicts, healthy);
});

test("a node that does not watch is named at both ends, with its session up", async () => {
  configure("one", planWith(false));
  await birdOf("one").ask(["configure"]);
  await until("the fault to be named", verdicts, {
    ...healthy,
    "session/rr/plain/one": "fail: Established, BFD Down",
    "speaker/plain/one": `fail: node_172_16_18_1: ${address.rr} Established, BFD none (should be Up)`,
  });
});
