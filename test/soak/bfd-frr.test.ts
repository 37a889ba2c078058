import { makePlan, parseConfig } from "../../components/kinds/planning";
import { frrWrong } from "../../components/linux/frr-compare";
import { bird } from "../../components/reflector/bird";
import { applyFrr } from "../../components/reflector/frr/apply";
import { renderBirdNode } from "../../components/speakers/bird/conf";
import { renderFrrNode } from "../../components/speakers/frr/conf";
import { frrNode } from "../../components/speakers/frr/node";
import { speakerNode } from "../../components/speakers/node";
import type { Plan } from "../../plan/types";
import { Bird2, until, verdictsOf } from "../helpers/bfd";
import { makeRoots, type Roots, removeRoots } from "../helpers/bgp/roots";
import { Lan } from "../helpers/bird-lan";
import { FrrHost } from "../helpers/frr-host";

/*
 * Hosts with FRR behind a reflector of BIRD, beside one with BIRD: both ends of each session watch each other. All daemons are
 * real, with the files that an update gives them.
 */

const hosts = ["one", "two"] as const;
const address = {
  ...{ rr: "172.16.18.1", one: "172.16.18.11", two: "172.16.18.12", three: "172.16.18.13" },
};
const block = { one: "192.168.1.0/24", two: "192.168.2.0/24", three: "192.168.129.0/24" };
type Host = keyof typeof block;

const planWith = (network: object, own: Readonly<Record<"frr" | "bird", object>>): Plan => {
  const node = (name: Host) => ({ address: address[name], podCidr: block[name] });
  const coe = { kind: "hosts", policy: "open", access: { ssh: { user: "root" } } };
  return makePlan(
    parseConfig({
      network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", bfd: true, ...network },
      ...("topology" in network
        ? {}
        : { reflectors: { rr: { kind: "bird", address: address.rr } } }),
      coes: {
        frr: {
          ...{ ...coe, ...own.frr, speaker: "frr", podCidr: "192.168.0.0/17" },
          nodes: { one: node("one"), two: node("two") },
        },
        bird: { ...coe, ...own.bird, podCidr: "192.168.128.0/17", nodes: { three: node("three") } },
      },
    }),
  );
};
const plan = planWith({ asn: 64511, ttlSecurity: true }, { frr: {}, bird: {} });
/** Without a reflector, and each COE in an AS of its own. */
const mesh = planWith(
  { asn: 64511, topology: "mesh", asns: "perCoe" },
  { frr: { asn: 64601 }, bird: { asn: 64602 } },
);

const lan = new Lan();
let roots: Roots;
let rr: Bird2;
let three: Bird2;
let frr: Record<(typeof hosts)[number], FrrHost>;

const plannedFrr = (from: Plan, name: Host) => {
  const node = from.coes.frr?.nodes[name];
  if (node === undefined) throw new Error(`no ${name} in the plan`);
  return frrNode(from, node);
};
const fileOf = (name: Host) => renderFrrNode(plannedFrr(plan, name));

/** The file of the host with BIRD. */
function birdFile(from: Plan): string {
  const node = from.coes.bird?.nodes.three;
  if (node === undefined) throw new Error("no three in the plan");
  return renderBirdNode(speakerNode(from, node));
}

const speakers = async () => ({
  "frr/one": await frr.one.ownWord(),
  "frr/two": await frr.two.ownWord(),
  "bird/three": await three.ownWord(),
});
const verdicts = async () => verdictsOf(plan, { rr: await rr.neighbours() }, await speakers());

const healthy = {
  "session/rr/bird/three": "pass: Established, AS 64511, BFD Up",
  "session/rr/frr/one": "pass: Established, AS 64511, BFD Up",
  "session/rr/frr/two": "pass: Established, AS 64511, BFD Up",
  "session/rr/unplanned": "pass: 3 neighbours, all planned",
  "speaker/bird/three": "pass: 1 Established, 2 routes taken",
  "speaker/frr/one": "pass: 1 Established, 2 routes taken",
  "speaker/frr/two": "pass: 1 Established, 2 routes taken",
};

/** Routes by BGP in the kernels of two hosts. */
const kernels = async () => ({
  two: await lan.routes("two", 4, "bgp"),
  three: await lan.routes("three"),
});
const all = {
  two: { [block.one]: address.one, [block.three]: address.three },
  three: {
    [block.one]: address.one,
    [block.three]: "blackhole",
    [block.two]: address.two,
  },
};
const withoutOne = {
  two: { [block.three]: address.three },
  three: { [block.three]: "blackhole", [block.two]: address.two },
};

beforeAll(async () => {
  roots = await makeRoots();
  await lan.up(address);
  rr = new Bird2(roots, "rr", lan.spaceOf("rr"));
  three = new Bird2(roots, "three", lan.spaceOf("three"));
  const reflector = plan.reflectors.rr;
  if (reflector === undefined) throw new Error("no rr in the plan");
  rr.file = bird.render(plan, reflector);
  three.file = birdFile(plan);
  for (const one of [rr, three]) one.start();
  frr = {
    one: new FrrHost(roots, "one", lan.spaceOf("one")),
    two: new FrrHost(roots, "two", lan.spaceOf("two")),
  };
  for (const name of hosts) {
    frr[name].write(plannedFrr(plan, name));
    await frr[name].start();
  }
}, 180_000);

afterAll(async () => {
  for (const one of [rr, three]) await one?.kill();
  for (const one of Object.values(frr ?? {})) await one.down();
  await lan.down();
  removeRoots(roots);
}, 60_000);

test("both ends watch each other, as verify says", async () => {
  await until("BFD at both ends", verdicts, healthy);
  await until("all routes", kernels, all);
});

test("FRR has what its file says, the times of BFD among that", async () => {
  expect(await frrWrong(frr.one.asker, fileOf("one"))).toEqual([]);
});

test("a host that is gone loses its route everywhere, long before the hold time is over", async () => {
  await lan.lose("one", true);
  const started = performance.now();
  await until("the others to lose it", kernels, withoutOne);
  // The hold time is 90 s, and nobody's link went down.
  expect(performance.now() - started).toBeLessThan(30_000);
  await lan.lose("one", false);
  await until("all to be well again", verdicts, healthy);
  await until("all routes", kernels, all);
}, 240_000);

test("hosts keep their routes while the reflector is away", async () => {
  const seen = new Set<string>();
  let over = false;
  const watching = (async () => {
    while (!over) seen.add(JSON.stringify(await kernels()));
  })();
  // Without a word, as a machine goes: a daemon that is killed has its connections closed.
  await lan.lose("rr", true);
  const watched = async () => {
    const peers: { status: string }[] = JSON.parse(await frr.two.vtysh("show bfd peers json"));
    return peers.map(({ status }) => status);
  };
  await until("the host to notice", watched, ["down"]);
  // What it does by that it does at once: 200 looks take some seconds.
  for (let more = 0; more < 200; more += 1) seen.add(JSON.stringify(await kernels()));
  over = true;
  await watching;
  expect([...seen]).toEqual([JSON.stringify(all)]);
  await lan.lose("rr", false);
  await until("all to be well again", verdicts, healthy);
  await until("all routes", kernels, all);
}, 240_000);

test("a host whose bgpd was killed and started again has its session and its BFD again", async () => {
  await frr.one.kill("bgpd");
  await until("its route to go", kernels, withoutOne);
  await frr.one.start();
  await until("all to be well again", verdicts, healthy);
  await until("all routes", kernels, all);
}, 240_000);

test("a host that does not watch is named at both ends, with its session up", async () => {
  const commands = ["configure terminal", "router bgp 64511", `no neighbor ${address.rr} bfd`];
  await frr.one.vtysh(...commands);
  const blind = {
    ...healthy,
    "session/rr/frr/one": "fail: Established, BFD Down",
    "speaker/frr/one": `fail: ${address.rr}: ${address.rr} Established, BFD none (should be Up)`,
  };
  await until("the fault to be named", verdicts, blind);
  expect(await frrWrong(frr.one.asker, fileOf("one"))).toEqual([
    `neighbour ${address.rr} has AS 64511, TTL security instead of AS 64511, TTL security, BFD`,
  ]);
  await applyFrr(frr.one.asker, fileOf("one"));
  await until("all to be well again", verdicts, healthy);
  await frr.one.kill("bfdd");
  await until("a bfdd that is away to be named", verdicts, blind);
  await frr.one.start();
  await until("all to be well again", verdicts, healthy);
}, 240_000);

test("in a mesh of hosts with FRR and with BIRD, in several ASs, each watches the others", async () => {
  for (const name of hosts) {
    frr[name].write(plannedFrr(mesh, name));
    await applyFrr(frr[name].asker, renderFrrNode(plannedFrr(mesh, name)));
  }
  three.file = birdFile(mesh);
  await three.ask(["configure"]);
  await rr.kill();
  const own = async () => verdictsOf(mesh, {}, await speakers());
  await until("BFD at all ends", own, {
    "session/bird/three--frr/one": "pass: Established, AS 64602 and AS 64601",
    "session/bird/three--frr/two": "pass: Established, AS 64602 and AS 64601",
    "session/frr/one--frr/two": "pass: Established, AS 64601 and AS 64601",
    "speaker/bird/three": "pass: 2 Established, 2 routes taken",
    "speaker/frr/one": "pass: 2 Established, 2 routes taken",
    "speaker/frr/two": "pass: 2 Established, 2 routes taken",
  });
}, 240_000);
