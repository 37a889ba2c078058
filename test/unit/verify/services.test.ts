import type { ServiceAddress } from "../../../components/ask/types";
import { checksOf } from "../../../verify/checks";
import type { KernelRoute, Observation, Verdict } from "../../../verify/types";
import {
  brief,
  healthy,
  learned,
  no,
  ok,
  path,
  plan,
  planWith,
  pod,
  task,
  taskBlock,
} from "./fixture";

const cluster = "10.96.0.0/16";
const announcing = planWith({
  kubernetes: { serviceCidr: cluster, announceServices: true },
});

const service: ServiceAddress = { range: "clusterIPs", address: "10.96.0.77", port: 8080 };
const served = (...servers: readonly string[]): Observation => ({
  ...announced,
  serviceFetches: {
    "dcos-to-kubernetes/clusterIPs": {
      from: task,
      to: service,
      answers: servers.map((server) => ok("dcos: curl", { server, client: "172.16.18.34" })),
    },
  },
});

const rib = [...(healthy.rib.reflector?.ok ? healthy.rib.reflector.value : [])];
const toService: KernelRoute = {
  ...learned(cluster, "172.16.18.34"),
  gateways: ["172.16.18.34"],
};
const agentRoutes = healthy.routes["dcos/agent-1"];
const announced: Observation = {
  ...healthy,
  rib: { reflector: ok("rib", [...rib, path(cluster, "172.16.18.34")]) },
  routes: {
    ...healthy.routes,
    "dcos/agent-1": ok("routes", [...(agentRoutes?.ok ? agentRoutes.value : []), toService]),
  },
  services: { kubernetes: ok("kubernetes: kubectl get service", [service]) },
  workloads: {
    ...healthy.workloads,
    kubernetes: ok("pods", [pod, { ...pod, name: "seamless-probe-b" }]),
  },
};

function judge(id: string, seen: Observation): Verdict {
  const check = checksOf(announcing).find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return brief(check.judge(seen));
}

test("announced ranges add a check of the RIB, and one for each COE that could come in by them", () => {
  const added = checksOf(announcing)
    .map((check) => check.id)
    .filter((id) => !checksOf(plan).some((check) => check.id === id));
  expect(added).toEqual(["rib/services/kubernetes", "service/dcos-to-kubernetes/clusterIPs"]);
});

test("an announced range may have many owners, a block has one", () => {
  const twice = [...rib, path(cluster, "172.16.18.34"), path(taskBlock, "172.16.18.34")];
  const seen = { ...announced, rib: { reflector: ok("rib", twice) } };
  expect(judge("rib/reflector", announced).status).toBe("pass");
  expect(judge("rib/reflector", seen).found).toContain("192.168.130.64/26 has two owners");
});

test("a node that does not announce its COE's services is named", () => {
  expect(judge("rib/services/kubernetes", announced)).toEqual({
    status: "pass",
    asked: "rib",
    found: "each by 1 nodes",
  });
  expect(judge("rib/services/kubernetes", healthy)).toMatchObject({
    status: "fail",
    found: "reflector has no 10.96.0.0/16 from worker-1",
  });
});

test("other COEs' nodes have a route to services by nodes that announce them, the own ones none", () => {
  expect(judge("fib/dcos/agent-1", announced).status).toBe("pass");
  expect(judge("fib/kubernetes/worker-1", announced).status).toBe("pass");
  const without = { ...announced, routes: healthy.routes };
  expect(judge("fib/dcos/agent-1", without)).toMatchObject({
    status: "fail",
    found: "no route to 10.96.0.0/16 (should be via any of 172.16.18.34)",
  });
  const elsewhere = { ...toService, gateways: ["172.16.18.34", "172.16.18.99"] };
  const wrong = ok("routes", [...(agentRoutes?.ok ? agentRoutes.value : []), elsewhere]);
  const strange = { ...announced, routes: { ...announced.routes, "dcos/agent-1": wrong } };
  expect(judge("fib/dcos/agent-1", strange)).toMatchObject({
    status: "fail",
    found:
      "10.96.0.0/16 via 172.16.18.34, 172.16.18.99 proto bird (should be via any of 172.16.18.34 proto bird)",
  });
});

test("a service is answered by more than one server where there is more than one", () => {
  const id = "service/dcos-to-kubernetes/clusterIPs";
  expect(judge(id, served("a", "b", "a"))).toEqual({
    status: "pass",
    asked: "dcos: curl",
    found: "3 answers from 2 servers",
  });
  expect(judge(id, served("a", "a"))).toMatchObject({
    status: "fail",
    found: "2 answers from 1 servers",
  });
  const one = { ...served("a", "a"), workloads: healthy.workloads };
  expect(judge(id, one).status).toBe("pass");
});

test("a service without an address, an answer or somebody to ask from", () => {
  const id = "service/dcos-to-kubernetes/clusterIPs";
  expect(judge(id, healthy).status).toBe("skip");
  expect(judge(id, announced).status).toBe("skip");
  const nowhere = { ...announced, services: { kubernetes: ok("get service", []) } };
  expect(judge(id, nowhere)).toMatchObject({
    status: "fail",
    found: "the service has no such address",
  });
  const refused = { from: task, to: service, answers: [no("dcos: curl", "refused")] };
  const seen = {
    ...announced,
    serviceFetches: { "dcos-to-kubernetes/clusterIPs": refused },
  };
  expect(judge(id, seen)).toEqual({ status: "fail", asked: "dcos: curl", found: "refused" });
});

test("load balancers that announce by themselves do so from their own nodes alone", () => {
  const range = "10.98.0.0/24";
  const nodes = {
    "agent-1": { address: "172.16.18.43", role: "public" },
    master: { address: "172.16.18.42", role: "master" },
  };
  const packages = { "marathon-lb": {} };
  const balanced = planWith({ dcos: { loadBalancerCidr: range, nodes, packages } });
  const check = checksOf(balanced).find(({ id }) => id === "rib/services/dcos");
  expect(check?.title).toBe("agent-1 of dcos announces 10.98.0.0/24");
  const seen = (nextHop: string) => ({
    ...healthy,
    rib: { reflector: ok("rib", [...rib, path(range, nextHop)]) },
  });
  expect(check?.judge(seen("172.16.18.43"))).toEqual({
    status: "pass",
    asked: "rib",
    found: "each by 1 nodes",
  });
  expect(check?.judge(seen("172.16.18.34"))).toMatchObject({
    status: "fail",
    found: "reflector has no 10.98.0.0/24 from agent-1",
  });
});
