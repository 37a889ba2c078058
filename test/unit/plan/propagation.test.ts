import { makePlan, parseStackConfig } from "../../../components/kinds/planning";
import type { Plan } from "../../../plan";
import { deadEnds, propagation } from "../../../plan/propagation";
import { refuseDeadEnds } from "../../../plan/reach";
import type { SessionPlan } from "../../../plan/types";

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
const unreplaced = changed(({ replacePeerAs: _, ...session }) => session);
const pathsOf = (from: string, to: string, of = plan) =>
  propagation(of, `k/${from}`, `k/${to}`).map(({ asPath, end }) => asPath?.join(" ") ?? end);

test("every session from one AS to another has the receiver's AS replaced, and no other", () => {
  const replaced = Object.values(plan.sessions).filter(({ replacePeerAs }) => replacePeerAs);
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
  expect(pathsOf("d", "e", unreplaced)).toEqual(
    ["one", "two"].map((name) => ({
      session: `${name}/k/e`,
      reason: `${name} sends no path with the receiver's AS 64600 in it`,
    })),
  );
  expect(pathsOf("a", "d", unreplaced)).toEqual(["64511", "64512 64511"]);
});

test("two nodes of an AS that are no clients get nothing of each other", () => {
  const peers = changed((session) => ({ ...session, client: false }));
  expect(pathsOf("a", "b", peers)[0]).toEqual({
    session: "one/k/b",
    reason: "neither k/a nor k/b is a reflector client",
  });
});

test("a reflector takes no path with its own AS, and a node neither", () => {
  const wrong = changed((session) =>
    session.name === "one/k/a" ? { ...session, kind: "ebgp" } : session,
  );
  expect(pathsOf("a", "d", wrong)[0]).toEqual({
    session: "one/k/a",
    reason: "one finds its own AS 64511 in the AS path 64511",
  });
  expect(pathsOf("d", "a", wrong)[0]).toEqual({
    session: "one/k/a",
    reason: "k/a finds its own AS 64511 in the AS path 64511 64600",
  });
});

test("a node without a session with the same reflector gets nothing", () => {
  const { "one/k/b": _, ...sessions } = plan.sessions;
  expect(pathsOf("a", "b", { ...plan, sessions })).toEqual([
    { session: "one/k/a", reason: "one has no session with k/b" },
    "64512 64512",
  ]);
});

test("a dead end is one where no reflector helps, and one pair stands for all alike", () => {
  expect(deadEnds(plan)).toEqual([]);
  expect(deadEnds(unreplaced)).toEqual([
    {
      from: "k/d",
      to: "k/e",
      session: "one/k/e",
      reason: "one sends no path with the receiver's AS 64600 in it",
    },
  ]);
});

test("a plan with a dead end is refused at the receiver's AS, with its line", () => {
  expect(() => refuseDeadEnds(config, plan)).not.toThrow();
  expect(() => refuseDeadEnds(config, unreplaced)).toThrow(
    expect.objectContaining({
      code: 2,
      message: `1 problem in the configuration
stack.yaml:17:35: coes.k.nodes.e.asn: routes of k/d would not reach k/e: their path ends at the session one/k/e, where one sends no path with the receiver's AS 64600 in it; allowed: the reflector's AS, or another AS from which paths arrive`,
    }),
  );
});

test("ten thousand nodes of ten ASs end in ten pairs", () => {
  const many = Array.from({ length: 10_000 }, (_, index): [string, SessionPlan] => {
    const id = `k/n${index}`;
    const reflector = { id: "one", address: "192.0.2.1", asn: 64511 };
    const node = { id, address: "192.0.2.3", asn: 64600 + (index % 10) };
    return [id, { name: id, reflector, node, kind: "ebgp", client: false }];
  });
  expect(
    deadEnds({ sessions: Object.fromEntries(many) }).map(({ from, to }) => `${from} ${to}`),
  ).toEqual(Array.from({ length: 10 }, (_, index) => `k/n${index} k/n${index + 10}`));
});
