import type {
  Accepted,
  RouterNeighbour,
  RouterPath,
  SpeakerState,
} from "../../../components/ask/router";
import type { Answer, CoeContainer, IpamBlock, Workload } from "../../../components/ask/types";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import type { NodePlan, Plan } from "../../../plan/types";
import type { NodeKernel, TableRoute } from "../../../verify/kernel/types";
import type { Trip, Trips } from "../../../verify/trips/types";
import type { KernelRoute, Observation, Verdict } from "../../../verify/types";

const asn = 64511;

/** One worker and one agent behind one reflector, and a master that speaks no BGP; an access of each kind's own is no matter here. */
const config = {
  network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn },
  reflectors: { reflector: { kind: "gobgp", address: "172.16.18.32" } },
  coes: {
    kubernetes: {
      kind: "kubernetes",
      podCidr: "192.168.0.0/17",
      policy: "open",
      access: { kubeconfig: "kubeconfig" },
      nodes: { "worker-1": { address: "172.16.18.34" } },
    },
    dcos: {
      kind: "dcos",
      podCidr: "192.168.128.0/17",
      policy: "open",
      access: { url: "http://127.0.0.1:18080", etcd: ["http://127.0.0.1:12379"] },
      nodes: {
        "agent-1": { address: "172.16.18.43" },
        master: { address: "172.16.18.42", role: "master" },
      },
    },
  },
};

type Name = keyof typeof config.coes;

/** The plan of the fixture, with fields of one COE or the other as they are given. */
export function planWith(changes: Readonly<Partial<Record<Name, object>>> = {}): Plan {
  const { kubernetes, dcos } = config.coes;
  const coes = {
    kubernetes: { ...kubernetes, ...changes.kubernetes },
    dcos: { ...dcos, ...changes.dcos },
  };
  return makePlan(parseConfig({ ...config, coes }));
}

export const plan = planWith();

/** Its nodes that speak BGP. */
function speaker(id: string): NodePlan {
  const [coe = "", name = ""] = id.split("/");
  const node = plan.coes[coe]?.nodes[name];
  if (node === undefined) throw new Error(`no ${id} in the fixture`);
  return node;
}

const worker = speaker("kubernetes/worker-1");
const agent = speaker("dcos/agent-1");

/** The same plan with one COE planned but not applied. */
export function undeployed(name: Name): Plan {
  return planWith({ [name]: { deploy: false } });
}

/** The same plan with one COE that lets in nobody but itself and those named. */
export function guarded(name: Name, from: readonly string[] = []): Plan {
  const policy = from.length === 0 ? "closed" : "cross-coe";
  return planWith({ [name]: { policy, ...(from.length === 0 ? {} : { allowFrom: from }) } });
}

/** What a check says of what came back; the advice has tests of its own. */
export function brief({ status, asked, found }: Verdict): Verdict {
  return { status, asked, found };
}

/** The question could not be put. */
export function unasked(asked: string, error: string): Answer<never> {
  return { ok: false, asked, error, unasked: true };
}

export function ok<T>(asked: string, value: T): Answer<T> {
  return { ok: true, asked, value };
}

export function no(asked: string, error: string): Answer<never> {
  return { ok: false, asked, error };
}

export function silent(asked: string, error: string): Answer<never> {
  return { ok: false, asked, error, silent: true };
}

export function neighbour(address: string, over: Partial<RouterNeighbour> = {}): RouterNeighbour {
  return {
    address,
    asn,
    state: "Established",
    uptimeSeconds: 65,
    received: 1,
    accepted: 1,
    ...over,
  };
}

export function path(prefix: string, nextHop: string, over: Partial<RouterPath> = {}): RouterPath {
  return { prefix, nextHop, peer: nextHop, best: true, ageSeconds: 5, localPref: 100, ...over };
}

export function learned(prefix: string, gateway: string): KernelRoute {
  return { prefix, type: "unicast", gateways: [gateway], device: "eth0", protocol: "bird" };
}

export function local(address: string): KernelRoute {
  return { prefix: `${address}/32`, type: "unicast", gateways: [], device: "cali0123456789a" };
}

export const pod: Workload = {
  name: "seamless-probe-a",
  coe: "kubernetes",
  node: "kubernetes/worker-1",
  address: "192.168.7.2",
  port: 8080,
};

export const task: Workload = {
  name: "seamless-probe.1",
  coe: "dcos",
  node: "dcos/agent-1",
  address: "192.168.130.66",
  port: 8080,
};

export const podBlock = "192.168.7.0/26";
export const taskBlock = "192.168.130.64/26";

/** A kernel with one container that forwards to the other node's block, and nothing else. */
function kernel(own: Workload, block: string, gateway: string, mine: string): NodeKernel {
  const route = (prefix: string, device: string, over: Partial<TableRoute> = {}): TableRoute => ({
    ...{ prefix, type: "unicast", table: "main", hops: [{ device }], metric: 0 },
    ...over,
  });
  const link = { mtu: 1500, up: true, queue: "noqueue" };
  return {
    routes: [
      route("172.16.18.0/24", "eth0", { protocol: "kernel" }),
      route(`${own.address}/32`, "cali0123456789a"),
      route(block, "eth0", { hops: [{ gateway, device: "eth0" }], protocol: "bird" }),
      route(`${mine}/32`, "eth0", { type: "local", table: "local", protocol: "kernel" }),
    ],
    rules: [],
    links: { cali0123456789a: link, eth0: link },
    neighbours: [],
    settings: { ip_forward: 1 },
    firewalls: [{ backend: "nf_tables", tables: {} }],
    lookups: [],
    untold: [],
  };
}

function container({ name, node, address }: Workload): CoeContainer {
  return { name, node, address };
}

/** A block of IPAM with one address in use. */
export function block(cidr: string, owner: string, { address, name, node }: Workload): IpamBlock {
  return { cidr, owners: [owner], addresses: [{ address, holder: name, node }] };
}

/** What a node's speaker says that sends one block and has taken another. */
export function speaking(routerId: string, exported: string, taken: string): SpeakerState {
  const session = {
    name: "Global_172_16_18_32",
    address: "172.16.18.32",
    asn,
    state: "Established" as const,
    uptimeSeconds: 64,
    imported: [{ prefix: taken, via: "172.16.18.1" }],
    exported: [exported],
  };
  return { routerId, sessions: [session] };
}

/** What a reflector accepts from one node. */
export function accepted(address: string, range: string): Accepted[] {
  return ["26..26", "32..32"].map((lengths) => ({
    neighbors: [`${address}/32`],
    prefix: range,
    lengths,
    nextHops: [address],
    asPath: "",
    sets: "LOCAL_PREF 100, ORIGIN IGP, MED 0, no communities",
  }));
}

/** A trip on which all went well. */
function trip(from: Workload, to: Workload, server: string): Trips {
  const one: Trip = {
    to: to.address,
    page: { ok: true, value: { server, client: from.address } },
    mtu: 1500,
    whole: { ok: true, value: 62 },
    straight: { ok: true, value: 62 },
    body: { ok: true, value: true },
  };
  return { from, to: [to], answer: ok(`${from.node}: trips`, { [to.address]: one }) };
}

/** What is seen when all is well. */
export const healthy: Observation = {
  neighbours: {
    reflector: ok("reflector: gobgp -j neighbor", [
      neighbour(worker.address),
      neighbour(agent.address),
    ]),
  },
  rib: {
    reflector: ok("reflector: gobgp -j global rib", [
      path(podBlock, worker.address),
      path(taskBlock, agent.address),
    ]),
  },
  routes: {
    "dcos/agent-1": ok("dcos/agent-1: ip route", [
      local(task.address),
      learned(podBlock, worker.address),
    ]),
    "kubernetes/worker-1": ok("kubernetes/worker-1: ip route", [
      local(pod.address),
      learned(taskBlock, agent.address),
    ]),
  },
  trips: {
    "dcos/agent-1->kubernetes": trip(task, pod, pod.name),
    "kubernetes/worker-1->dcos": trip(pod, task, "agent-1"),
  },
  kernels: {
    "dcos/agent-1": ok("agent", kernel(task, podBlock, worker.address, agent.address)),
    "kubernetes/worker-1": ok("worker", kernel(pod, taskBlock, agent.address, worker.address)),
  },
  workloads: { dcos: ok("dcos: apps", [task]), kubernetes: ok("kubernetes: pods", [pod]) },
  fetches: {
    "dcos-to-kubernetes": {
      from: task,
      to: pod,
      answer: ok("dcos/agent-1: curl", { server: pod.name, client: task.address }),
    },
    "kubernetes-to-dcos": {
      from: pod,
      to: task,
      answer: ok("kubernetes: wget", { server: "agent-1", client: pod.address }),
    },
  },
  containers: {
    dcos: ok("dcos: GET /mesos/state", [container(task)]),
    kubernetes: ok("kubernetes: kubectl get pods", [container(pod)]),
  },
  blocks: {
    dcos: ok("dcos: etcd", [block(taskBlock, agent.id, task)]),
    kubernetes: ok("kubernetes: kubectl get ipamblocks", [block(podBlock, worker.id, pod)]),
  },
  members: {
    dcos: ok("dcos: GET /mesos/state", [
      { name: "172.16.18.43", address: "172.16.18.43" },
      { name: "master", address: "172.16.18.42" },
    ]),
    kubernetes: ok("kubernetes: kubectl get nodes", [
      { name: "worker-1", address: "172.16.18.34" },
    ]),
  },
  objects: { dcos: ok("dcos: calicoctl get", []), kubernetes: ok("kubernetes: kubectl get", []) },
  speakers: {
    "dcos/agent-1": ok("dcos/agent-1: birdcl", speaking(agent.address, taskBlock, podBlock)),
    "kubernetes/worker-1": ok(
      "kubernetes/worker-1: birdcl",
      speaking(worker.address, podBlock, taskBlock),
    ),
  },
  accepts: {
    reflector: ok("reflector: gobgp", {
      neighbours: {
        [worker.address]: { asn, clusterId: "172.16.18.32", established: true },
        [agent.address]: { asn, clusterId: "172.16.18.32", established: true },
      },
      accepted: [
        ...accepted(worker.address, "192.168.0.0/17"),
        ...accepted(agent.address, "192.168.128.0/17"),
      ],
      beside: [],
    }),
  },
  services: {},
  addons: {},
  nameFetches: {},
  serviceFetches: {},
  intrusions: {
    dcos: {
      from: worker.id,
      to: task,
      answer: ok("kubernetes/worker-1: curl", { server: "agent-1", client: worker.address }),
    },
    kubernetes: {
      from: agent.id,
      to: pod,
      answer: ok("dcos/agent-1: curl", { server: pod.name, client: agent.address }),
    },
  },
};
