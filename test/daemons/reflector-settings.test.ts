import { applyCalico } from "../../components/dcos/calico-etcd";
import { Calicoctl } from "../../components/dcos/calicoctl";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { gobgp } from "../../components/reflector/gobgp";
import { gobgpConfig } from "../../components/reflector/gobgp/config";
import { renderGobgp } from "../../components/reflector/gobgp/toml";
import { reload } from "../../components/reflector/reload";
import { calicoObjects, calicoPlan, inOrder } from "../../components/speakers/calico/objects";
import { calicoYaml } from "../../components/speakers/calico/render";
import { waitFor } from "../../util/wait";
import { CalicoNode, Lan } from "../helpers/bird-lan";
import { Etcd } from "../helpers/etcd";
import { untilWithin } from "../helpers/until";

const own = "172.16.18.1";
const addresses = { "agent-1": "172.16.18.11", "agent-2": "172.16.18.12" };
/** Of each node, one in each of the COE's ranges. */
const blocks: Readonly<Record<string, readonly string[]>> = {
  "agent-1": ["100.96.1.0/26", "192.168.1.0/26"],
  "agent-2": ["100.96.2.0/26", "192.168.2.0/26"],
};

const lan = new Lan();
const etcd = new Etcd();
const reflector = lan.reflector("rr");
const nodes = new Map<string, CalicoNode>();

beforeAll(async () => {
  await lan.up({ rr: own, ...addresses });
  await etcd.up();
  await new Calicoctl([etcd.endpoint]).apply(
    Object.entries(addresses).map(([name, address]) => ({
      apiVersion: "projectcalico.org/v3",
      kind: "Node",
      metadata: { name },
      spec: { bgp: { ipv4Address: `${address}/24` } },
    })),
  );
  for (const [name, own] of Object.entries(blocks)) {
    for (const block of own) {
      await etcd.confirm(name, block);
    }
    nodes.set(name, new CalicoNode(lan, name, etcd.endpoint));
  }
}, 300_000);

afterAll(async () => {
  await lan.down();
  await etcd.down();
});

/** A plan, and the reflector's file. */
function planned(passive: boolean) {
  const plan = makePlan(
    parseConfig({
      network: { nodes: "172.16.18.0/24", asn: 64511 },
      reflectors: {
        rr: { kind: "gobgp", address: own, clusterId: "10.9.9.9", port: 1790, passive },
      },
      coes: {
        dcos: {
          kind: "dcos",
          podCidr: ["192.168.0.0/18", "100.96.0.0/16"],
          policy: "open",
          access: { url: "http://127.0.0.1:1", etcd: [etcd.endpoint] },
          nodes: Object.fromEntries(
            Object.entries(addresses).map(([name, address]) => [name, { address }]),
          ),
        },
      },
    }),
  );
  const found = plan.reflectors.rr;
  if (found === undefined) throw new Error("no rr in the plan");
  return { plan, file: renderGobgp(gobgpConfig(plan, found)) };
}

const sessions = async () => Object.values(await gobgp.neighbors(reflector));
const neighbour = { asn: 64511, clusterId: "10.9.9.9" } as const;
const session = { ...neighbour, established: true } as const;
const passive = { ...neighbour, passive: true, established: true } as const;
const until = untilWithin(30_000);

test("Calico's BIRD finds a reflector at a port of its own, and gets routes of every range by its cluster-id", async () => {
  // It asks nobody, so that the sessions are those that the nodes ask for at its port.
  const { plan, file } = planned(true);
  await reflector.write(file);
  await reflector.start();
  await applyCalico(
    {
      etcdEndpoints: [etcd.endpoint],
      objects: calicoYaml(inOrder(calicoObjects(calicoPlan(plan, "dcos")))),
    },
    undefined,
    { say: () => undefined, timeoutMs: 20_000 },
  );
  await Promise.all([...nodes.values()].map((node) => node.configure()));
  for (const [name, mine] of Object.entries(blocks)) {
    const expected = Object.entries(addresses)
      .flatMap(([from, address]) =>
        (blocks[from] ?? []).map((block): [string, string] => [
          block,
          mine.includes(block) ? "blackhole" : address,
        ]),
      )
      .sort();
    const what = `${name} to have routes of both ranges`;
    await waitFor({ what, timeoutMs: 120_000, intervalMs: 300 }, async () => {
      const seen = Object.entries(await lan.routes(name)).sort();
      return JSON.stringify(seen) === JSON.stringify(expected)
        ? { done: true, value: undefined }
        : { done: false, seen: JSON.stringify(seen) };
    });
  }
  const routes = await nodes.get("agent-2")?.ask("show", "route", "all", "192.168.1.0/26");
  expect(routes).toContain("BGP.cluster_list: 10.9.9.9");
}, 300_000);

test("a reflector that waits for its nodes has all sessions soon after each start", async () => {
  for (let start = 0; start < 5; start++) {
    await reflector.restart();
    await until("the sessions", sessions, [passive, passive]);
  }
}, 180_000);

test("sessions are reset one at a time when it is to wait for its nodes, and come back", async () => {
  const said: string[] = [];
  const options = { say: (line: string) => void said.push(line) };
  await reload(reflector, planned(false).file, options);
  await until("the sessions", sessions, [session, session]);
  reflector.signals.splice(0);
  await reload(reflector, planned(true).file, options);
  expect(await sessions()).toEqual([passive, passive]);
  expect([reflector.signals, said]).toEqual([Array(5).fill("hangUp"), []]);
}, 120_000);
