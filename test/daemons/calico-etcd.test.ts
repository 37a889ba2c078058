import {
  applyCalico,
  type CalicoEtcdResult,
  deleteCalico,
  readBack,
} from "../../components/dcos/calico-etcd";
import { endMesh, meshIn } from "../../components/dcos/calico-mesh";
import { Calicoctl, readObjects, refOf } from "../../components/dcos/calicoctl";
import type { Askable } from "../../components/reflector/contract";
import { gobgp } from "../../components/reflector/gobgp";
import { calicoPlan } from "../../components/speakers/calico/objects";
import { renderCalicoV3 } from "../../components/speakers/calico/render";
import { dcosPlan, kubernetesBeside } from "../helpers/dcos-plan";
import { Etcd } from "../helpers/etcd";
import { freePort } from "../helpers/ports";

const etcd = new Etcd();
let endpoint = "";
const said: string[] = [];
const options = { timeoutMs: 20_000, say: (message: string) => said.push(message) };

function input(changes: object = {}, asn = 64511) {
  const plan = calicoPlan(dcosPlan(changes, { asn }), "dcos");
  return { etcdEndpoints: [endpoint], objects: renderCalicoV3(plan) };
}

const all = [
  "IPPool/192-168-128-0-17",
  "GlobalNetworkPolicy/allow-all",
  "Profile/calico-open",
  "BGPPeer/172-16-18-32",
  "BGPConfiguration/default",
];

/** What an earlier run of a stack that was there first printed. */
function ran(objects: string[], created = objects): CalicoEtcdResult {
  return { objects, created, before: [], mesh: "on" };
}

beforeAll(async () => {
  await etcd.up();
  endpoint = etcd.endpoint;
});

afterAll(() => etcd.down(), 30_000);

beforeEach(() => said.splice(0));

test("applies all objects in order, and knows which it made", async () => {
  expect(await applyCalico(input(), undefined, options)).toEqual(ran(all));
  expect(said).toEqual([`applying ${all.join(", ")}`]);
  const pool = await new Calicoctl([endpoint]).get("IPPool/192-168-128-0-17");
  expect(pool?.spec).toMatchObject({ cidr: "192.168.128.0/17", blockSize: 26, ipipMode: "Never" });
});

test("writes nothing when everything is as asked", async () => {
  const calicoctl = new Calicoctl([endpoint]);
  const before = await calicoctl.get("BGPConfiguration/default");
  const previous = ran(all);
  expect(await applyCalico(input(), previous, options)).toEqual(previous);
  expect(said).toEqual([]);
  expect(await calicoctl.get("BGPConfiguration/default")).toEqual(before);
});

test("reads back and says what differs", async () => {
  const calicoctl = new Calicoctl([endpoint]);
  const asked = readObjects(input().objects);
  await calicoctl.apply(readObjects(input({}, 64512).objects).slice(-1));
  await calicoctl.delete("BGPPeer/172-16-18-32");
  await expect(readBack(calicoctl, asked)).rejects.toThrow(
    new Error(
      "Calico's datastore does not hold what was applied:\nBGPPeer/172-16-18-32: asked for, not found\nBGPConfiguration/default spec.asNumber: asked 64511, found 64512",
    ),
  );
});

test("puts back what was changed by hand, and nothing else", async () => {
  await applyCalico(input(), ran(all), options);
  expect(said).toEqual(["applying BGPPeer/172-16-18-32, BGPConfiguration/default"]);
});

test("makes the pool of a new range before it removes the old one", async () => {
  const result = await applyCalico(input({ podCidr: "192.168.0.0/18" }), ran(all), options);
  expect(result.created).toEqual(["IPPool/192-168-0-0-18", ...all.slice(1)]);
  expect(said).toEqual(["applying IPPool/192-168-0-0-18", "removing IPPool/192-168-128-0-17"]);
});

test("removes the old pool first when the new one overlaps it", async () => {
  const created = ["IPPool/192-168-0-0-18", ...all.slice(1)];
  const wider = input({ podCidr: "192.168.0.0/17" });
  const result = await applyCalico(wider, ran(created), options);
  expect(result.created).toEqual(["IPPool/192-168-0-0-17", ...all.slice(1)]);
  expect(said).toEqual([
    "applying IPPool/192-168-0-0-17",
    "removing IPPool/192-168-0-0-18, whose range overlaps the new one",
  ]);
});

test("says why an object was refused", async () => {
  const other = input({ podCidr: "192.168.0.0/17", blockSize: 27 });
  await expect(applyCalico(other, undefined, options)).rejects.toThrow(
    /^calicoctl apply IPPool\/192-168-0-0-17 \(datastore http:\/\/127\.0\.0\.1:\d+\): .*IPPool BlockSize cannot be modified/,
  );
});

test("leaves alone what was there before", async () => {
  const created = ["IPPool/192-168-0-0-17", "BGPPeer/172-16-18-32"];
  const now = input({ podCidr: "192.168.0.0/17" });
  await deleteCalico(now, ran(["IPPool/192-168-0-0-17", ...all.slice(1)], created), options);
  expect(said).toEqual([
    "removing BGPPeer/172-16-18-32",
    "removing IPPool/192-168-0-0-17",
    "read back: 2 objects are gone, 0 are as they were found",
  ]);
  const calicoctl = new Calicoctl([endpoint]);
  expect(await calicoctl.get("IPPool/192-168-0-0-17")).toBeUndefined();
  expect(await calicoctl.get("BGPConfiguration/default")).toBeDefined();
});

test("adopts a pool by its name, of an older Calico at that, and leaves it when it goes", async () => {
  await etcd.put(
    "/calico/resources/v3/projectcalico.org/clusterinformations/default",
    JSON.stringify({
      kind: "ClusterInformation",
      apiVersion: "projectcalico.org/v3",
      metadata: { name: "default", uid: "9978f840-efda-937e-baba-5b9d2ccda945" },
      spec: { clusterGUID: "x", calicoVersion: "v3.14.0", datastoreReady: true },
    }),
  );
  const calicoctl = new Calicoctl([endpoint]);
  const own = { name: "default-ipv4-ippool" };
  const spec = { cidr: "172.29.0.0/16", ipipMode: "Always", natOutgoing: true };
  const pool = { apiVersion: "projectcalico.org/v3", kind: "IPPool", metadata: own, spec };
  await calicoctl.apply([pool]);
  const adopting = input({ podCidr: "172.29.0.0/16", pool: "default-ipv4-ippool" });
  const result = await applyCalico(adopting, undefined, options);
  expect(result.created).not.toContain("IPPool/default-ipv4-ippool");
  expect((await calicoctl.get("IPPool/default-ipv4-ippool"))?.spec).toMatchObject({
    cidr: "172.29.0.0/16",
    ipipMode: "Never",
  });
  await deleteCalico(adopting, result, options);
  expect(said.at(-1)).toBe(
    `read back: ${result.created.length} objects are gone, ${result.before.length} are as they were found`,
  );
  expect((await calicoctl.get("IPPool/default-ipv4-ippool"))?.spec).toMatchObject(spec);
});

test("ranges of services that are announced stay announced, and are given back alone", async () => {
  const calicoctl = new Calicoctl([endpoint]);
  const theirs = [{ cidr: "10.50.0.0/24" }];
  const metadata = { name: "default" };
  const spec = { asNumber: 64512, serviceExternalIPs: theirs, serviceLoadBalancerIPs: theirs };
  const kind = "BGPConfiguration";
  await calicoctl.apply([{ apiVersion: "projectcalico.org/v3", kind, metadata, spec }]);
  // DC/OS announces the addresses of its load balancers otherwise.
  const balancers = { loadBalancerCidr: "10.97.0.0/24", loadBalancerPool: false };
  const coes = { kubernetes: { ...kubernetesBeside, ...balancers } };
  const objects = renderCalicoV3(calicoPlan(dcosPlan({}, { coes }), "kubernetes"));
  const announcing = { ...input(), objects };
  const result = await applyCalico(announcing, undefined, options);
  expect((await calicoctl.get("BGPConfiguration/default"))?.spec).toMatchObject({
    serviceExternalIPs: theirs,
    serviceLoadBalancerIPs: [...theirs, { cidr: "10.97.0.0/24" }],
  });
  said.length = 0;
  await applyCalico(announcing, result, options);
  expect(said).toEqual([]);
  await deleteCalico(announcing, result, options);
  expect((await calicoctl.get("BGPConfiguration/default"))?.spec).toMatchObject(spec);
});

/** A reflector that has a session with one node, and after some questions with both. */
function reflector(until: number): Askable {
  let asked = 0;
  return {
    kind: gobgp,
    async ask() {
      const up = asked++ < until ? [nodes["agent-1"]] : Object.values(nodes);
      return JSON.stringify(
        up.map((address) => ({
          conf: { neighbor_address: address, peer_asn: 64511 },
          state: { session_state: 6 },
        })),
      );
    },
  };
}
const nodes = { "agent-1": "172.16.18.43", "agent-2": "172.16.18.44" };

test("a network of its own keeps its mesh until all sessions are there, and gets everything back", async () => {
  const calicoctl = new Calicoctl([endpoint]);
  for (const ref of [...all, "IPPool/192-168-0-0-17"]) await calicoctl.delete(ref);
  const own = {
    apiVersion: "projectcalico.org/v3",
    kind: "BGPConfiguration",
    metadata: { name: "default" },
    spec: { asNumber: 64500, logSeverityScreen: "Debug", nodeToNodeMeshEnabled: true },
  };
  const pool = {
    apiVersion: "projectcalico.org/v3",
    kind: "IPPool",
    metadata: { name: "192-168-128-0-17" },
    spec: {
      cidr: "192.168.128.0/17",
      blockSize: 26,
      ipipMode: "Always",
      natOutgoing: true,
      nodeSelector: "rack == '0'",
    },
  };
  await calicoctl.apply([own, pool]);
  const specs = () =>
    Promise.all([own, pool].map(async (one) => (await calicoctl.get(refOf(one)))?.spec));
  const before = await specs();

  const result = await applyCalico(input(), undefined, options);
  expect(result.mesh).toBe("on");
  expect((await calicoctl.get("BGPConfiguration/default"))?.spec).toEqual({
    asNumber: 64511,
    logSeverityScreen: "Debug",
    nodeToNodeMeshEnabled: true,
  });
  const mesh = meshIn(calicoctl);
  const one = { rr: reflector(Number.POSITIVE_INFINITY) };
  await expect(endMesh(mesh, nodes, one, {}, { ...options, timeoutMs: 0 })).rejects.toThrow(
    "gave up after 0 s waiting for the sessions of all nodes, before the mesh goes off: not established: agent-2 with rr",
  );
  expect(await mesh.isOn()).toBe(true);
  await endMesh(mesh, nodes, { rr: reflector(1) }, {}, options);
  expect(await mesh.isOn()).toBe(false);

  // A later run leaves it off, and knows still what was there before.
  const later = await applyCalico(input(), result, options);
  expect(later).toEqual({ ...result, mesh: "off" });
  await deleteCalico(input(), later, options);
  expect(await specs()).toEqual(before);
  expect(await calicoctl.get("BGPPeer/172-16-18-32")).toBeUndefined();
});

test("gives up on a datastore that does not answer, and on removal only says so", async () => {
  const gone = { ...input(), etcdEndpoints: [`http://127.0.0.1:${await freePort()}`] };
  await expect(applyCalico(gone, undefined, { ...options, timeoutMs: 100 })).rejects.toThrow(
    /^gave up after 0 s waiting for Calico's datastore: calicoctl get ippools /,
  );
  await deleteCalico(gone, ran(all), { ...options, timeoutMs: 100 });
  expect(said.at(-1)).toMatch(
    /^left as they are, if they are still there: BGPConfiguration\/default, /,
  );
});
