import type { SpeakerSession } from "../../../components/ask/router";
import type { CoeContainer, IpamBlock, ObjectFault } from "../../../components/ask/types";
import { checksOf } from "../../../verify/checks";
import type { AcceptanceState, Observation, Verdict } from "../../../verify/types";
import {
  accepted,
  brief,
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

/* What is expected comes from the COEs' own word: their containers, their IPAM, their nodes, their speakers. */

function judge(id: string, seen: Observation): Verdict {
  const check = checksOf(plan).find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check.judge(seen);
}

const verdict = (id: string, seen: Observation) => brief(judge(id, seen));
const found = (id: string, seen: Observation) => judge(id, seen).found;
const blocks = (...kubernetes: IpamBlock[]): Observation => ({
  ...healthy,
  blocks: { ...healthy.blocks, kubernetes: ok("ipamblocks", kubernetes) },
});
const containers = (...kubernetes: CoeContainer[]): Observation => ({
  ...healthy,
  containers: { ...healthy.containers, kubernetes: ok("pods", kubernetes) },
});

const worker = "kubernetes/worker-1";
const address = (text: string, holder: string) => ({ address: text, holder, node: worker });
const podOf = (name: string, text: string, node = worker) => ({ name, node, address: text });
const own: IpamBlock = {
  cidr: podBlock,
  owners: [worker],
  addresses: [address(pod.address, pod.name), address("192.168.7.9", "shop/web")],
};

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

describe("the node's own end of its sessions", () => {
  const id = `speaker/${worker}`;
  const [established] = speaking("172.16.18.34", podBlock, taskBlock).sessions;
  if (established === undefined) throw new Error("no session");
  const withSessions = (...sessions: SpeakerSession[]): Observation => ({
    ...healthy,
    speakers: {
      ...healthy.speakers,
      [worker]: ok("birdcl", { routerId: "172.16.18.34", sessions }),
    },
  });

  test.each<[string, SpeakerSession[], string]>([
    ["without its session", [], "no session with 172.16.18.32 (reflector)"],
    [
      "with another AS",
      [{ ...established, asn: 64512 }],
      "Global_172_16_18_32: 172.16.18.32 AS 64512 (should be 64511)",
    ],
    [
      "whose session is down",
      [{ ...established, state: "Active", problem: "Received: Bad peer AS" }],
      "Global_172_16_18_32: 172.16.18.32 Active: Received: Bad peer AS",
    ],
    [
      "whose session with another node is on again",
      [established, { ...established, name: "Mesh_172_16_18_43", address: "172.16.18.43" }],
      "session Mesh_172_16_18_43 with 172.16.18.43 AS 64511 (Established), which is dcos/agent-1: not in the plan",
    ],
    [
      "that has its session for much longer than the reflector",
      [{ ...established, uptimeSeconds: 9_000 }],
      "it has its session with reflector for 9000 s, and reflector has it for 65 s: they do not talk with each other",
    ],
    [
      "with a stranger who brings routes of containers",
      [
        established,
        {
          ...{ ...established, name: "Node_10_0_0_1", address: "10.0.0.1", asn: 64600 },
          imported: [{ prefix: "192.168.0.0/16", via: "10.0.0.1" }],
        },
      ],
      "session Node_10_0_0_1 with 10.0.0.1 AS 64600 (Established) brings 192.168.0.0/16 via 10.0.0.1",
    ],
  ])("a node %s fails", (_, sessions, text) => {
    expect(verdict(id, withSessions(...sessions))).toEqual({
      status: "fail",
      asked: "birdcl",
      found: text,
    });
  });

  test("a session with a router outside the plan stays, as long as it brings no routes of containers", () => {
    const other = {
      ...{ ...established, name: "Node_10_0_0_1", address: "10.0.0.1", asn: 64600 },
      imported: [
        { prefix: "0.0.0.0/0", via: "10.0.0.1" },
        { prefix: "10.1.0.0/16", via: "10.0.0.1" },
      ],
    };
    expect(verdict(id, withSessions(established, other)).status).toBe("pass");
  });

  test("BIRD that tells the day alone says nothing against the other end", () => {
    const { uptimeSeconds: _, ...older } = established;
    expect(verdict(id, withSessions(older)).status).toBe("pass");
  });
});

describe("what the reflector accepts", () => {
  const [[mine], [other, address]] = [
    accepted("172.16.18.34", "192.168.0.0/17"),
    accepted("172.16.18.43", "192.168.128.0/17"),
  ];
  if (mine === undefined || other === undefined || address === undefined)
    throw new Error("nothing accepted");
  const sets = "set to LOCAL_PREF 100, ORIGIN IGP, MED 0, no communities";
  const rest = accepted("172.16.18.34", "192.168.0.0/17").slice(1);
  const state = healthy.accepts.reflector;
  if (state?.ok !== true) throw new Error("no state");
  const accepts = (change: Partial<AcceptanceState>): Observation => ({
    ...healthy,
    accepts: { reflector: ok("gobgp", { ...state.value, ...change }) },
  });

  test.each<[string, Partial<AcceptanceState>, string]>([
    [
      "a default that accepts",
      { beside: ["from anywhere: everything else"] },
      "accepts from anywhere: everything else",
    ],
    [
      "a range more",
      { accepted: [mine, ...rest, other, address, { ...mine, prefix: "10.0.0.0/8" }] },
      `accepts 10.0.0.0/8 26..26 from 172.16.18.34 by 172.16.18.34, ${sets}`,
    ],
    [
      "another next hop",
      {
        accepted: [
          { ...mine, nextHops: ["172.16.18.34", "172.16.18.99"] },
          ...[...rest, other, address],
        ],
      },
      `accepts 192.168.0.0/17 26..26 from 172.16.18.34 by 172.16.18.99, ${sets}`,
    ],
    [
      "a statement about any neighbour",
      { accepted: [mine, ...rest, other, address, { ...other, neighbors: [] }] },
      `accepts 192.168.128.0/17 26..26 from anybody by 172.16.18.43, ${sets}`,
    ],
    [
      "a range less",
      { accepted: [mine, ...rest, address] },
      `does not accept 192.168.128.0/17 26..26 from 172.16.18.43 by 172.16.18.43, ${sets}`,
    ],
    [
      "lengths in between",
      { accepted: [{ ...mine, lengths: "26..32" }, other, address] },
      `accepts 192.168.0.0/17 26..32 from 172.16.18.34 by 172.16.18.34, ${sets}`,
    ],
    [
      "a LOCAL_PREF of the node's own choice",
      { accepted: [{ ...mine, sets: "no communities" }, ...rest, other, address] },
      `accepts 192.168.0.0/17 26..26 from 172.16.18.34 by 172.16.18.34, set to no communities; does not accept 192.168.0.0/17 26..26 from 172.16.18.34 by 172.16.18.34, ${sets}`,
    ],
    [
      "a neighbour that is no client",
      {
        neighbours: {
          ...state.value.neighbours,
          "172.16.18.43": { asn: 64511, established: true },
        },
      },
      "neighbour 172.16.18.43 has no reflector client",
    ],
  ])("%s fails", (_, change, text) => {
    expect(verdict("acceptance/reflector", accepts(change))).toEqual({
      status: "fail",
      asked: "gobgp",
      found: text,
    });
  });
});

test("a daemon that writes the same prefixes in other words accepts the same", () => {
  const state = healthy.accepts.reflector;
  if (state?.ok !== true) throw new Error("no state");
  const parts = ["192.168.0.0/18", "192.168.64.0/18"].flatMap((range) =>
    accepted("172.16.18.34", range),
  );
  const value = { ...state.value, accepted: [...parts, ...state.value.accepted.slice(2)] };
  const seen = { ...healthy, accepts: { reflector: ok("bird", value) } };
  expect(verdict("acceptance/reflector", seen)).toEqual({
    status: "pass",
    asked: "bird",
    found: "2 neighbours, each with its own ranges; all else refused",
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
