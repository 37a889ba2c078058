import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  applyCalicoV1,
  calicoEtcdV1Result,
  deleteCalicoV1,
} from "../../components/dcos/calico-etcd-v1";
import { endMesh, meshInV1 } from "../../components/dcos/calico-mesh";
import { CalicoctlV1 } from "../../components/dcos/calicoctl-v1";
import { readCalicoV1 } from "../../components/dcos/inspect/read-v1";
import { gobgp } from "../../components/reflector/gobgp";
import { calicoPlan } from "../../components/speakers/calico/objects";
import { calicoV1Yaml } from "../../components/speakers/calico/render";
import { dcosPlan, kubernetesBeside } from "../helpers/dcos-plan";

const endpoint = "http://127.0.0.1:2379";
const program = join(__dirname, "..", "helpers", "calicoctl-v1.js");
const said: string[] = [];
const options = { timeoutMs: 100, say: (message: string) => said.push(message) };
let folder = "";

/** What the step is given where NAT is on, which disables the pools of a Kubernetes cluster beside it. */
function input(
  changes: object = {},
  coes: Record<string, object> = { kubernetes: kubernetesBeside },
) {
  const dcos = { calicoApi: "v1", natOutgoing: true, ...changes };
  const plan = calicoPlan(dcosPlan(dcos, { coes }), "dcos");
  return { etcdEndpoints: [endpoint], documents: calicoV1Yaml(plan), asNumber: plan.asn };
}

const nodes = { "agent-1": "172.16.18.43" };
const all = [
  "ipPool/192.168.128.0/17",
  "ipPool/192.168.0.0/17",
  "bgpPeer/172.16.18.32",
  "policy/allow-all",
  "profile/calico-open",
];
const calicoctl = () => new CalicoctlV1([endpoint], { SEAMLESS_CALICOCTL: program });
const apply = (of = input(), previous?: Awaited<ReturnType<typeof applyCalicoV1>>) =>
  applyCalicoV1(of, previous, options, calicoctl());
const refs = (created: readonly { kind: string }[]) => created.map(({ kind }) => kind);

/** The command lines since the last time, but those that only look. */
function calls(): string[] {
  const file = join(folder, "calls");
  const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  writeFileSync(file, "");
  return lines.filter((line) => !/^(get|config get|version)/.test(line) && line !== "");
}
const fault = (name: string, text: string) => writeFileSync(join(folder, name), text);
const mend = (name: string) => rmSync(join(folder, name));
const stored = () => JSON.parse(readFileSync(join(folder, "store.json"), "utf8"));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seamless-calicoctl-"));
  process.env.SEAMLESS_TEST_CALICOCTL = folder;
  said.splice(0);
});
afterEach(() => rmSync(folder, { recursive: true }));
afterAll(() => {
  delete process.env.SEAMLESS_TEST_CALICOCTL;
});

test("applies the documents in order, then the AS, and the mesh stays until the sessions are there", async () => {
  const result = await apply();
  expect(result.mesh).toBe("on");
  expect(result.objects).toEqual(all);
  expect(refs(result.created)).toEqual(["ipPool", "ipPool", "bgpPeer", "policy", "profile"]);
  expect(result.settings).toEqual({ asNumber: "64512", nodeToNodeMesh: "on" });
  expect(calls()).toEqual(["apply -f -", "config set asNumber 64511"]);
  expect(said).toEqual([
    `applying ${all.join(", ")}`,
    "setting asNumber to 64511, which was 64512",
  ]);
  const mesh = meshInV1(calicoctl());
  const silent = { rr: { kind: gobgp, ask: () => Promise.reject(new Error("no such container")) } };
  await expect(endMesh(mesh, nodes, silent, {}, { ...options, timeoutMs: 0 })).rejects.toThrow(
    "gave up after 0 s waiting for the sessions of all nodes, before the mesh goes off: not established: rr: no such container",
  );
  expect(calls()).toEqual([]);
  await endMesh(mesh, nodes, {}, {}, options);
  expect(calls()).toEqual(["config set nodeToNodeMesh off"]);
  expect(stored().objects).toMatchObject([
    { kind: "ipPool", metadata: { cidr: "192.168.128.0/17" }, spec: { "nat-outgoing": true } },
    { kind: "ipPool", metadata: { cidr: "192.168.0.0/17" }, spec: { disabled: true } },
    { kind: "bgpPeer", metadata: { peerIP: "172.16.18.32", scope: "global" } },
    { kind: "policy", metadata: { name: "allow-all" } },
    { kind: "profile", metadata: { name: "calico-open" } },
  ]);
});

test("writes nothing the second time, and puts back only what was changed by hand", async () => {
  const first = await apply();
  calls();
  said.splice(0);
  const previous = calicoEtcdV1Result.parse(JSON.parse(JSON.stringify(first)));
  expect(await apply(input(), previous)).toEqual(first);
  expect([calls(), said]).toEqual([[], []]);
  const { objects } = stored();
  objects[0].spec.ipip = { enabled: true };
  fault("store.json", JSON.stringify({ objects, config: stored().config }));
  calls();
  expect(await apply(input(), previous)).toEqual(first);
  expect(said).toEqual(["applying ipPool/192.168.128.0/17"]);
});

test("a pool of an earlier range is disabled before it is removed", async () => {
  const first = await apply();
  calls();
  const second = await apply(input({ podCidr: "192.168.64.0/18" }, {}), first);
  expect(calls()).toEqual([
    "apply -f -",
    "apply -f -",
    "delete ipPool 192.168.128.0/17 --skip-not-exists",
    "apply -f -",
    "delete ipPool 192.168.0.0/17 --skip-not-exists",
  ]);
  expect(second.objects[0]).toBe("ipPool/192.168.64.0/18");
  expect(stored().objects).toHaveLength(4);
});

test("removal puts the settings back first, and leaves what was there before", async () => {
  const profile = { apiVersion: "v1", kind: "profile", metadata: { name: "calico-open" } };
  const rules = { egress: [{ action: "allow" }], ingress: [{ action: "allow" }] };
  const objects = [{ ...profile, spec: rules }];
  fault("store.json", JSON.stringify({ objects, config: { asNumber: "64600" } }));
  const result = await apply(input({ natOutgoing: false }));
  expect(result.settings).toEqual({ asNumber: "64600", nodeToNodeMesh: "on" });
  await endMesh(meshInV1(calicoctl()), nodes, {}, {}, options);
  calls();
  await deleteCalicoV1(input(), result, options, calicoctl());
  expect(calls()).toEqual([
    "config set nodeToNodeMesh on",
    "config set asNumber 64600",
    "delete policy allow-all --skip-not-exists",
    "delete bgpPeer 172.16.18.32 --scope=global --skip-not-exists",
    "apply -f -",
    "delete ipPool 192.168.128.0/17 --skip-not-exists",
  ]);
  expect(stored().objects).toEqual(objects);
});

test("says how far it came and why it stopped", async () => {
  fault("refuse", "2");
  await expect(apply()).rejects.toThrow(
    new Error(
      `${program} apply ${all.join(", ")} (datastore ${endpoint}): Partial success: applied the first 2 out of 5 resources: Hit error: error with field PeerIP = '172.16.18.300'`,
    ),
  );
  mend("refuse");
  expect(refs((await apply()).created)).toEqual(["bgpPeer", "policy", "profile"]);
});

test.each([
  ["Client Version:    v3.31.0\nGit commit: x\n", "version 3.31.0"],
  ["calicoctl, of another sort\n", "calicoctl, of another sort"],
])("another program than calicoctl 1.x is refused: %j", async (text, found) => {
  fault("version", text);
  await expect(apply()).rejects.toThrow(
    new Error(
      `calicoApi v1 needs calicoctl 1.x, found at ${program}: ${found}; put the calicoctl of the cluster's own Calico 2.x on the PATH, or name it by SEAMLESS_CALICOCTL`,
    ),
  );
  expect(calls()).toEqual([]);
});

test("calicoctl 1.x of the older form of words, and none at all", async () => {
  fault("version", "Version:      v1.1.0\nBuild date:   2017-03-04\n");
  await expect(calicoctl().checkVersion()).resolves.toBe(1);
  await expect(
    new CalicoctlV1([endpoint], { SEAMLESS_CALICOCTL: "/nowhere/calicoctl" }).checkVersion(),
  ).rejects.toThrow("found at /nowhere/calicoctl: /nowhere/calicoctl: not found; put the");
});

test("gives up on a datastore that does not answer, and on removal only says so", async () => {
  const result = await apply();
  fault("away", "yes");
  await expect(apply()).rejects.toThrow(
    /^gave up after 0 s waiting for Calico's datastore: .* get ipPool .*: client: etcd cluster is unavailable or misconfigured$/,
  );
  await deleteCalicoV1(input(), result, options, calicoctl());
  expect(said.at(-1)).toMatch(
    /^left as they are, if they are still there: profile\/calico-open, policy\/allow-all, /,
  );
});

test("an inspection sees its pools, AS, mesh and peers", async () => {
  await apply();
  await calicoctl().set("nodeToNodeMesh", "off");
  expect(await readCalicoV1(calicoctl(), ["192.168.128.0/17"], 0)).toMatchObject({
    pools: [
      { name: "192-168-128-0-17", cidr: "192.168.128.0/17", ipipMode: "Never", natOutgoing: true },
      { name: "192.168.0.0/17", cidr: "192.168.0.0/17", disabled: true },
    ],
    bgp: { asn: 64511, mesh: false },
    peers: [{ name: "172-16-18-32", peer: "172.16.18.32", asn: 64511 }],
  });
});

test("calicoctl before 1.6 is told no types of policies, which it would refuse", async () => {
  fault("version", "Version:      v1.5.0\n");
  const result = await apply();
  expect(result.objects).toEqual(all);
  const policy = stored().objects.find(({ kind }: { kind: string }) => kind === "policy");
  expect(policy.spec).toEqual({ ingress: [{ action: "allow" }], egress: [{ action: "allow" }] });
  calls();
  // What was read back is as asked: nothing is written again.
  await apply(input(), result);
  expect(calls()).toEqual([]);
});
