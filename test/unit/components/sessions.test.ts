import type { Resource } from "@pulumi/pulumi";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import type { Askable } from "../../../components/reflector/contract";
import { gobgp } from "../../../components/reflector/gobgp";
import { awaitSessions, followSessions, sessionsOf } from "../../../components/reflector/sessions";

/** A daemon whose neighbours are in the given session state, a number of GoBGP's API; one list for each question. */
function daemon(...answers: readonly Readonly<Record<string, number>>[]): Askable {
  let asked = 0;
  return {
    kind: gobgp,
    async ask() {
      const states = answers[Math.min(asked++, answers.length - 1)] ?? {};
      return JSON.stringify(
        Object.entries(states).map(([address, state]) => ({
          conf: { neighbor_address: address, peer_asn: 64511 },
          state: { session_state: state },
        })),
      );
    },
  };
}

const nodes = { "worker-1": "172.16.18.34", "worker-2": "172.16.18.35" };
const [active, established] = [3, 6];
const quiet = { say: () => undefined };

test("waits until every node has a session with every reflector", async () => {
  const up = { "172.16.18.34": established, "172.16.18.35": established };
  const slow = daemon({ "172.16.18.34": established, "172.16.18.35": active }, up);
  await awaitSessions(nodes, { first: daemon(up), second: slow }, { ...quiet, timeoutMs: 60_000 });
  // Longer than the wait's own deadline, which a busy machine does not meet in five seconds.
}, 90_000);

test("names the nodes without a session, and the reflector that does not answer", async () => {
  const half = daemon({ "172.16.18.34": established });
  const dead: Askable = { kind: gobgp, ask: () => Promise.reject(new Error("no such container")) };
  await expect(
    awaitSessions(nodes, { rr: half, other: dead }, { ...quiet, timeoutMs: 0 }),
  ).rejects.toThrow(
    "gave up after 0 s waiting for the sessions of all nodes, before the mesh goes off: not established: worker-2 with rr, other: no such container",
  );
});

test("where the mesh is off, whoever has a session with one reflector has to have one with all", async () => {
  const one = { "172.16.18.34": established };
  const none = daemon({ "172.16.18.34": active, "172.16.18.35": active });
  // The second node is away, and holds up nobody.
  const slow = daemon({ "172.16.18.34": active }, one);
  await followSessions(
    nodes,
    { next: slow },
    { last: daemon(one) },
    { ...quiet, timeoutMs: 5_000 },
  );
  await followSessions(nodes, { next: none }, { last: none }, { ...quiet, timeoutMs: 0 });
  await expect(
    followSessions(nodes, { next: none }, { last: daemon(one) }, { ...quiet, timeoutMs: 0 }),
  ).rejects.toThrow(
    "gave up after 0 s waiting for the sessions of the nodes that have one, with every reflector: not established: worker-1 with next",
  );
});

test("a reflector that is gone tells nothing of sessions before", async () => {
  const gone: Askable = { kind: gobgp, ask: () => Promise.reject(new Error("no such container")) };
  const up = daemon({ "172.16.18.34": established });
  await followSessions(nodes, { next: up }, { last: gone }, { ...quiet, timeoutMs: 0 });
});

test("a node of both families has to have both sessions, with the reflectors that have both", async () => {
  const [six, up] = ["2001:db8:18::34", { "172.16.18.34": established }];
  const sessions = {
    four: { "worker-1": "172.16.18.34" },
    both: { "worker-1": "172.16.18.34", "worker-1/ipv6": six },
  };
  const options = { ...quiet, sessions, timeoutMs: 0 };
  const half = { four: daemon(up), both: daemon({ ...up, [six]: active }) };
  await expect(awaitSessions({}, half, options)).rejects.toThrow(
    "not established: worker-1/ipv6 with both",
  );
  const whole = { four: daemon(up), both: daemon({ ...up, [six]: established }) };
  await awaitSessions({}, whole, options);
  await followSessions({}, whole, {}, options);
});

test("where some nodes have no session with a reflector, each reflector is asked for its own", () => {
  const plan = makePlan(
    parseConfig({
      network: { nodes: "192.0.2.0/24", asn: 64511 },
      reflectors: {
        one: { kind: "gobgp", address: "192.0.2.1" },
        two: { kind: "gobgp", address: "192.0.2.2" },
      },
      coes: {
        prod: {
          kind: "kubernetes",
          podCidr: "10.64.0.0/16",
          policy: "open",
          access: { kubeconfig: "~/.kube/config" },
          nodes: { a: { address: "192.0.2.11" }, b: { address: "192.0.2.12" } },
        },
      },
    }),
  );
  const running = {
    dockerHost: "unix:///run/docker.sock",
    container: "rr",
    resource: {} as Resource,
  };
  const asked = (sessions: typeof plan.sessions) =>
    sessionsOf({
      ...{ plan: { ...plan, sessions }, coe: "prod", access: {} },
      reflectors: { one: running, two: running },
    }).sessions;
  expect(asked(plan.sessions)).toBeUndefined();
  const { "two/prod/b": _, ...others } = plan.sessions;
  expect(asked(others)).toEqual({
    one: { a: "192.0.2.11", b: "192.0.2.12" },
    two: { a: "192.0.2.11" },
  });
});
