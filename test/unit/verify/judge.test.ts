import type { RouterPath } from "../../../components/ask/router";
import type { Plan } from "../../../plan/types";
import { checksOf } from "../../../verify/checks";
import type { KernelRoute, Observation, Verdict } from "../../../verify/types";
import {
  brief,
  healthy,
  learned,
  local,
  neighbour,
  no,
  ok,
  path,
  plan,
  pod,
  podBlock,
  task,
  taskBlock,
  undeployed,
} from "./fixture";

function judge(id: string, seen: Observation, of: Plan = plan): Verdict {
  const check = checksOf(of).find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return brief(check.judge(seen));
}

const withRib = (paths: readonly RouterPath[]): Observation => ({
  ...healthy,
  rib: { reflector: ok("rib", paths) },
});

const withRoutes = (node: string, routes: readonly KernelRoute[]): Observation => ({
  ...healthy,
  routes: { ...healthy.routes, [node]: ok("routes", routes) },
});

test("the checks come from the plan, in the order they are reported", () => {
  const objects = (coe: string) =>
    ["pools", "bgp", "peers", "policies", "nodes", "agents"].map((one) => `objects/${coe}/${one}`);
  expect(checksOf(plan).map((check) => check.id)).toEqual([
    "nodes/dcos",
    "containers/dcos",
    "ipam/dcos",
    "nodes/kubernetes",
    "containers/kubernetes",
    "ipam/kubernetes",
    ...objects("dcos"),
    ...objects("kubernetes"),
    "session/reflector/dcos/agent-1",
    "session/reflector/kubernetes/worker-1",
    "session/reflector/unplanned",
    "speaker/dcos/agent-1",
    "speaker/kubernetes/worker-1",
    "acceptance/reflector",
    "rib/reflector",
    "rib/origin/dcos/agent-1",
    "rib/origin/kubernetes/worker-1",
    "fib/dcos/agent-1",
    "fib/kubernetes/worker-1",
    "kernel/dcos/agent-1/routes",
    "kernel/dcos/agent-1/forwarding",
    "kernel/dcos/agent-1/firewall",
    "kernel/dcos/agent-1/links",
    "kernel/kubernetes/worker-1/routes",
    "kernel/kubernetes/worker-1/forwarding",
    "kernel/kubernetes/worker-1/firewall",
    "kernel/kubernetes/worker-1/links",
    "http/dcos-to-kubernetes",
    "http/kubernetes-to-dcos",
    "path/dcos/agent-1-to-kubernetes",
    "path/kubernetes/worker-1-to-dcos",
    "policy/dcos",
    "policy/kubernetes",
  ]);
});

test("all pass when plan, reflector, kernels and traffic agree", () => {
  const bad = checksOf(plan).filter((check) => check.judge(healthy).status !== "pass");
  expect(bad).toEqual([]);
});

describe("sessions", () => {
  const id = "session/reflector/kubernetes/worker-1";
  const withNeighbours = (...list: ReturnType<typeof neighbour>[]): Observation => ({
    ...healthy,
    neighbours: { reflector: ok("neighbor", list) },
  });

  test("a session that is not up fails with its state", () => {
    const seen = withNeighbours(neighbour("172.16.18.34", { state: "Active" }));
    expect(judge(id, seen)).toEqual({ status: "fail", asked: "neighbor", found: "Active" });
  });

  test("a neighbour the reflector does not have fails", () => {
    expect(judge(id, withNeighbours())).toEqual({
      status: "fail",
      asked: "neighbor",
      found: "no neighbour 172.16.18.34",
    });
  });

  test("another AS than planned fails even when established", () => {
    const seen = withNeighbours(neighbour("172.16.18.34", { asn: 64512 }));
    expect(judge(id, seen).found).toBe("AS 64512 instead of 64511");
  });

  test("a COE that is not deployed yet is skipped", () => {
    const seen = withNeighbours(neighbour("172.16.18.34", { state: "Active" }));
    expect(judge(id, seen, undeployed("kubernetes"))).toEqual({
      status: "skip",
      asked: "neighbor",
      found: "kubernetes is not deployed; neighbour is Active",
    });
  });

  test("a reflector that does not answer fails with its answer", () => {
    const seen = { ...healthy, neighbours: { reflector: no("neighbor", "exit code 1: gone") } };
    expect(judge(id, seen)).toEqual({
      status: "fail",
      asked: "neighbor",
      found: "exit code 1: gone",
    });
  });

  test("a stranger among the neighbours fails", () => {
    const seen = withNeighbours(neighbour("172.16.18.34"), neighbour("172.16.18.99"));
    expect(judge("session/reflector/unplanned", seen)).toEqual({
      status: "fail",
      asked: "neighbor",
      found: "172.16.18.99 AS 64511 Established",
    });
  });
});

describe("RIB", () => {
  test.each<[string, RouterPath[], string]>([
    [
      "a next hop that is no node",
      [path(podBlock, "172.16.18.99")],
      "192.168.7.0/26 via 172.16.18.99, which is no planned node",
    ],
    [
      "a block learned from somebody else",
      [path(podBlock, "172.16.18.34", { peer: "172.16.18.43" })],
      "192.168.7.0/26 via 172.16.18.34 was learned from 172.16.18.43",
    ],
    [
      "a path that somebody has added by hand",
      [path(podBlock, "172.16.18.34", { peer: "" })],
      "192.168.7.0/26 via 172.16.18.34 was added on the reflector itself",
    ],
    [
      "a block of another COE's range",
      [path(taskBlock, "172.16.18.34")],
      "192.168.130.64/26 from kubernetes/worker-1 is outside 192.168.0.0/17 /26 or /32",
    ],
    [
      "a prefix shorter than a block",
      [path("192.168.0.0/17", "172.16.18.34")],
      "192.168.0.0/17 from kubernetes/worker-1 is outside 192.168.0.0/17 /26 or /32",
    ],
    [
      "the default route",
      [path("0.0.0.0/0", "172.16.18.34")],
      "0.0.0.0/0 from kubernetes/worker-1 is outside 192.168.0.0/17 /26 or /32",
    ],
  ])("%s fails", (_, paths, found) => {
    expect(judge("rib/reflector", withRib(paths))).toEqual({ status: "fail", asked: "rib", found });
  });

  test("a block with two owners fails", () => {
    const second = path(podBlock, "172.16.18.43");
    expect(
      judge("rib/reflector", withRib([path(podBlock, "172.16.18.34"), second])).found,
    ).toContain("192.168.7.0/26 has two owners, 172.16.18.34 and 172.16.18.43");
  });

  test("an empty RIB is no fault by itself, but the blocks of IPAM that it lacks are", () => {
    expect(judge("rib/reflector", withRib([]))).toEqual({
      status: "skip",
      asked: "rib",
      found: "the RIB is empty: no node announces anything",
    });
    expect(judge("rib/origin/kubernetes/worker-1", withRib([]))).toEqual({
      status: "fail",
      asked: "kubernetes: kubectl get ipamblocks",
      found: "no 192.168.7.0/26 from 172.16.18.34 at reflector",
    });
  });

  test("a container outside the planned ranges fails, beside others that are inside, too", () => {
    const stray = { ...local("10.244.3.7"), device: "cali9876543210b" };
    const found = "10.244.3.7/32 outside 192.168.0.0/17: no other node learns a route to it";
    for (const routes of [[stray], [local(pod.address), stray]])
      expect(
        judge("rib/origin/kubernetes/worker-1", withRoutes("kubernetes/worker-1", routes)),
      ).toEqual({ status: "fail", asked: "routes", found });
  });

  test("a host route to an interface that is no container's says nothing", () => {
    const other = { ...local("10.9.9.9"), device: "dummy0" };
    expect(
      judge("rib/origin/kubernetes/worker-1", withRoutes("kubernetes/worker-1", [other])).status,
    ).toBe("pass");
  });

  test("a node without a block need not announce anything", () => {
    const blocks = { ...healthy.blocks, kubernetes: ok("ipamblocks", []) };
    expect(judge("rib/origin/kubernetes/worker-1", { ...healthy, blocks })).toEqual({
      status: "skip",
      asked: "ipamblocks",
      found: "IPAM has given it no block yet",
    });
  });
});

describe("FIB", () => {
  const id = "fib/kubernetes/worker-1";
  const routes = (...list: KernelRoute[]) => withRoutes("kubernetes/worker-1", list);

  test("a missing route fails", () => {
    expect(judge(id, routes(local(pod.address)))).toEqual({
      status: "fail",
      asked: "routes",
      found: "no route to 192.168.130.64/26 (should be via 172.16.18.43)",
    });
  });

  test("a route by another next hop fails", () => {
    expect(judge(id, routes(learned(taskBlock, "172.16.18.44"))).found).toBe(
      "192.168.130.64/26 via 172.16.18.44 dev eth0 proto bird (should be via 172.16.18.43 proto bird)",
    );
  });

  test("a route that BIRD did not install fails", () => {
    const byHand = { ...learned(taskBlock, "172.16.18.43"), protocol: "static" };
    expect(judge(id, routes(byHand)).found).toBe(
      "192.168.130.64/26 via 172.16.18.43 dev eth0 proto static (should be via 172.16.18.43 proto bird)",
    );
  });

  test("a learned route that is no block of IPAM fails", () => {
    const stray = learned("192.168.200.0/26", "172.16.18.43");
    expect(judge(id, routes(learned(taskBlock, "172.16.18.43"), stray)).found).toBe(
      "192.168.200.0/26 via 172.16.18.43 dev eth0 proto bird, which is no block that IPAM has given out",
    );
  });

  test("nothing is expected of it where IPAM has given no block to another node", () => {
    const seen = {
      ...routes(local(pod.address)),
      blocks: { ...healthy.blocks, dcos: ok("etcd", []) },
      containers: { ...healthy.containers, dcos: ok("tasks", []) },
    };
    expect(judge(id, seen)).toEqual({
      status: "skip",
      asked: "routes",
      found: "IPAM has given no block to another node yet",
    });
  });

  test("what the RIB lacks is still expected of it", () => {
    expect(judge(id, { ...withRib([]), routes: routes(local(pod.address)).routes }).found).toBe(
      "no route to 192.168.130.64/26 (should be via 172.16.18.43)",
    );
  });

  test("the node's own block is not expected from others", () => {
    const seen = withRib([path(podBlock, "172.16.18.34"), path(taskBlock, "172.16.18.43")]);
    expect(judge(id, seen)).toEqual({
      status: "pass",
      asked: "kubernetes/worker-1: ip route",
      found: "1 routes proto bird, next hops as planned",
    });
  });
});

describe("HTTP", () => {
  const id = "http/kubernetes-to-dcos";
  const fetched = (answer: Observation["fetches"][string]["answer"]): Observation => ({
    ...healthy,
    fetches: { "kubernetes-to-dcos": { from: pod, to: task, answer } },
  });

  test("a translated client address fails", () => {
    const seen = fetched(ok("wget", { server: "agent-1", client: "172.16.18.34" }));
    expect(judge(id, seen)).toEqual({
      status: "fail",
      asked: "wget",
      found:
        "agent-1 saw the client as 172.16.18.34 instead of 192.168.7.2: something on the path translates addresses",
    });
  });

  test("no answer fails with what came back", () => {
    expect(judge(id, fetched(no("wget", "exit code 1: timed out")))).toEqual({
      status: "fail",
      asked: "wget",
      found: "exit code 1: timed out",
    });
  });

  test("a probe that is configured but does not run fails", () => {
    const seen = { ...healthy, workloads: { ...healthy.workloads, dcos: ok("apps", []) } };
    expect(judge(id, seen).found).toBe("no running probe in dcos");
  });

  test("a COE without a probe is skipped", () => {
    const { kubernetes } = healthy.workloads;
    const seen = { ...healthy, workloads: kubernetes === undefined ? {} : { kubernetes } };
    expect(judge(id, seen).status).toBe("skip");
  });
});
