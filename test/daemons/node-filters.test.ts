import { applyCalico } from "../../components/dcos/calico-etcd";
import { meshIn } from "../../components/dcos/calico-mesh";
import { Calicoctl } from "../../components/dcos/calicoctl";
import { readCalico } from "../../components/dcos/inspect/read";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { gobgp } from "../../components/reflector/gobgp";
import { objectFaults } from "../../components/speakers/calico/faults";
import { calicoObjects, calicoPlan, inOrder } from "../../components/speakers/calico/objects";
import { calicoYaml } from "../../components/speakers/calico/render";
import type { Plan } from "../../plan";
import { CalicoNode, Lan } from "../helpers/bird-lan";
import { Etcd } from "../helpers/etcd";
import { untilWithin } from "../helpers/until";

/*
 * A reflector that is broken, or somebody in its place, sends whatever it likes. The nodes are BIRD with what Calico's own
 * confd makes of the plan's objects; the reflector is GoBGP with the plan's file.
 */
const rr = "172.16.18.1";
const addresses = { a: "172.16.18.11", b: "172.16.18.12" } as const;
const blocks = { a: "192.168.0.0/26", b: "192.168.0.64/26" } as const;
const lan = new Lan();
const etcd = new Etcd();
const reflector = lan.reflector("rr");
const nodes: CalicoNode[] = [];
const options = { say: () => undefined, timeoutMs: 20_000 };

/** What the reflector sends beside the nodes' blocks. */
const spoofed = ["0.0.0.0/0", "172.16.18.128/25", "10.20.0.0/16", "192.168.64.0/20"];
/** What it might pass on of another node. */
const fair = "192.168.64.0/26";

function planOf(guards: object): Plan {
  return makePlan(
    parseConfig({
      network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511, ...guards },
      reflectors: { rr: { kind: "gobgp", address: rr } },
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

/** Brings the reflector and the nodes to a plan. */
async function apply(plan: Plan): Promise<void> {
  const own = plan.reflectors.rr;
  if (own === undefined) throw new Error("no reflector in the plan");
  // It takes what is not its nodes', too, and so what is planted in it.
  const file = gobgp.render(plan, own);
  const rest = (policy: string) => `default-import-policy = "${policy}"`;
  await reflector.write(file.replace(rest("reject-route"), rest("accept-route")));
  await reflector.restart();
  const etcdEndpoints = [etcd.endpoint];
  const objects = calicoYaml(inOrder(calicoObjects(calicoPlan(plan, "one"))));
  await applyCalico({ etcdEndpoints, objects }, undefined, options);
  const mesh = meshIn(new Calicoctl(etcdEndpoints));
  if (await mesh.isOn()) await mesh.end();
  for (const node of nodes) await node.configure();
  for (const prefix of [...spoofed, fair])
    await reflector.ask(["global", "rib", "add", prefix, "nexthop", rr]);
}

const until = untilWithin(100_000);
const routesOf = (host: "a" | "b", expected: Readonly<Record<string, string>>) =>
  until(`the routes of ${host}`, () => lan.routes(host), expected);

beforeAll(async () => {
  await etcd.up();
  await lan.up({ rr, ...addresses });
  const calicoctl = new Calicoctl([etcd.endpoint]);
  for (const name of ["a", "b"] as const) {
    const metadata = { name };
    const spec = { bgp: { ipv4Address: `${addresses[name]}/24` } };
    await calicoctl.apply([{ apiVersion: "projectcalico.org/v3", kind: "Node", metadata, spec }]);
    await etcd.confirm(name, blocks[name]);
    nodes.push(new CalicoNode(lan, name, etcd.endpoint));
  }
}, 120_000);

afterAll(async () => {
  await lan.down();
  await etcd.down();
});

test("without filters a node takes whatever a reflector sends, over a session with TTL security", async () => {
  await apply(planOf({ ttlSecurity: true }));
  const sent = [...spoofed, fair].map((prefix) => [prefix.replace("0.0.0.0/0", "default"), rr]);
  const own = [
    [blocks.a, "blackhole"],
    [blocks.b, addresses.b],
  ];
  await routesOf("a", Object.fromEntries([...sent, ...own].sort()));
}, 120_000);

test("with filters it takes what the plan names", async () => {
  await apply(planOf({ nodeFilters: true, ttlSecurity: true }));
  await routesOf("a", { [blocks.a]: "blackhole", [blocks.b]: addresses.b, [fair]: rr });
  const neighbours = await gobgp.neighbors(reflector);
  expect(Object.values(neighbours)).toEqual([
    { asn: 64511, clusterId: rr, ttlSecurity: true, established: true },
    { asn: 64511, clusterId: rr, ttlSecurity: true, established: true },
  ]);
}, 120_000);

test("a peer that does not name its filter is told, and nodes take everything again", async () => {
  const plan = planOf({ nodeFilters: true, ttlSecurity: true });
  const { one: coe } = plan.coes;
  if (coe === undefined) throw new Error("no COE in the plan");
  const calicoctl = new Calicoctl([etcd.endpoint]);
  const found = async () => {
    const state = await readCalico(calicoctl, 5_000);
    const own = { coe, plan: calicoPlan(plan, "one"), state, findings: [], putBack: "put back" };
    return objectFaults(own);
  };
  expect(await found()).toEqual([]);
  await calicoctl.patch("BGPPeer/172-16-18-1", { spec: { filters: null } });
  for (const node of nodes) await node.configure();
  const sent = [...spoofed, fair].map((prefix) => [prefix.replace("0.0.0.0/0", "default"), rr]);
  const own = [
    [blocks.a, "blackhole"],
    [blocks.b, addresses.b],
  ];
  await routesOf("a", Object.fromEntries([...sent, ...own].sort()));
  expect(await found()).toEqual([
    {
      ...{ group: "peers", object: "BGPPeer 172-16-18-1", filters: "idle", remedy: "put back" },
      ...{ found: "filters none", expected: "filters seamless-accepted" },
      effect:
        "BGPFilter seamless-accepted is not in force: nodes take whatever this session sends them",
    },
  ]);
}, 120_000);
