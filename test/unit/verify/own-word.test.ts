import type { CoeContainer, IpamBlock, ObjectFault } from "../../../components/ask/types";
import { checksOf } from "../../../verify/checks";
import type { Observation } from "../../../verify/types";
import {
  healthy,
  learned,
  local,
  ok,
  path,
  plan,
  pod,
  podBlock,
  speaking,
  task,
  taskBlock,
  unasked,
} from "./fixture";
import { address, blocks, containers, found, judge, own, podOf, verdict, worker } from "./judged";

/* What is expected comes from the COEs' own word: their containers, their IPAM, their nodes, their speakers. */

describe("containers", () => {
  test.each<[string, CoeContainer, string]>([
    [
      "outside the plan's ranges",
      podOf("shop/web", "10.244.3.7"),
      "shop/web on kubernetes/worker-1 has 10.244.3.7, outside 192.168.0.0/17",
    ],
    [
      "in the range of another COE",
      podOf("shop/web", "192.168.200.1"),
      "shop/web on kubernetes/worker-1 has 192.168.200.1, outside 192.168.0.0/17 and in the range of dcos",
    ],
    [
      "in no block",
      podOf("shop/web", "192.168.9.9"),
      "shop/web on kubernetes/worker-1 has 192.168.9.9, which is in no block of IPAM",
    ],
    [
      "without a record",
      podOf("shop/web", "192.168.7.40"),
      "shop/web on kubernetes/worker-1 has 192.168.7.40, which IPAM has not given out: another container may get it, too",
    ],
    [
      "on a node that the plan has not",
      podOf("shop/web", pod.address, "worker-9"),
      "shop/web on worker-9 has 192.168.7.2; the plan has no such node",
    ],
  ])("one %s fails", (_, container, text) => {
    expect(verdict("containers/kubernetes", containers(container))).toEqual({
      status: "fail",
      asked: "pods",
      found: text,
    });
  });

  test("two with one address fail, be they of one COE or of two", () => {
    const twice = containers(podOf("shop/a", pod.address), podOf("shop/b", pod.address));
    expect(found("containers/kubernetes", twice)).toBe(
      "192.168.7.2 is shop/a's, and shop/b's of kubernetes",
    );
    const across = containers(podOf("shop/a", task.address));
    expect(found("containers/kubernetes", across)).toContain(
      "192.168.130.66 is shop/a's, and seamless-probe.1's of dcos",
    );
  });

  test("where IPAM keeps no list of addresses, as host-local, none is missed", () => {
    const seen = blocks({ cidr: podBlock, owners: [worker], addresses: [] });
    expect(verdict("containers/kubernetes", seen).status).toBe("pass");
  });
});

describe("IPAM", () => {
  test.each<[string, IpamBlock, string]>([
    [
      "with two owners",
      { ...own, owners: [worker, "kubernetes/worker-2"] },
      "192.168.7.0/26 has several owners: kubernetes/worker-1, kubernetes/worker-2",
    ],
    [
      "of a node that is gone",
      { ...own, owners: ["worker-9"] },
      "192.168.7.0/26 belongs to worker-9, which is no node of kubernetes any more, with 2 addresses in use",
    ],
    [
      "outside the plan's range",
      { cidr: "10.50.0.0/26", owners: [worker], addresses: [address("10.50.0.1", "shop/web")] },
      "10.50.0.0/26 of kubernetes/worker-1 is outside 192.168.0.0/17, with 1 addresses in use",
    ],
    [
      "that another COE has given out, too",
      { cidr: taskBlock, owners: [worker], addresses: [address(task.address, "shop/web")] },
      "192.168.130.64/26 belongs to kubernetes/worker-1, and by dcos's IPAM 192.168.130.64/26 to dcos/agent-1",
    ],
  ])("a block %s fails", (_, block, text) => {
    const result = judge("ipam/kubernetes", blocks(block));
    expect(result.status).toBe("fail");
    expect(result.found).toContain(text);
  });

  test("an empty block of a pool that is gone says nothing", () => {
    const seen = blocks(own, { cidr: "10.50.0.0/26", owners: [worker], addresses: [] });
    for (const id of ["ipam/kubernetes", `rib/origin/${worker}`, "fib/dcos/agent-1"])
      expect([id, judge(id, seen).status]).toEqual([id, "pass"]);
  });

  test("a block of a node that the plan has not is told apart from one of no node", () => {
    const members = {
      ...healthy.members,
      kubernetes: ok("nodes", [
        { name: "worker-1", address: "172.16.18.34" },
        { name: "worker-9", address: "172.16.18.99" },
      ]),
    };
    const seen = { ...blocks({ ...own, owners: ["worker-9"] }), members };
    expect(found("ipam/kubernetes", seen)).toBe(
      "192.168.7.0/26 belongs to worker-9, which the plan has not, with 2 addresses in use",
    );
    expect(verdict("nodes/kubernetes", seen)).toEqual({
      status: "fail",
      asked: "nodes",
      found: "kubernetes has worker-9 (172.16.18.99), which the plan has not at this address",
    });
  });

  test("a node of the plan that the COE has not fails", () => {
    const members = {
      ...healthy.members,
      dcos: ok("state", [{ name: "m", address: "172.16.18.42" }]),
    };
    expect(found("nodes/dcos", { ...healthy, members })).toBe(
      "the plan has agent-1 (172.16.18.43), dcos has not",
    );
  });
});

describe("what IPAM says is in the RIB and in the kernels", () => {
  const second = "192.168.8.64/26";
  const withSecond = blocks(own, { cidr: second, owners: [worker], addresses: [] });

  test("a block that the reflector lacks fails at its node and in every other kernel", () => {
    expect(judge(`rib/origin/${worker}`, withSecond)).toEqual({
      status: "fail",
      at: worker,
      asked: "ipamblocks",
      found: "no 192.168.8.64/26 from 172.16.18.34 at reflector",
      faults: ["no 192.168.8.64/26 from 172.16.18.34 at reflector"],
      expected: "each block of kubernetes/worker-1 at every reflector, with next hop 172.16.18.34",
      source: "kubernetes: IPAM, and the model",
      cause:
        "kubernetes/worker-1 does not send 192.168.8.64/26: its speaker has not read it, or filters it",
      remedy:
        "see session/*/kubernetes/worker-1 and rib/* first; then look what the speaker on kubernetes/worker-1 sends",
    });
    expect(found("fib/dcos/agent-1", withSecond)).toBe(
      "no route to 192.168.8.64/26 (should be via 172.16.18.34)",
    );
  });

  test("who is told that it was sent, and not taken", () => {
    const speakers = {
      ...healthy.speakers,
      [worker]: ok("birdcl", speaking("172.16.18.34", second, taskBlock)),
    };
    expect(judge(`rib/origin/${worker}`, { ...withSecond, speakers }).cause).toBe(
      "kubernetes/worker-1 sends 192.168.8.64/26, and reflector does not take it: see acceptance/reflector",
    );
  });

  test("a block outside of what is accepted ends there by the model", () => {
    const used = [address("10.50.0.1", "shop/web")];
    const stray = blocks(own, { cidr: "10.50.0.0/26", owners: [worker], addresses: used });
    expect(judge(`rib/origin/${worker}`, stray)).toMatchObject({
      status: "fail",
      found: expect.stringMatching(/^10\.50\.0\.0\/26 ends before reflector: .*10\.50\.0\.0\/26/),
      cause:
        "the block is in no range that the plan has the reflector accept: a pool beside the plan",
    });
  });

  test("a path that IPAM has not given to its node fails, though it is inside the plan", () => {
    const paths = [
      path(podBlock, "172.16.18.34"),
      path(taskBlock, "172.16.18.43"),
      path("192.168.99.0/26", "172.16.18.34"),
    ];
    const seen = { ...healthy, rib: { reflector: ok("rib", paths) } };
    expect(found("rib/reflector", seen)).toBe(
      "192.168.99.0/26 from kubernetes/worker-1, to which IPAM has not given it",
    );
    expect(judge("rib/reflector", seen).at).toBe("kubernetes/worker-1 -> reflector");
  });

  test("a block that IPAM has given to two nodes is no fault of the reflector", () => {
    const paths = ["172.16.18.34", "172.16.18.43"].map((hop) => path(podBlock, hop));
    const rib = { reflector: ok("rib", paths) };
    const doubled = blocks({ ...own, owners: [worker, "dcos/agent-1"] });
    expect(found("rib/reflector", { ...healthy, rib })).toContain("has two owners");
    expect(found("rib/reflector", { ...doubled, rib })).not.toContain("has two owners");
    expect(found("ipam/kubernetes", { ...doubled, rib })).toContain("has several owners");
  });

  test("a borrowed address needs a route of its own", () => {
    const lent = podOf("shop/far", "192.168.130.70");
    const seen: Observation = {
      ...healthy,
      blocks: {
        ...healthy.blocks,
        kubernetes: ok("ipamblocks", [
          own,
          { cidr: "192.168.9.0/26", owners: [], addresses: [address("192.168.9.5", "shop/far")] },
        ]),
      },
      containers: {
        ...healthy.containers,
        kubernetes: ok("pods", [{ ...lent, address: "192.168.9.5" }]),
      },
    };
    expect(found(`rib/origin/${worker}`, seen)).toBe(
      "no 192.168.9.5/32 (shop/far, of another node's block) from 172.16.18.34 at reflector",
    );
    expect(found("fib/dcos/agent-1", seen)).toBe(
      "no route to 192.168.9.5/32 (should be via 172.16.18.34)",
    );
    const routes = {
      ...healthy.routes,
      "dcos/agent-1": ok("routes", [
        local(task.address),
        learned(podBlock, "172.16.18.34"),
        learned("192.168.9.5/32", "172.16.18.34"),
      ]),
    };
    expect(verdict("fib/dcos/agent-1", { ...seen, routes }).status).toBe("pass");
  });

  test("IPAM that cannot be asked makes what depends on it unknown, and fails nothing", () => {
    const silent = { ...healthy.blocks, kubernetes: unasked("kubectl", "timed out") };
    const seen = { ...healthy, blocks: silent };
    for (const id of ["rib/reflector", "fib/dcos/agent-1", `rib/origin/${worker}`])
      expect([id, judge(id, seen).status]).toEqual([id, "unknown"]);
    expect(judge("rib/origin/dcos/agent-1", seen).status).toBe("pass");
  });

  test("a default route from a router of the plan fails", () => {
    const routes = {
      ...healthy.routes,
      [worker]: ok("routes", [
        learned(taskBlock, "172.16.18.43"),
        learned("0.0.0.0/0", "172.16.18.43"),
      ]),
    };
    expect(found(`fib/${worker}`, { ...healthy, routes })).toBe(
      "0.0.0.0/0 via 172.16.18.43 dev eth0 proto bird, which is no block that IPAM has given out",
    );
  });
});

test("each fault of an object is told by the check of its group alone", () => {
  const fault: ObjectFault = {
    group: "pools",
    object: "pool extra",
    found: "10.50.0.0/16, enabled, with 1 blocks in use",
    expected: "no other pool for containers than 192.168.0.0/17",
    effect: "other COEs do not reach them",
    remedy: "disable it",
  };
  const objects = { ...healthy.objects, kubernetes: ok("kubectl get ippools", [fault]) };
  const failing = checksOf(plan)
    .map((check) => ({ id: check.id, ...check.judge({ ...healthy, objects }) }))
    .filter(({ status }) => status !== "pass");
  expect(failing).toEqual([
    {
      id: "objects/kubernetes/pools",
      status: "fail",
      at: "kubernetes",
      asked: "kubectl get ippools",
      found:
        "pool extra: 10.50.0.0/16, enabled, with 1 blocks in use (other COEs do not reach them)",
      expected: "no other pool for containers than 192.168.0.0/17",
      source: "plan: coes.kubernetes",
      cause: "somebody else has changed them since the last `pulumi up`",
      remedy: "disable it",
    },
  ]);
});
