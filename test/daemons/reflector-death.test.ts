import { type ChildProcess, spawn } from "node:child_process";
import { applyCalico } from "../../components/dcos/calico-etcd";
import { meshIn } from "../../components/dcos/calico-mesh";
import { Calicoctl } from "../../components/dcos/calicoctl";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { gobgp } from "../../components/reflector/gobgp";
import { calicoObjects, calicoPlan, inOrder } from "../../components/speakers/calico/objects";
import { calicoYaml } from "../../components/speakers/calico/render";
import type { Plan } from "../../plan";
import { execOrThrow } from "../../util/exec";
import { CalicoNode, Lan } from "../helpers/bird-lan";
import { end } from "../helpers/end";
import { Etcd } from "../helpers/etcd";
import type { Speaker } from "../helpers/gobgp";
import { type Loss, Packets, packetsBetween } from "../helpers/packets";
import { untilWithin } from "../helpers/until";

/*
 * What the death of a reflector costs packets between nodes as Calico has them: BIRD with what Calico's own confd makes of the
 * plan's objects. Reflectors are GoBGP with the plan's file; that of the plan with one reflector is a plan of its own.
 */
const reflectors = { "rr-1": "172.16.18.1", "rr-2": "172.16.18.2" } as const;
type Reflector = keyof typeof reflectors;
const addresses = { a: "172.16.18.11", b: "172.16.18.12" } as const;
const blocks = { a: "192.168.0.0/26", b: "192.168.0.64/26" } as const;
const containers = { a: "192.168.0.1", b: "192.168.0.65" } as const;
const lan = new Lan();
const etcd = new Etcd();
const speakers: Record<Reflector, Speaker> = {
  "rr-1": lan.reflector("rr-1"),
  "rr-2": lan.reflector("rr-2"),
};
const nodes: CalicoNode[] = [];
const children: ChildProcess[] = [];
const until = untilWithin(100_000);
/** A hold timer that ends within the test; the default is 90 s. */
const holdTime = 9;

function planOf(used: readonly Reflector[]): Plan {
  return makePlan(
    parseConfig({
      network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511, holdTime },
      reflectors: Object.fromEntries(
        used.map((name) => [name, { kind: "gobgp", address: reflectors[name] }]),
      ),
      coes: {
        one: {
          kind: "dcos",
          podCidr: "192.168.0.0/17",
          policy: "open",
          access: { url: "http://127.0.0.1:1", etcd: [etcd.endpoint] },
          nodes: { a: { address: addresses.a }, b: { address: addresses.b } },
        },
      },
    }),
  );
}

/** How many sessions a reflector has. */
const sessions = async (name: Reflector) =>
  Object.values(await gobgp.neighbors(speakers[name])).filter(({ established }) => established)
    .length;

/** Brings the reflectors that are used, and the nodes, to a plan of them. */
async function apply(...used: readonly Reflector[]): Promise<void> {
  const plan = planOf(used);
  for (const own of Object.values(plan.reflectors)) {
    const speaker = speakers[own.name === "rr-1" ? "rr-1" : "rr-2"];
    await speaker.write(gobgp.render(plan, own));
    await speaker.restart();
  }
  const etcdEndpoints = [etcd.endpoint];
  const objects = calicoYaml(inOrder(calicoObjects(calicoPlan(plan, "one"))));
  await applyCalico({ etcdEndpoints, objects }, undefined, {
    ...{ say: () => undefined, timeoutMs: 20_000 },
  });
  const mesh = meshIn(new Calicoctl(etcdEndpoints));
  if (await mesh.isOn()) await mesh.end();
  for (const node of nodes) await node.configure();
  for (const name of used) await until(`the sessions of ${name}`, () => sessions(name), 2);
  const routes = { [blocks.a]: "blackhole", [blocks.b]: addresses.b };
  await until("the routes of a", () => lan.routes("a"), routes);
}

/** What is lost between the containers of two nodes while something happens. */
async function lostDuring(happens: () => Promise<void>): Promise<Loss> {
  const { asking, answering } = packetsBetween(containers.a, containers.b);
  const start = (host: string, [program = "", ...args]: readonly string[]) => {
    const inside = [`--net=/run/netns/${lan.spaceOf(host)}`, program, ...args];
    const child = spawn("nsenter", inside, { stdio: ["ignore", "pipe", "ignore"] });
    children.push(child);
    return child;
  };
  const running = [start("b", answering), start("a", asking)];
  try {
    const [, asks] = running;
    if (asks === undefined) throw new Error("nobody sends packets");
    const packets = new Packets(asks);
    await packets.answered();
    const first = packets.sent;
    await happens();
    await until("packets after that", async () => packets.sent > first + 200, true);
    return packets.since(first);
  } finally {
    for (const child of running) await end(child);
  }
}

/** How many of a node's sessions are up, by the word of its BIRD. */
const up = async (node: CalicoNode | undefined) =>
  [...((await node?.ask("show", "protocols")) ?? "").matchAll(/^Global_.*Established/gm)].length;

beforeAll(async () => {
  await etcd.up();
  await lan.up({ ...reflectors, ...addresses });
  const calicoctl = new Calicoctl([etcd.endpoint]);
  for (const name of ["a", "b"] as const) {
    const metadata = { name };
    const spec = { bgp: { ipv4Address: `${addresses[name]}/24` } };
    await calicoctl.apply([{ apiVersion: "projectcalico.org/v3", kind: "Node", metadata, spec }]);
    await etcd.confirm(name, blocks[name]);
    const container = ["address", "add", `${containers[name]}/32`, "dev", "lo"];
    await execOrThrow(["ip", "-n", lan.spaceOf(name), ...container]);
    nodes.push(new CalicoNode(lan, name, etcd.endpoint));
  }
}, 120_000);

afterAll(async () => {
  for (const child of children) await end(child);
  await lan.down();
  await etcd.down();
});

test("one of two reflectors dies, and comes back: no packet is lost", async () => {
  await apply("rr-1", "rr-2");
  const loss = await lostDuring(async () => {
    await speakers["rr-1"].stop();
    await until("the sessions of a", () => up(nodes[0]), 1);
    await speakers["rr-1"].start();
    await until("the sessions of rr-1", () => sessions("rr-1"), 2);
  });
  expect(loss).toEqual({ sent: expect.any(Number), lost: 0, gap: 0 });
}, 240_000);

test("one of two reflectors is gone without a word until its hold timers end: no packet is lost", async () => {
  const loss = await lostDuring(async () => {
    await lan.lose("rr-2", true);
    await until("the sessions of a", () => up(nodes[0]), 1);
    await lan.lose("rr-2", false);
    await until("the sessions of rr-2", () => sessions("rr-2"), 2);
  });
  expect(loss).toEqual({ sent: expect.any(Number), lost: 0, gap: 0 });
  expect(loss.sent).toBeGreaterThan(300);
}, 240_000);

test("the only reflector dies, and comes back: no packet is lost", async () => {
  await speakers["rr-2"].stop();
  await apply("rr-1");
  const loss = await lostDuring(async () => {
    await speakers["rr-1"].stop();
    await until("the sessions of a", () => up(nodes[0]), 0);
    await speakers["rr-1"].start();
    await until("the sessions of rr-1", () => sessions("rr-1"), 2);
  });
  expect(loss).toEqual({ sent: expect.any(Number), lost: 0, gap: 0 });
}, 240_000);
