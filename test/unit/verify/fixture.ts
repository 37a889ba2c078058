import type { RouterNeighbour, RouterPath } from "../../../components/ask/router";
import type { Answer, Workload } from "../../../components/ask/types";
import { sessionOf } from "../../../plan/sessions";
import type { CoePlan, NodePlan, Plan, SessionPlan } from "../../../plan/types";
import type { KernelRoute, Observation } from "../../../verify/types";

const asn = 64511;
const reflector = { id: "reflector", address: "172.16.18.32", asn };

function node(coe: string, name: string, address: string, speaker = true): NodePlan {
  return { id: `${coe}/${name}`, name, address, role: "worker", asn, speaker };
}

const worker = node("kubernetes", "worker-1", "172.16.18.34");
const agent = node("dcos", "agent-1", "172.16.18.43");
const master = node("dcos", "master", "172.16.18.42", false);

function coe(name: string, podCidr: string, nodes: readonly NodePlan[]): CoePlan {
  return {
    name,
    kind: name,
    deployed: true,
    podCidr,
    announced: {},
    policy: { mode: "open", from: [] },
    natOutgoing: false,
    forwards: {},
    addons: [],
    blockSize: 26,
    blocks: 512,
    nodes: Object.fromEntries(nodes.map((one) => [one.name, one])),
  };
}

function session(of: NodePlan): [string, SessionPlan] {
  const name = `reflector/${of.id}`;
  return [name, sessionOf({ ...reflector, name: reflector.id }, of, undefined)];
}

function fence(of: NodePlan, cidr: string) {
  const prefixes = [{ cidr, minLength: 26, maxLength: 32 }];
  return [of.id, { node: of.id, address: of.address, prefixes }] as const;
}

/** One worker and one agent behind one reflector, and a master that speaks no BGP. */
export const plan: Plan = {
  schemaVersion: 2,
  supernet: "192.168.0.0/16",
  nodeNetwork: "172.16.18.0/24",
  asn,
  coes: {
    dcos: coe("dcos", "192.168.128.0/17", [agent, master]),
    kubernetes: coe("kubernetes", "192.168.0.0/17", [worker]),
  },
  reflectors: {
    reflector: {
      name: "reflector",
      kind: "gobgp",
      address: reflector.address,
      asn,
      clusterId: reflector.address,
    },
  },
  sessions: Object.fromEntries([session(agent), session(worker)]),
  fences: Object.fromEntries([fence(agent, "192.168.128.0/17"), fence(worker, "192.168.0.0/17")]),
};

/** The same plan with one engine planned but not applied. */
export function undeployed(name: string): Plan {
  const old = plan.coes[name];
  if (old === undefined) throw new Error(`no ${name} in the fixture`);
  return { ...plan, coes: { ...plan.coes, [name]: { ...old, deployed: false } } };
}

/** The same plan with one engine that lets in nobody but itself and those named. */
export function guarded(name: string, from: readonly string[] = []): Plan {
  const old = plan.coes[name];
  if (old === undefined) throw new Error(`no ${name} in the fixture`);
  const mode = from.length === 0 ? "closed" : "cross-coe";
  return { ...plan, coes: { ...plan.coes, [name]: { ...old, policy: { mode, from } } } };
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
