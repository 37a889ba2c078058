import { makePlan, parseConfig, parseStackConfig } from "../../../components/kinds/planning";
import { routerTraits } from "../../../components/kinds/traits";
import type { Plan } from "../../../plan";
import { deadEnds, endsBefore, networkOf, settle, topologyOf } from "../../../plan/propagation";
import { refuseDeadEnds } from "../../../plan/reach";
import type { SessionPlan } from "../../../plan/types";
import { unreplaced } from "../../helpers/sessions";

/** Two reflectors in two ASs; nodes in both, and two more in an AS of their own. */
const text = `config:
  seamless:network: { supernet: 10.64.0.0/10, nodes: 192.0.2.0/24, asn: 64511 }
  seamless:reflectors:
    one: { kind: gobgp, address: 192.0.2.1 }
    two: { kind: gobgp, address: 192.0.2.2, asn: 64512 }
  seamless:coes:
    k:
      kind: kubernetes
      podCidr: 10.64.0.0/16
      policy: open
      access: { kubeconfig: ~/.kube/config }
      nodes:
        a: { address: 192.0.2.11 }
        b: { address: 192.0.2.12 }
        c: { address: 192.0.2.13, asn: 64512 }
        d: { address: 192.0.2.14, asn: 64600 }
        e: { address: 192.0.2.15, asn: 64600 }
`;
const config = parseStackConfig(text, "stack.yaml");
const plan = makePlan(config);

/** The plan with something else about its sessions. */
const changed = (change: (session: SessionPlan) => SessionPlan): Plan => ({
  ...plan,
  sessions: Object.fromEntries(
    Object.entries(plan.sessions).map(([name, session]) => [name, change(session)]),
  ),
});
const cut = changed(unreplaced);
const block = "10.64.0.0/26";
const solve = (from: string, to: string, of: Plan) => {
  const [origin, receiver] = [`k/${from}`, `k/${to}`];
  const topology = topologyOf(networkOf(of, new Set([origin, receiver])), routerTraits);
  const outcome = settle(topology, block, [origin]);
  return { outcome, ends: endsBefore(topology, outcome, origin, receiver) };
};
/** By reflector: the AS path that arrives, or where the path ends. */
const pathsOf = (from: string, to: string, of = plan) => {
  const { outcome } = solve(from, to, of);
  return ["one", "two"].map((reflector) => {
    const paths = outcome.paths.get(`k/${to}`) ?? [];
    const path = paths.find(({ learned }) => learned?.neighbour === reflector);
    const end = outcome.ends.find(
      ({ session, reason }) => session.startsWith(`${reflector}/`) && !reason.includes(" back to "),
    );
    return path?.asPath.join(" ") ?? { session: end?.session, reason: end?.reason };
  });
};

test("every session from one AS to another has the receiver's AS replaced, and no other", () => {
  const replaced = Object.values(plan.sessions).filter(({ a }) => a.replacePeerAs);
  expect(replaced.map(({ name }) => name)).toEqual([
    ...["c", "d", "e"].map((node) => `one/k/${node}`),
    ...["a", "b", "d", "e"].map((node) => `two/k/${node}`),
  ]);
});

// By one and two, AS 64511 and 64512; what RFC 4271 5.1.2 and RFC 4456 make of it.
test.each([
  ["a", "b", ["", "64512 64512"]],
  ["a", "c", ["64511", "64511"]],
  ["a", "d", ["64511", "64512 64511"]],
  ["c", "a", ["64512", "64512"]],
  ["d", "a", ["64600", "64512 64600"]],
  ["d", "c", ["64511 64600", "64600"]],
  ["d", "e", ["64511 64511", "64512 64512"]],
])("the AS path from %s to %s", (from, to, paths) => {
  expect(pathsOf(from, to)).toEqual(paths);
});

test("without replacement a path ends where the receiver's AS is in it", () => {
  expect(pathsOf("d", "e", cut)).toEqual(
    ["one", "two"].map((name) => ({
      session: `${name}/k/e`,
      reason: `${name} sends no path with the receiver's AS 64600 in it`,
    })),
  );
  expect(pathsOf("a", "d", cut)).toEqual(["64511", "64512 64511"]);
});

test("two nodes of an AS that are no clients get nothing of each other", () => {
  const peers = changed(({ a, b, ...session }) => ({
    ...session,
    a: { ...a, role: "peer" },
    b: { ...b, role: "peer" },
  }));
  expect(pathsOf("a", "b", peers)[0]).toEqual({
    session: "one/k/b",
    reason: "neither k/a nor k/b is a reflector client",
  });
});

test("a node without a session with a reflector that has the path gets nothing", () => {
  const { "one/k/b": _, "two/k/b": __, ...sessions } = plan.sessions;
  expect(solve("a", "b", { ...plan, sessions }).ends).toEqual([
    {
      session: "one/k/a",
      sender: "one",
      receiver: "k/b",
      reason: "one has no session with k/b",
    },
    {
      session: "two/k/a",
      sender: "two",
      receiver: "k/b",
      reason: "two has no session with k/b",
    },
  ]);
});

test("a path that a reflector does not accept ends there", () => {
  const fence = plan.fences["k/a"];
  if (fence === undefined) throw new Error("no fence");
  const closed = { ...plan, fences: { ...plan.fences, "k/a": { ...fence, prefixes: [] } } };
  expect(deadEnds(closed, routerTraits)[0]).toEqual({
    from: "k/a",
    to: "k/b",
    session: "one/k/a",
    reason: "one does not accept the prefix 10.64.0.0/26",
  });
});

test("a dead end is one where no reflector helps, and one pair stands for all alike", () => {
  expect(deadEnds(plan, routerTraits)).toEqual([]);
  expect(deadEnds(cut, routerTraits)).toEqual([
    {
      from: "k/d",
      to: "k/e",
      session: "one/k/e",
      reason: "one sends no path with the receiver's AS 64600 in it",
    },
  ]);
});

test("a plan with a dead end is refused at the receiver's AS, with its line", () => {
  expect(() => refuseDeadEnds(config, plan, routerTraits)).not.toThrow();
  expect(() => refuseDeadEnds(config, cut, routerTraits)).toThrow(
    expect.objectContaining({
      code: 2,
      message: `1 problem in the configuration
stack.yaml:17:35: coes.k.nodes.e.asn: routes of k/d would not reach k/e: their path ends at the session one/k/e, where one sends no path with the receiver's AS 64600 in it; allowed: the reflector's AS, or another AS from which paths arrive`,
    }),
  );
});

test("ten thousand nodes of ten ASs end in ten pairs", () => {
  const names = Array.from({ length: 10_000 }, (_, index) => index);
  const many = parseConfig({
    network: { supernet: "10.0.0.0/8", nodes: "172.16.0.0/16", asn: 64511 },
    reflectors: { one: { kind: "gobgp", address: "172.16.255.1" } },
    coes: {
      k: {
        kind: "kubernetes",
        podCidr: "10.0.0.0/9",
        policy: "open",
        access: { kubeconfig: "~/.kube/config" },
        nodes: Object.fromEntries(
          names.map((index) => [
            `n${index}`,
            {
              address: `172.16.${Math.floor(index / 250)}.${1 + (index % 250)}`,
              asn: 64600 + (index % 10),
            },
          ]),
        ),
      },
    },
  });
  const whole = makePlan(many);
  const sessions = Object.entries(whole.sessions).map(([name, session]) => [
    name,
    unreplaced(session),
  ]);
  const start = performance.now();
  const ends = deadEnds({ ...whole, sessions: Object.fromEntries(sessions) }, routerTraits);
  expect(performance.now() - start).toBeLessThan(2_000);
  expect(ends.map(({ from, to }) => `${from} ${to}`)).toEqual(
    Array.from({ length: 10 }, (_, index) => {
      // Names are sorted as texts: n0, n1, n10, n100 and so on.
      const own = names.filter((name) => name % 10 === index).map((name) => `k/n${name}`);
      return own.sort().slice(0, 2).join(" ");
    }),
  );
}, 30_000);
