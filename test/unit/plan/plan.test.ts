import { join } from "node:path";
import {
  makePlan,
  parseConfig,
  readStackConfig,
  renderPlan,
} from "../../../components/kinds/planning";
import { admits, planDocument, subnetTable } from "../../../plan";
import { withoutPackages } from "../../helpers/plain-lab";

const lab = readStackConfig(join(__dirname, "..", "..", "..", "Pulumi.lab.yaml"));
const plan = makePlan(lab);
const plain = withoutPackages(lab);

test("the reference lab: eight speakers, eight sessions, a fence for each", () => {
  const speakers = ["agent-1", "agent-2", "agent-3", "public-1"].map((name) => `dcos/${name}`);
  speakers.push(
    ...["controller", "worker-1", "worker-2", "worker-3"].map((n) => `kubernetes/${n}`),
  );
  expect(Object.keys(plan.fences)).toEqual(speakers);
  expect(Object.keys(plan.sessions)).toEqual(speakers.map((id) => `reflector/${id}`));
});

test("one session, one fence, one node and the reflector, field by field", () => {
  expect(plan.sessions["reflector/dcos/agent-1"]).toEqual({
    name: "reflector/dcos/agent-1",
    a: {
      id: "reflector",
      address: "172.16.18.32",
      asn: 64511,
      role: "reflector",
      timers: { hold: 90, keepalive: 3 },
      gracefulRestart: { restart: 120, deferral: 5 },
      sendPaths: 8,
    },
    b: { id: "dcos/agent-1", address: "172.16.18.43", asn: 64511, role: "client" },
    families: ["ipv4-unicast"],
  });
  expect(plan.fences["dcos/agent-1"]).toEqual({
    node: "dcos/agent-1",
    address: "172.16.18.43",
    prefixes: [
      { cidr: "192.168.128.0/17", minLength: 26, maxLength: 26 },
      { cidr: "192.168.128.0/17", minLength: 32, maxLength: 32 },
    ],
  });
  expect(plan.coes.dcos?.nodes.master).toEqual({
    id: "dcos/master",
    name: "master",
    address: "172.16.18.42",
    role: "master",
    asn: 64511,
    speaker: false,
  });
  expect(plan.reflectors).toEqual({
    reflector: {
      name: "reflector",
      kind: "gobgp",
      address: "172.16.18.32",
      asn: 64511,
      clusterId: "172.16.18.32",
    },
  });
});

test("a node that names no role has its kind's plain one", () => {
  expect(plan.coes.kubernetes?.nodes["worker-1"]?.role).toBe("worker");
});

test("another AS on a node makes its session external, and no client of it", () => {
  const raw = structuredClone(lab);
  const worker = { address: "172.16.18.34", asn: 64600 };
  const { kubernetes, ...rest } = raw.coes;
  if (kubernetes === undefined) throw new Error("the lab has no kubernetes");
  const nodes = { ...kubernetes.nodes, "worker-1": worker };
  const changed = makePlan(
    parseConfig({ ...raw, coes: { ...rest, kubernetes: { ...kubernetes, nodes } } }),
  );
  expect(changed.sessions["reflector/kubernetes/worker-1"]).toMatchObject({
    a: { role: "peer", replacePeerAs: true },
    b: { asn: 64600, role: "peer" },
  });
});

test("a COE that is not deployed yet is planned all the same", () => {
  const coes = Object.fromEntries(
    Object.entries(lab.coes).map(([name, coe]) => [name, { ...coe, deploy: false }]),
  );
  const waiting = makePlan({ ...lab, coes });
  expect(Object.values(waiting.coes).map((coe) => coe.deployed)).toEqual([false, false]);
  expect(waiting.sessions).toEqual(plan.sessions);
  expect(waiting.fences).toEqual(plan.fences);
});

test("nothing of a plan can be changed", () => {
  const open = (value: unknown): boolean =>
    typeof value === "object" &&
    value !== null &&
    (!Object.isFrozen(value) || Object.values(value).some(open));
  expect(open(plan)).toBe(false);
});

test("the public document has lists, in the order of names", () => {
  const document = planDocument(plan);
  expect(Object.keys(document)).toEqual([
    "schemaVersion",
    "supernet",
    "nodeNetwork",
    "asn",
    "coes",
    "reflectors",
    "sessions",
    "fences",
  ]);
  expect(document.schemaVersion).toBe(2);
  expect(document.coes[0]).toEqual({
    name: "dcos",
    kind: "dcos",
    deployed: true,
    podCidr: "192.168.128.0/17",
    announced: { loadBalancerIPs: "10.98.0.0/24" },
    balancers: ["public-1"],
    policy: { mode: "open", from: [] },
    natOutgoing: false,
    forwards: {},
    addons: [],
    publicApps: true,
    packages: ["etcd", "marathon-lb", "marathon-user"],
    datastore: [0, 1, 2].map((index) => `etcd-${index}-node.etcd.mesos:2379`),
    blockSize: 26,
    blocks: 512,
    nodes: [
      { name: "agent-1", address: "172.16.18.43", role: "private", asn: 64511, speaker: true },
      { name: "agent-2", address: "172.16.18.44", role: "private", asn: 64511, speaker: true },
      { name: "agent-3", address: "172.16.18.46", role: "private", asn: 64511, speaker: true },
      { name: "master", address: "172.16.18.42", role: "master", asn: 64511, speaker: false },
      { name: "public-1", address: "172.16.18.45", role: "public", asn: 64511, speaker: true },
    ],
  });
  expect(document.sessions).toHaveLength(8);
  expect(document.fences).toHaveLength(8);
});

test("the subnet table", () => {
  expect(subnetTable(plan).kubernetes).toEqual({
    podCidr: "192.168.0.0/17",
    serviceCidr: "10.96.0.0/16",
    blocks: "512 x /26",
    nodes: {
      controller: "172.16.18.33",
      "worker-1": "172.16.18.34",
      "worker-2": "172.16.18.35",
      "worker-3": "172.16.18.36",
    },
  });
});

test("the tables for people", () => {
  expect(
    renderPlan(plan).join("\n"),
  ).toBe(`container range 192.168.0.0/16, node network 172.16.18.0/24, AS 64511

COE         KIND        CONTAINERS        SERVICES                     BLOCKS  NODES  LETS IN
dcos        dcos        192.168.128.0/17  10.98.0.0/24 (announced)  512 x /26      5  open to everybody
kubernetes  kubernetes  192.168.0.0/17    10.96.0.0/16              512 x /26      4  open to everybody

NODE                   ADDRESS       ROLE           AS  MAY ANNOUNCE
dcos/agent-1           172.16.18.43  private     64511  192.168.128.0/17 /26 or /32
dcos/agent-2           172.16.18.44  private     64511  192.168.128.0/17 /26 or /32
dcos/agent-3           172.16.18.46  private     64511  192.168.128.0/17 /26 or /32
dcos/master            172.16.18.42  master      64511  nothing (no BGP speaker)
dcos/public-1          172.16.18.45  public      64511  192.168.128.0/17 /26 or /32, 10.98.0.0/24 /24 or /32
kubernetes/controller  172.16.18.33  controller  64511  192.168.0.0/17 /26 or /32
kubernetes/worker-1    172.16.18.34  worker      64511  192.168.0.0/17 /26 or /32
kubernetes/worker-2    172.16.18.35  worker      64511  192.168.0.0/17 /26 or /32
kubernetes/worker-3    172.16.18.36  worker      64511  192.168.0.0/17 /26 or /32

REFLECTOR  ADDRESS          AS  CLUSTER-ID    SESSIONS
reflector  172.16.18.32  64511  172.16.18.32  8 ibgp`);
});

/** The plan of the lab without packages, with changes to its Kubernetes. */
function changed(changes: Readonly<Record<string, unknown>>) {
  const coes = { ...plain.coes, kubernetes: { ...plain.coes.kubernetes, ...changes } };
  return makePlan(parseConfig({ ...plain, coes }));
}

test("ranges of services are announced by every node, whole or in part, once they are asked for", () => {
  const announcing = changed({
    announceServices: true,
    loadBalancerCidr: "10.97.0.0/24",
    externalCidr: "10.98.0.0/28",
  });
  expect(announcing.coes.kubernetes?.announced).toEqual({
    clusterIPs: "10.96.0.0/16",
    loadBalancerIPs: "10.97.0.0/24",
    externalIPs: "10.98.0.0/28",
  });
  expect(announcing.fences["kubernetes/worker-1"]?.prefixes).toEqual([
    { cidr: "192.168.0.0/17", minLength: 26, maxLength: 26 },
    { cidr: "192.168.0.0/17", minLength: 32, maxLength: 32 },
    { cidr: "10.96.0.0/16", minLength: 16, maxLength: 16 },
    { cidr: "10.96.0.0/16", minLength: 32, maxLength: 32 },
    { cidr: "10.97.0.0/24", minLength: 24, maxLength: 24 },
    { cidr: "10.97.0.0/24", minLength: 32, maxLength: 32 },
    { cidr: "10.98.0.0/28", minLength: 28, maxLength: 28 },
    { cidr: "10.98.0.0/28", minLength: 32, maxLength: 32 },
  ]);
  expect(announcing.fences["dcos/agent-1"]).toEqual(plan.fences["dcos/agent-1"]);
  expect(subnetTable(announcing).kubernetes?.announced).toEqual(
    announcing.coes.kubernetes?.announced,
  );
  expect(renderPlan(announcing)[4]).toBe(
    "kubernetes  kubernetes  192.168.0.0/17    10.96.0.0/16 (announced), 10.97.0.0/24 (announced), 10.98.0.0/28 (announced)  512 x /26      4  open to everybody",
  );
});

test.each([
  [{}, [true, true]],
  [{ policy: "cross-coe", allowFrom: ["dcos"] }, [true, true]],
  [{ policy: "closed" }, [false, true]],
])("who is let in with %j", (changes, [others, own]) => {
  const { dcos, kubernetes } = changed(changes).coes;
  if (dcos === undefined || kubernetes === undefined) throw new Error("the lab has two COEs");
  expect([admits(kubernetes, dcos), admits(kubernetes, kubernetes)]).toEqual([others, own]);
  expect(admits(dcos, kubernetes)).toBe(true);
});
