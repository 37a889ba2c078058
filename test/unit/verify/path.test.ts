import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Workload } from "../../../components/ask/types";
import { checksOf } from "../../../verify/checks";
import { cover } from "../../../verify/trips/cover";
import { parseTrips } from "../../../verify/trips/parse";
import type { Observation, Verdict } from "../../../verify/types";
import { guarded, healthy, ok, plan, pod, task, unasked } from "./fixture";

/** What the program printed on a host of a lab, and in a pod. */
const said = (name: string) =>
  readFileSync(join(__dirname, "..", "fixtures", "trips", `${name}.txt`), "utf8");
const server = "192.168.132.145";
const client = "192.168.41.192";

const here: Workload = { ...pod, address: client };
const there: Workload = { ...task, address: server };

function judge(text: string, of = plan, id = "path/kubernetes/worker-1-to-dcos"): Verdict {
  const check = checksOf(of).find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check.judge({
    ...healthy,
    workloads: { kubernetes: ok("pods", [here]), dcos: ok("apps", [there]) },
    trips: {
      "kubernetes/worker-1->dcos": {
        ...{ from: here, to: [there] },
        answer: ok("worker-1: trips", parseTrips(text)),
      },
    },
  });
}

function changed(from: string | RegExp, to: string): string {
  const text = said("node");
  const next = text.replace(from, to);
  if (next === text) throw new Error(`no text ${from}`);
  return next;
}

/** The part of one try, with its exit code and what it prints in place of what it did. */
function instead(name: string, code: number, text: string): string {
  const [start = "", trip = ""] = said("node").split(`@@ ${server}\n`);
  const part = new RegExp(`^@- ${name} [^@]*`, "m");
  return `${start}@@ ${server}\n${trip.replace(part, `@- ${name} ${code}\n${text}\n`)}`;
}

test.each(["node", "pod"])("what is printed in a sound network is read (%s)", (name) => {
  expect(parseTrips(said(name))[server]).toEqual({
    to: server,
    page: {
      ok: true,
      value: {
        server: "seamless-probe.instance-966ac28d-d1cc-4e96-8346-14ccce86b38c._app.1",
        client,
      },
    },
    mtu: 1500,
    whole: { ok: true, value: 62 },
    straight: { ok: true, value: 62 },
    body: { ok: true, value: true },
  });
});

test("a refusal is no silence", () => {
  expect(parseTrips(said("pod"))["192.168.192.192"]).toEqual({
    to: "192.168.192.192",
    page: {
      ok: false,
      error: "nc: can't connect to remote host (192.168.192.192): Connection refused",
    },
  });
});

test("what is no answer of the program is refused", () => {
  expect(() => parseTrips("sh: not found")).toThrow("no trips");
});

test("a sound trip passes", () => {
  expect(judge(said("node"))).toEqual({
    status: "pass",
    asked: "worker-1: trips",
    found: "dcos/agent-1: pages, 64 KiB and whole packets",
  });
});

test.each([
  [
    "nothing comes back",
    instead("page", 124, ""),
    "GET: no answer within 4 s, and no refusal either",
  ],
  [
    "the server saw another address",
    changed(
      new RegExp(`(@@ ${server}\n@- page[^@]*)"client":"${client}"`),
      '$1"client":"172.16.18.34"',
    ),
    `seamless-probe.instance-966ac28d-d1cc-4e96-8346-14ccce86b38c._app.1 saw the client as 172.16.18.34 instead of ${client}`,
  ],
  [
    "a router would have to cut the packet",
    instead(
      "whole",
      1,
      "PING x (x) 1472(1500) bytes of data.\nFrom 172.16.18.43 icmp_seq=1 Frag needed and DF set (mtu = 1400)",
    ),
    "a packet of 1500 bytes that may not be cut: From 172.16.18.43 icmp_seq=1 Frag needed and DF set (mtu = 1400)",
  ],
  [
    "the kernel knows of a narrower path",
    instead("whole", 1, "ping: local error: message too long, mtu=1400"),
    "a packet of 1500 bytes that may not be cut: ping: local error: message too long, mtu=1400",
  ],
  [
    "large packets are lost",
    instead("whole", 1, "1 packets transmitted, 0 received, 100% packet loss, time 0ms"),
    "a packet of 1500 bytes that may not be cut: no answer",
  ],
  ["64 KiB do not arrive", instead("body", 124, "HTTP/1.1 200 OK"), "64 KiB: no answer within 4 s"],
  [
    "64 KiB do not arrive as header lines either",
    `${instead("body", 0, "HTTP/1.0 200 OK")}@- headers 143\nTerminated\n`,
    "64 KiB: no answer within 4 s",
  ],
  [
    "there is a router more on the way there",
    instead("straight", 1, "From 172.16.18.34 icmp_seq=1 Time to live exceeded"),
    "a packet for 2 routers on the way there: From 172.16.18.34 icmp_seq=1 Time to live exceeded",
  ],
  [
    "there is a router more on the way back",
    instead("whole", 0, "1480 bytes from x: icmp_seq=1 ttl=61 time=0.1 ms"),
    "3 routers on the way back, planned are 2",
  ],
])("it fails when %s", (_, text, found) => {
  expect(judge(text)).toMatchObject({
    status: "fail",
    at: "kubernetes/worker-1 -> dcos/agent-1",
    found: `to dcos/agent-1 (${server}:8080): ${found}`,
    source: "plan",
    cause: "a link, route, rule or policy on one of the two nodes, or between them",
    remedy: "see kernel/kubernetes/worker-1/* and kernel/dcos/agent-1/*; then: seamless explain",
  });
});

test.each([
  [
    "a server that closes the connection has taken a large request as header lines",
    `${instead("body", 0, "HTTP/1.0 200 OK")}@- headers 0\nHTTP/1.0 200 OK\n`,
  ],
  ["a container may not ping", instead("whole", 1, "ping: permission denied (are you root?)")],
])("it passes when %s", (_, text) => {
  expect(judge(text).status).toBe("pass");
});

test("containers with an MTU of their own are no fault of the path", () => {
  const check = checksOf(plan).find(({ id }) => id === "path/kubernetes/worker-1-to-dcos");
  const text = instead("whole", 1, "From x icmp_seq=1 Frag needed and DF set (mtu = 1400)");
  const back = said("node")
    .replace(`@@ ${server}`, `@@ ${client}`)
    .replace(/@- mtu 0\n1500/, "@- mtu 0\n1400");
  expect(
    check?.judge({
      ...healthy,
      workloads: { kubernetes: ok("pods", [here]), dcos: ok("apps", [there]) },
      trips: {
        "kubernetes/worker-1->dcos": {
          ...{ from: here, to: [there] },
          answer: ok("worker-1: trips", parseTrips(text)),
        },
        "dcos/agent-1->kubernetes": {
          ...{ from: there, to: [here] },
          answer: ok("agent-1: trips", parseTrips(back)),
        },
      },
    }).status,
  ).toBe("pass");
});

describe("where the policy keeps containers out", () => {
  const closed = guarded("dcos");

  test.each([
    ["silence passes", instead("page", 124, ""), "pass", "dcos/agent-1: dropped, as planned"],
    [
      "an answer fails",
      said("node"),
      "fail",
      `to dcos/agent-1 (${server}:8080): seamless-probe.instance-966ac28d-d1cc-4e96-8346-14ccce86b38c._app.1 answered ${client}, which the policy keeps out`,
    ],
    [
      "a refusal fails",
      instead("page", 1, "connect: Connection refused"),
      "fail",
      `to dcos/agent-1 (${server}:8080): not dropped: connect: Connection refused`,
    ],
  ])("%s", (_, text, status, found) => {
    expect(judge(text, closed)).toMatchObject({ status, found });
  });
});

test("a trip that could not be made is unknown", () => {
  const check = checksOf(plan).find(({ id }) => id === "path/kubernetes/worker-1-to-dcos");
  const trips: Observation["trips"] = {
    "kubernetes/worker-1->dcos": { from: pod, to: [task], answer: unasked("worker-1: trips", "x") },
  };
  expect(check?.judge({ ...healthy, trips })).toMatchObject({ status: "unknown", found: "x" });
});

describe("of a node without a probe", () => {
  const check = checksOf(plan).find(({ id }) => id === "path/kubernetes/worker-1-to-dcos");
  const workloads = {
    kubernetes: ok("pods", [{ ...pod, node: "kubernetes/worker-2" }]),
    dcos: ok("apps", [there]),
  };
  const by = (text: string): NonNullable<Observation["trips"]> => ({
    "kubernetes/worker-1->dcos": {
      ...{ from: { ...here, name: "coredns" }, to: [there], stranger: true },
      answer: ok("worker-1: trips", parseTrips(text)),
    },
  });

  test("which runs nothing, nothing is said, with the reason", () => {
    expect(check?.judge({ ...healthy, workloads, trips: {} })).toEqual({
      status: "skip",
      asked: "pods",
      found:
        "no probe runs on kubernetes/worker-1, and no other container: nothing was tried from or to it",
    });
  });

  test("what another container reaches is proven", () => {
    expect(check?.judge({ ...healthy, workloads, trips: by(said("node")) })).toEqual({
      status: "pass",
      asked: "worker-1: trips",
      found: `dcos/agent-1: by coredns (${client}), for no probe runs on kubernetes/worker-1`,
    });
  });

  test("what another container does not reach proves nothing", () => {
    expect(check?.judge({ ...healthy, workloads, trips: by(instead("page", 124, "")) })).toEqual({
      status: "skip",
      asked: "worker-1: trips",
      found: `by coredns (${client}), for no probe runs on kubernetes/worker-1; a policy of its own may keep it in: to dcos/agent-1 (${server}:8080): GET: no answer within 4 s, and no refusal either`,
    });
  });
});

test("all pairs has the nodes of the own COE, too", () => {
  const ids = checksOf(plan, { allPairs: true }).flatMap(({ id, group }) =>
    group === "path" ? [id] : [],
  );
  expect(ids).toEqual([
    "path/dcos/agent-1-to-dcos",
    "path/dcos/agent-1-to-kubernetes",
    "path/kubernetes/worker-1-to-dcos",
    "path/kubernetes/worker-1-to-kubernetes",
  ]);
});

describe("the covering set", () => {
  const on = (coe: string, count: number) =>
    Array.from({ length: count }, (_, at): Workload => ({ ...pod, node: `${coe}/n${at}` }));

  test.each([
    [1, 1],
    [3, 5],
    [5, 3],
    [100, 7],
  ])("%i nodes and %i are each a source and a target, on as few trips as that takes", (a, b) => {
    const pairs = cover(on("a", a), on("b", b));
    expect(pairs).toHaveLength(Math.max(a, b));
    expect(new Set(pairs.map(([from]) => from.node)).size).toBe(a);
    expect(new Set(pairs.map(([, to]) => to.node)).size).toBe(b);
    // The same nodes speak the other way round, so that large packets cross both ways.
    const back = cover(on("b", b), on("a", a));
    expect(back.map(([from, to]) => `${to.node} ${from.node}`)).toEqual(
      pairs.map(([from, to]) => `${from.node} ${to.node}`),
    );
  });

  test("of several probes of a node one goes, and nobody goes to the own node", () => {
    expect(cover([...on("a", 2), ...on("a", 2)], on("a", 2), true)).toHaveLength(2);
  });

  test("nobody goes where nobody is", () => {
    expect(cover(on("a", 2), [])).toEqual([]);
  });
});
