import { calicoObjects, inOrder } from "../../components/calico/objects";
import { calicoYaml } from "../../components/calico/render";
import type { CalicoPlan } from "../../components/calico/types";
import { applyCalico, deleteCalico, readBack } from "../../components/dcos/calico-etcd";
import { Calicoctl, readObjects } from "../../components/dcos/calicoctl";
import { Etcd } from "../helpers/etcd";
import { freePort } from "./dcos/ports";

const etcd = new Etcd();
let endpoint = "";
const said: string[] = [];
const options = { timeoutMs: 20_000, say: (message: string) => said.push(message) };

const plan: CalicoPlan = {
  podCidr: "192.168.128.0/17",
  blockSize: 26,
  asn: 64511,
  reflectors: { reflector: { address: "172.16.18.32", asn: 64511 } },
  announced: {},
  natOutgoing: false,
  foreign: { kubernetes: ["192.168.0.0/17"] },
  policy: { mode: "open", sources: {} },
};

function input(changes: Partial<CalicoPlan> = {}) {
  const objects = calicoYaml(inOrder(calicoObjects({ ...plan, ...changes })));
  return { etcdEndpoints: [endpoint], objects };
}

const all = [
  "IPPool/192-168-128-0-17",
  "GlobalNetworkPolicy/allow-all",
  "Profile/calico-open",
  "BGPPeer/172-16-18-32",
  "BGPConfiguration/default",
];

beforeAll(async () => {
  await etcd.up();
  endpoint = etcd.endpoint;
}, 30_000);

afterAll(() => etcd.down());

beforeEach(() => said.splice(0));

test("applies all objects in order, and knows which it made", async () => {
  expect(await applyCalico(input(), undefined, options)).toEqual({ objects: all, created: all });
  expect(said).toEqual([`applying ${all.join(", ")}`]);
  const pool = await new Calicoctl([endpoint]).get("IPPool/192-168-128-0-17");
  expect(pool?.spec).toMatchObject({ cidr: "192.168.128.0/17", blockSize: 26, ipipMode: "Never" });
}, 30_000);

test("writes nothing when everything is as asked", async () => {
  const calicoctl = new Calicoctl([endpoint]);
  const before = await calicoctl.get("BGPConfiguration/default");
  const previous = { objects: all, created: all };
  expect(await applyCalico(input(), previous, options)).toEqual(previous);
  expect(said).toEqual([]);
  expect(await calicoctl.get("BGPConfiguration/default")).toEqual(before);
}, 30_000);

test("reads back and says what differs", async () => {
  const calicoctl = new Calicoctl([endpoint]);
  const asked = readObjects(input().objects);
  await calicoctl.apply(readObjects(input({ asn: 64512 }).objects).slice(-1));
  await calicoctl.delete("BGPPeer/172-16-18-32");
  await expect(readBack(calicoctl, asked)).rejects.toThrow(
    new Error(
      "Calico's datastore does not hold what was applied:\nBGPPeer/172-16-18-32: asked for, not found\nBGPConfiguration/default spec.asNumber: asked 64511, found 64512",
    ),
  );
}, 30_000);

test("puts back what was changed by hand, and nothing else", async () => {
  await applyCalico(input(), { objects: all, created: all }, options);
  expect(said).toEqual(["applying BGPPeer/172-16-18-32, BGPConfiguration/default"]);
}, 30_000);

test("makes the pool of a new range before it removes the old one", async () => {
  const result = await applyCalico(
    input({ podCidr: "192.168.0.0/18" }),
    { objects: all, created: all },
    options,
  );
  expect(result.created).toEqual(["IPPool/192-168-0-0-18", ...all.slice(1)]);
  expect(said).toEqual(["applying IPPool/192-168-0-0-18", "removing IPPool/192-168-128-0-17"]);
}, 30_000);

test("removes the old pool first when the new one overlaps it", async () => {
  const created = ["IPPool/192-168-0-0-18", ...all.slice(1)];
  const wider = input({ podCidr: "192.168.0.0/17" });
  const result = await applyCalico(wider, { objects: created, created }, options);
  expect(result.created).toEqual(["IPPool/192-168-0-0-17", ...all.slice(1)]);
  expect(said).toEqual([
    "applying IPPool/192-168-0-0-17",
    "removing IPPool/192-168-0-0-18, whose range overlaps the new one",
  ]);
}, 30_000);

test("says why an object was refused", async () => {
  const other = input({ podCidr: "192.168.0.0/17", blockSize: 27 });
  await expect(applyCalico(other, undefined, options)).rejects.toThrow(
    /^calicoctl apply IPPool\/192-168-0-0-17 \(datastore http:\/\/127\.0\.0\.1:\d+\): .*IPPool BlockSize cannot be modified/,
  );
}, 30_000);

test("leaves alone what was there before", async () => {
  const created = ["IPPool/192-168-0-0-17", "BGPPeer/172-16-18-32"];
  const now = input({ podCidr: "192.168.0.0/17" });
  await deleteCalico(now, { objects: all, created }, options);
  expect(said).toEqual(["removing BGPPeer/172-16-18-32", "removing IPPool/192-168-0-0-17"]);
  const calicoctl = new Calicoctl([endpoint]);
  expect(await calicoctl.get("IPPool/192-168-0-0-17")).toBeUndefined();
  expect(await calicoctl.get("BGPConfiguration/default")).toBeDefined();
}, 30_000);

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
  const adopting = input({ podCidr: "172.29.0.0/16", adoptedPool: "default-ipv4-ippool" });
  const result = await applyCalico(adopting, undefined, options);
  expect(result.created).not.toContain("IPPool/default-ipv4-ippool");
  expect((await calicoctl.get("IPPool/default-ipv4-ippool"))?.spec).toMatchObject({
    cidr: "172.29.0.0/16",
    ipipMode: "Never",
  });
  await deleteCalico(adopting, result, options);
  expect(await calicoctl.get("IPPool/default-ipv4-ippool")).toBeDefined();
}, 60_000);

test("gives up on a datastore that does not answer, and on removal only says so", async () => {
  const gone = { ...input(), etcdEndpoints: [`http://127.0.0.1:${await freePort()}`] };
  await expect(applyCalico(gone, undefined, { ...options, timeoutMs: 100 })).rejects.toThrow(
    /^gave up after 0 s waiting for Calico's datastore: calicoctl get ippools /,
  );
  await deleteCalico(gone, { objects: all, created: all }, { ...options, timeoutMs: 100 });
  expect(said.at(-1)).toMatch(
    /^left as they are, if they are still there: BGPConfiguration\/default, /,
  );
}, 60_000);
