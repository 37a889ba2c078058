import { makePlan, parseConfig } from "../../components/kinds/planning";
import { parseProtocols } from "../../components/reflector/bird/tables";
import type { RouterKind } from "../../components/reflector/contract";
import { readNeighbors } from "../../components/reflector/gobgp/state";
import { routerKinds } from "../../components/reflector/kinds";
import type { Network, SessionSide } from "../../plan/propagation/network";
import { askTable } from "../../verify/seen/reflectors";
import { birdConfig, routerIn } from "../helpers/bgp/configs";
import { Lane } from "../helpers/bgp/lane";
import { makeRoots, type Roots, removeRoots } from "../helpers/bgp/roots";
import type { Table } from "../helpers/bgp/tables";
import { attacks, honest, type Place, places, type Route, ranges } from "../helpers/rogue";
import { untilWithin } from "../helpers/until";

/*
 * A planned node goes bad, as a real GoBGP; the honest ones are BIRD 1.6, as Calico runs it, and a node of another COE says
 * what it has come to. Each attack is played against a reflector that accepts everything, which proves that it bites, and against
 * the file that is rendered for the plan.
 */
const asn = 64511;
const nodes = ["owner", "worker", "agent", "rogue"] as const;
const observer = "agent";
/** A block that the rogue may announce; announced last, it says that all before it has arrived. */
const last = "192.168.64.0/26";
let roots: Roots;
let lane: Lane;

beforeAll(async () => {
  roots = await makeRoots();
  lane = new Lane(roots, "r");
  await lane.up();
}, 120_000);

afterEach(() => lane.stop());

afterAll(async () => {
  await lane.down();
  removeRoots(roots);
});

/** The reflector and its nodes, as the lane starts them. */
function networkOf(kind: string): Network {
  const router = (id: Place, of: string) => ({
    asn,
    routerId: places[id],
    kind: of,
    links: [{ segment: "east", address: places[id] }],
  });
  const side = (id: Place, role: SessionSide["role"]): SessionSide => ({
    router: id,
    address: places[id],
    role,
  });
  return {
    segments: { east: ranges.nodes },
    routers: {
      rr: { ...router("rr", kind), clusterId: places.rr },
      owner: router("owner", "calico"),
      worker: router("worker", "calico"),
      agent: router("agent", "calico"),
      rogue: router("rogue", "gobgp"),
    },
    sessions: Object.fromEntries(
      nodes.map((id) => [`rr/${id}`, { a: side("rr", "reflector"), b: side(id, "client") }]),
    ),
    originations: [...honest],
  };
}

/** The file of the plan's reflector. */
function fileOf(
  kind: string,
  { render }: RouterKind,
  guards: object = {},
  more: object = {},
): string {
  const at = (...ids: readonly Place[]) =>
    Object.fromEntries(ids.map((id) => [id, { address: places[id] }]));
  const plan = makePlan(
    parseConfig({
      network: { supernet: "192.168.0.0/16", nodes: ranges.nodes, asn, ...guards },
      reflectors: { rr: { kind, address: places.rr } },
      coes: {
        kubernetes: {
          kind: "kubernetes",
          podCidr: ranges.kubernetes,
          serviceCidr: ranges.services,
          announceServices: true,
          ...more,
          policy: "open",
          access: { kubeconfig: "nowhere" },
          nodes: at("owner", "worker", "rogue"),
        },
        dcos: {
          kind: "dcos",
          podCidr: ranges.dcos,
          policy: "open",
          access: { url: "http://127.0.0.1:1", etcd: ["http://127.0.0.1:1"] },
          nodes: at("agent"),
        },
      },
    }),
  );
  const reflector = plan.reflectors.rr;
  if (reflector === undefined) throw new Error("no reflector in the plan");
  return render(plan, reflector);
}

/** What a node has, by prefix: to whom it sends, with which LOCAL_PREF. */
function routesIn(table: Table): Readonly<Record<string, Route>> {
  const ids = new Map<string, Place>([...nodes, "rr" as const].map((id) => [places[id], id]));
  return Object.fromEntries(
    Object.entries(table).flatMap(([prefix, text]) => {
      const [, nextHop = "", pref] = /^via (\S+) .*pref (\d+)$/.exec(text) ?? [];
      const id = ids.get(nextHop);
      return id === undefined ? [] : [[prefix, `${id} ${Number(pref)}`] as const];
    }),
  );
}

const until = untilWithin(100_000);

/** Plays all attacks at once and waits until the observer has what the table says, in all. */
async function play(network: Network, which: "open" | "fenced" | "strict"): Promise<void> {
  const up = async () => {
    // Its socket may not be there yet.
    const seen = lane.look(network, "rr").then(({ established }) => String(established));
    return seen.catch((error: Error) => error.message);
  };
  await until("all sessions", up, String(nodes.length));
  const add = (prefix: string, nextHop: string, attributes: readonly string[]) =>
    lane.gobgp(
      network,
      "rogue",
      "global",
      "rib",
      "add",
      prefix,
      ...[...["nexthop", nextHop, "origin", "igp"], ...attributes],
    );
  for (const { prefix, nextHop = places.rogue, attributes } of attacks)
    await add(prefix, nextHop, attributes);
  await add(last, places.rogue, []);
  const { kind } = routerIn(network, "rr");
  const expected = [
    ...attacks.map(({ prefix, open, fenced, strict = fenced, harmless = [] }) => {
      const bites = which === "open" && !harmless.includes(kind);
      const ours = which === "strict" ? strict : fenced;
      return `${prefix} ${bites ? open : ours}`;
    }),
    `${last} rogue 100`,
  ];
  const look = async () => {
    const routes = routesIn((await lane.look(network, observer)).table);
    const prefixes = [...attacks.map(({ prefix }) => prefix), last];
    return prefixes.map((prefix) => `${prefix} ${routes[prefix] ?? "none"}`).join("\n");
  };
  await until(`the routes of ${observer}`, look, expected.join("\n"));
}

/** How many prefixes the reflector says that it has of each node, and how many of them it has accepted. */
async function countsAt(network: Network, { tables }: RouterKind) {
  const say = async (args: readonly string[]): Promise<string> => {
    const { kind } = routerIn(network, "rr");
    if (kind === "gobgp") return lane.gobgp(network, "rr", "-j", ...args);
    if (kind === "bird") return lane.bird(network, "rr", args.join(" "));
    const commands = args.filter((word) => word !== "-c");
    const answers = [];
    for (const command of commands) answers.push(await lane.frr(network, "rr", command));
    return answers.join("\n");
  };
  const asking = async (args: readonly string[]) =>
    ({ ok: true, asked: args.join(" "), value: await say(args) }) as const;
  const answer = await askTable(tables.neighbours, asking, false);
  if (!answer.ok) throw new Error(answer.error);
  return Object.fromEntries(
    answer.value.map(({ address, received, accepted }) => [address, { received, accepted }]),
  );
}

describe.each(Object.entries(routerKinds))("a reflector of kind %s", (kind, router) => {
  test("that accepts everything is bent by every attack", async () => {
    await lane.start(networkOf(kind));
    await play(networkOf(kind), "open");
  }, 180_000);

  test("of the plan lets in of a rogue node what the table says, and nothing else", async () => {
    await lane.start(networkOf(kind), { rr: fileOf(kind, router) });
    await play(networkOf(kind), "fenced");
    const passed = attacks.filter(({ fenced }) => fenced !== "none").length;
    expect(await countsAt(networkOf(kind), router)).toEqual({
      [places.owner]: { received: 2, accepted: 2 },
      [places.worker]: { received: 1, accepted: 1 },
      [places.agent]: { received: 1, accepted: 1 },
      [places.rogue]: { received: attacks.length + 1, accepted: passed + 1 },
    });
  }, 180_000);
});

test.each(Object.entries(routerKinds))(
  "a reflector of kind %s takes no single address of a COE that announces none",
  async (kind, router) => {
    const strict = { strictAffinity: true, localServices: false };
    await lane.start(networkOf(kind), { rr: fileOf(kind, router, {}, strict) });
    await play(networkOf(kind), "strict");
  },
  180_000,
);

test.each(Object.entries(routerKinds))(
  "a reflector of kind %s has no session with who is beyond a router",
  async (kind, router) => {
    // GoBGP answers with a TTL of 255 unasked, so the rogue would be one of those on the segment.
    const { rogue: _, ...routers } = networkOf(kind).routers;
    const { "rr/rogue": __, ...sessions } = networkOf(kind).sessions;
    const network = { ...networkOf(kind), routers, sessions };
    // The packets of a speaker in a container, which pass its node, and of one on another network arrive with a lower TTL.
    const near = ["owner", "agent"];
    const guarded = (id: string) =>
      birdConfig(network, id, 1).replace("multihop;", "ttl security on;\nmultihop 1;");
    await lane.start(network, {
      rr: fileOf(kind, router, { ttlSecurity: true }),
      ...Object.fromEntries(near.map((id) => [id, guarded(id)])),
    });
    // Who is beyond may take its own end for established: it hears the reflector, which does not hear it.
    const seen = async () => {
      const { table, established } = await lane
        .look(network, "rr")
        .catch(() => ({ table: {}, established: 0 }));
      return `${established} sessions: ${Object.keys(table).sort().join(", ")}`;
    };
    const expected = "2 sessions: 10.96.0.0/16, 192.168.0.0/26, 192.168.128.0/26";
    await until("the sessions of those on the segment", seen, expected);
  },
  180_000,
);

/** The limit that a reflector's daemon says it has for a node. */
async function limitAt(network: Network, kind: string, { at }: { readonly at: string }) {
  switch (kind) {
    case "gobgp": {
      const ask = (args: readonly string[]) => lane.gobgp(network, "rr", "-j", ...args);
      return (await readNeighbors({ ask }))[at]?.limit;
    }
    case "frr": {
      // Its configuration is shown to vtysh alone; frr-reflector.test.ts reads that.
      const said = await lane.frr(network, "rr", `show bgp neighbors ${at} json`);
      const limit = /"prefixAllowedMax": *(\d+)/.exec(said)?.[1];
      return limit === undefined ? undefined : Number(limit);
    }
    default: {
      const said = await lane.bird(network, "rr", "show protocols all");
      return parseProtocols(said).find(({ address }) => address === at)?.limit;
    }
  }
}

describe.each(Object.entries(routerKinds))(
  "10,000 prefixes of one node, at a reflector of kind %s",
  (kind, router) => {
    /** In the range of its COE, each of a length that is accepted. */
    const flood = Array.from({ length: 10_000 }, (_, index) => ({
      router: "worker",
      prefix: `192.168.${64 + Math.floor(index / 256)}.${index % 256}/32`,
    }));
    const network: Network = { ...networkOf(kind), originations: [...honest, ...flood] };
    const taken = async () => {
      const { table } = await lane.look(network, "rr");
      return Object.keys(table).filter((prefix) => prefix.endsWith("/32")).length;
    };

    test("all are taken without a limit, and not more than the limit with one", async () => {
      await lane.start(network, { rr: fileOf(kind, router) });
      const at = { at: places.worker };
      const count = () => taken().then(String, (error: Error) => error.message);
      await until("all prefixes", count, String(flood.length));
      expect(await limitAt(network, kind, at)).toBeUndefined();
      await lane.stop();
      await lane.start(network, { rr: fileOf(kind, router, {}, { prefixLimit: 500 }) });
      // The others' blocks are there, and the flood has come: it was cut, or its session was ended.
      const state = async () => {
        const { table, established } = await lane
          .look(network, "rr")
          .catch(() => ({ table: {}, established: 0 }));
        const others = honest.filter(
          ({ router: from, prefix }) => from !== "worker" && prefix in table,
        );
        const floods = Object.keys(table).filter((prefix) => prefix.endsWith("/32")).length;
        const cut =
          kind === "bird" ? floods > 490 && floods <= 500 : floods === 0 && established === 3;
        return `${others.length} others, ${cut ? "cut" : `${floods} of the flood, ${established} sessions`}`;
      };
      await until("the limit", state, "3 others, cut");
      expect(await limitAt(network, kind, at)).toBe(500);
    }, 200_000);

    test("what is refused of some ends the session of nobody", async () => {
      /** In the range of another COE: two who stay under the limit, and are over it together. */
      const refused = ["owner", "worker"].flatMap((from, third) =>
        Array.from({ length: 300 }, (_, index) => ({
          router: from,
          prefix: `192.168.${128 + third * 2 + Math.floor(index / 256)}.${index % 256}/32`,
        })),
      );
      const network: Network = { ...networkOf(kind), originations: [...honest, ...refused] };
      const file = fileOf(kind, router, {}, { prefixLimit: 500 });
      const state = async () => {
        const seen = await lane.look(network, "rr").catch(() => ({ table: {}, established: 0 }));
        return `${Object.keys(seen.table).sort().join(", ")}, ${seen.established} sessions`;
      };
      const prefixes = honest.map(({ prefix }) => prefix).sort();
      if (kind === "frr") {
        // What it is about: FRR counts the refused ones of all neighbours for each, when it is to count them.
        await lane.start(network, { rr: file.replaceAll("maximum-prefix 500", "$& force") });
        const cut = async () => {
          const asked = lane.frr(network, "rr", "show bgp ipv4 unicast summary");
          return String((await asked.catch(() => "")).includes("PfxCt"));
        };
        await until("a session to end", cut, "true");
        await lane.stop();
      }
      await lane.start(network, { rr: file });
      await until("all sessions", state, `${prefixes.join(", ")}, ${nodes.length} sessions`);
      // Announced after all of it, it is taken as well.
      await lane.gobgp(network, "rogue", "global", "rib", "add", last, "nexthop", places.rogue);
      const more = [...prefixes, last].sort();
      await until("one more", state, `${more.join(", ")}, ${nodes.length} sessions`);
    }, 120_000);
  },
);
