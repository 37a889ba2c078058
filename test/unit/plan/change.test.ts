import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { planChange } from "../../../components/plan-change";
import type { Plan, SessionPlan } from "../../../plan";
import { changeDocument, emptyPlan, renderChange } from "../../../plan/change";

const [old, next] = ["10.64.0.0/18", "10.64.64.0/18"];

interface Given {
  readonly k?: object;
  readonly d?: object;
  readonly reflectors?: Readonly<Record<string, object>>;
  /** COEs whose sessions have a password. */
  readonly passwords?: Readonly<Record<string, string>>;
  readonly guards?: object;
}

const one = { kind: "gobgp", address: "192.0.2.1" };
const two = { kind: "bird", address: "192.0.2.2" };
const both = { one, two };
const [a, b, c] = ["192.0.2.11", "192.0.2.12", "192.0.2.13"].map((address) => ({ address }));
const usual = {
  k: {
    kind: "kubernetes",
    podCidr: old,
    policy: "open",
    access: { kubeconfig: "/k" },
    nodes: { a, b, c },
  },
  d: {
    kind: "dcos",
    podCidr: "10.65.0.0/18",
    policy: "open",
    access: { url: "https://dcos.example.com", etcd: ["http://192.0.2.21:2379"] },
    nodes: { x: { address: "192.0.2.21" } },
  },
};

/** A plan of a Kubernetes k with three nodes and a DC/OS d with one, but for what is given. */
function planOf({
  k = {},
  d = {},
  reflectors = { one },
  passwords,
  guards = {},
}: Given = {}): Plan {
  const network = { supernet: "10.64.0.0/12", nodes: "192.0.2.0/24", asn: 64511, ...guards };
  const coes = { k: { ...usual.k, ...k }, d: { ...usual.d, ...d } };
  const secrets = passwords === undefined ? {} : { secrets: { bgpPasswords: passwords } };
  return makePlan(parseConfig({ network, reflectors, coes }, secrets));
}

/** The plan with other fields at the reflectors' ends of its sessions, as a program before or after this one makes it. */
function withEnds(plan: Plan, change: (one: SessionPlan) => Partial<SessionPlan["a"]>): Plan {
  const sessions = Object.entries(plan.sessions).map(([name, session]) => [
    name,
    { ...session, a: { ...session.a, ...change(session) } },
  ]);
  return { ...plan, sessions: Object.fromEntries(sessions) };
}

const shown = (before: Plan, after: Plan) => renderChange(planChange(before, after));

/** The same without DC/OS. */
const withoutD = makePlan(
  parseConfig({
    network: { supernet: "10.64.0.0/12", nodes: "192.0.2.0/24", asn: 64511 },
    reflectors: { one },
    coes: { k: usual.k },
  }),
);

/** Two nodes in an AS of their own, whose routes the reflector passes on with that AS in the path. */
const asRack = planOf({
  k: { nodes: { a, b, c: { ...c, asn: 64600 } } },
  d: { nodes: { x: { address: "192.0.2.21", asn: 64600 } } },
});
const unreplaced: Plan = {
  ...asRack,
  sessions: Object.fromEntries(
    Object.entries(asRack.sessions).map(([name, session]) => {
      const { replacePeerAs: _, ...end } = session.a;
      return [name, { ...session, a: end }];
    }),
  ),
};

const cases: readonly (readonly [
  what: string,
  before: Plan,
  after: Plan,
  lines: readonly string[],
])[] = [
  [
    "a range more",
    planOf(),
    planOf({ k: { podCidr: [old, next] } }),
    [
      "ranges",
      "  + k 10.64.64.0/18 for containers, 256 blocks of /26: announced",
      "acceptances",
      "  + from 3 nodes of k: 10.64.64.0/18 /26 or /32 accepted before COEs move",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "a range that retires",
    planOf(),
    planOf({ k: { podCidr: [old, next], retiring: [old] } }),
    [
      "ranges",
      "  + k 10.64.64.0/18 for containers, 256 blocks of /26: announced",
      "  ~ k 10.64.0.0/18 for containers, 256 blocks of /26: retires; its blocks stay announced, and it gives no new addresses",
      "acceptances",
      "  + from 3 nodes of k: 10.64.64.0/18 /26 or /32 accepted before COEs move",
      "restarts",
      "  ! containers of k with addresses of 10.64.0.0/18, to get addresses of 10.64.64.0/18",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "a range that is given up after all its containers are gone",
    planOf({ k: { podCidr: [old, next], retiring: [old] } }),
    planOf({ k: { podCidr: next } }),
    [
      "ranges",
      "  - k 10.64.0.0/18 for containers, 256 blocks of /26: withdrawn",
      "acceptances",
      "  - from 3 nodes of k: 10.64.0.0/18 /26 or /32 refused afterwards",
      "refused",
      "  ! k: while an address of 10.64.0.0/18 is in use; allowed: keeping 10.64.0.0/18 in podCidr and retiring until its workloads are restarted",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "a range that comes back",
    planOf({ k: { podCidr: [old, next], retiring: [old] } }),
    planOf({ k: { podCidr: [old, next] } }),
    [
      "ranges",
      "  ~ k 10.64.0.0/18 for containers, 256 blocks of /26: gives new addresses again",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "another range at once",
    planOf(),
    planOf({ k: { podCidr: next } }),
    [
      "ranges",
      "  - k 10.64.0.0/18 for containers, 256 blocks of /26: withdrawn",
      "  + k 10.64.64.0/18 for containers, 256 blocks of /26: announced",
      "acceptances",
      "  + from 3 nodes of k: 10.64.64.0/18 /26 or /32 accepted before COEs move",
      "  - from 3 nodes of k: 10.64.0.0/18 /26 or /32 refused afterwards",
      "refused",
      "  ! k: while an address of 10.64.0.0/18 is in use; allowed: podCidr: [10.64.0.0/18, 10.64.64.0/18] and retiring: [10.64.0.0/18]",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "a range whose pool was there before the stack",
    planOf({ k: { podCidr: [old, next], pool: { [old]: "theirs" } } }),
    planOf({ k: { podCidr: next } }),
    [
      "ranges",
      "  - k 10.64.0.0/18 for containers, 256 blocks of /26: withdrawn",
      "acceptances",
      "  - from 3 nodes of k: 10.64.0.0/18 /26 or /32 refused afterwards",
      "restarts",
      "  ! containers of k with addresses of 10.64.0.0/18, to get addresses of 10.64.64.0/18",
      "loss expected",
      "  ! containers of k with addresses of 10.64.0.0/18 are not reached by other COEs any more: the pool was there before the stack, and nobody looks whether it is in use (asked for by coes.k.podCidr without 10.64.0.0/18)",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "another block size",
    planOf(),
    planOf({ k: { blockSize: 27 } }),
    [
      "acceptances",
      "  + from 3 nodes of k: 10.64.0.0/18 /27 accepted before COEs move",
      "  - from 3 nodes of k: 10.64.0.0/18 /26 refused afterwards",
      "refused",
      "  ! k: while the pool of 10.64.0.0/18 has blocks of /26, which no pool can change; allowed: blockSize: 26, or another range",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "another pool of the same range",
    planOf(),
    planOf({ k: { pool: "theirs" } }),
    [
      "refused",
      "  ! k: while the pool of 10.64.0.0/18 is not theirs; allowed: pool: the name that it has in the cluster",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "services that are announced no longer",
    planOf({ k: { serviceCidr: "10.96.0.0/16", announceServices: true } }),
    planOf({ k: { serviceCidr: "10.96.0.0/16" } }),
    [
      "ranges",
      "  - k 10.96.0.0/16 for services (clusterIPs): withdrawn",
      "acceptances",
      "  - from 3 nodes of k: 10.96.0.0/16 /16 or /32 refused afterwards",
      "loss expected",
      "  ! services of k are not reached any more by addresses of 10.96.0.0/16: clusterIPs are announced no longer (asked for by coes.k without 10.96.0.0/16)",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "a policy that keeps others out",
    planOf(),
    planOf({ d: { policy: "closed" } }),
    [
      "let in",
      "  ~ d: open to everybody -> closed",
      "reach",
      "  - k -> d: all -> none; then: policy of d: closed",
      "loss expected",
      "  ! containers of k reach those of d no longer: policy of d: closed (asked for by coes.d.policy: closed)",
      "4 sessions stay up, 3 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "a policy that lets everybody in",
    planOf({ d: { policy: "cross-coe", allowFrom: ["k"], allowFromHosts: ["192.0.2.9/32"] } }),
    planOf(),
    [
      "let in",
      "  ~ d: from k, hosts 192.0.2.9/32 -> open to everybody",
      "refused",
      "  ! d: while policies of the cluster would lose their effect by policy: open; allowed: policyOverrides with their names, or all",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "no NAT any more",
    planOf({ k: { natOutgoing: true } }),
    planOf(),
    [
      "other networks",
      "  ~ containers of k reach networks outside the plan with their own address",
      "loss expected",
      "  ! containers of k reach networks outside the plan only where these have a route back: packets keep the container's own address (asked for by coes.k.natOutgoing: false)",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "a COE that is no longer deployed",
    planOf(),
    planOf({ d: { deploy: false } }),
    [
      "COEs",
      "  - d leaves",
      "sessions",
      "  - 1 session one/d/x: d is no longer deployed",
      "ranges",
      "  - d 10.65.0.0/18 for containers, 256 blocks of /26: withdrawn",
      "reach",
      "  - d -> k, k -> d: all -> none; then: d is not deployed",
      "loss expected",
      "  ! containers of d reach those of k no longer: d is not deployed (asked for by coes.d.deploy: false)",
      "  ! containers of k reach those of d no longer: d is not deployed (asked for by coes.d.deploy: false)",
      "3 sessions stay up, 1 pair of COEs reaches each other as before; loss expected",
    ],
  ],
  [
    "a node more",
    planOf({ k: { nodes: { a, b } } }),
    planOf(),
    [
      "sessions",
      "  + 1 session one/k/c: k/c is added",
      "acceptances",
      "  + from k/c: 10.64.0.0/18 /26 or /32 accepted before COEs move",
      "3 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "a node less",
    planOf(),
    planOf({ k: { nodes: { a, b } } }),
    [
      "sessions",
      "  - 1 session one/k/c: k/c is removed",
      "acceptances",
      "  - from k/c: 10.64.0.0/18 /26 or /32 refused afterwards",
      "loss expected",
      "  ! containers on k/c are not reached any more: k/c is removed (asked for by coes.k.nodes without c)",
      "3 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "another address of a node",
    planOf(),
    planOf({ k: { nodes: { a, b, c: { address: "192.0.2.14" } } } }),
    [
      "sessions",
      "  ! 1 session one/k/c: reset: the node: address 192.0.2.13 -> 192.0.2.14",
      "loss expected",
      "  ! k/c has no routes, and is not reached, until a session is back: its only session is reset",
      "3 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "another AS of a node, with one reflector",
    planOf(),
    planOf({ k: { nodes: { a, b, c: { ...c, asn: 64600 } } } }),
    [
      "sessions",
      "  ! 1 session one/k/c: reset: one: role reflector -> peer, one: AS of the neighbour replaced none -> true, the node: AS 64511 -> 64600, the node: role client -> peer",
      "loss expected",
      "  ! k/c has no routes, and is not reached, until a session is back: its only session is reset; without loss: drain k/c before the update",
      "3 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "another AS of a node, with two reflectors",
    planOf({ reflectors: both }),
    planOf({ reflectors: both, k: { nodes: { a, b, c: { ...c, asn: 64600 } } } }),
    [
      "sessions",
      "  ! 1 session one/k/c: reset: one: role reflector -> peer, one: AS of the neighbour replaced none -> true, the node: AS 64511 -> 64600, the node: role client -> peer",
      "  ! 1 session two/k/c: reset: two: role reflector -> peer, two: AS of the neighbour replaced none -> true, the node: AS 64511 -> 64600, the node: role client -> peer",
      "loss expected",
      "  ! k/c has no routes, and is not reached, until a session is back: each of its sessions is reset; without loss: drain k/c before the update",
      "6 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "another cluster-id, with one reflector",
    planOf(),
    planOf({ reflectors: { one: { ...one, clusterId: "0.0.0.1" } } }),
    [
      "sessions",
      "  ! 4 sessions one/d/x, one/k/a, one/k/b, one/k/c: reset: one: cluster-id 192.0.2.1 -> 0.0.0.1",
      "loss expected",
      "  ! d/x has no routes, and is not reached, until a session is back: its only session is reset; without loss: have a second reflector first, in an update of its own",
      "  ! 3 nodes of k have no routes, and are not reached, until a session is back: their only sessions are reset; without loss: have a second reflector first, in an update of its own",
      "0 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "another cluster-id of one of two reflectors",
    planOf({ reflectors: both }),
    planOf({ reflectors: { one: { ...one, clusterId: "0.0.0.1" }, two } }),
    [
      "sessions",
      "  ! 4 sessions one/d/x, one/k/a, one/k/b, one/k/c: reset: one: cluster-id 192.0.2.1 -> 0.0.0.1",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "another cluster-id of both reflectors, which change one after the other",
    planOf({ reflectors: both }),
    planOf({
      reflectors: { one: { ...one, clusterId: "0.0.0.1" }, two: { ...two, clusterId: "0.0.0.1" } },
    }),
    [
      "sessions",
      "  ! 4 sessions one/d/x, one/k/a, one/k/b, one/k/c: reset: one: cluster-id 192.0.2.1 -> 0.0.0.1",
      "  ! 4 sessions two/d/x, two/k/a, two/k/b, two/k/c: reset: two: cluster-id 192.0.2.2 -> 0.0.0.1",
      "0 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "another AS of all nodes of a COE, with two reflectors",
    planOf({ reflectors: both }),
    planOf({ reflectors: both, k: { asn: 64600 } }),
    [
      "sessions",
      "  ! 3 sessions one/k/a, one/k/b, one/k/c: reset: one: role reflector -> peer, one: AS of the neighbour replaced none -> true, the node: AS 64511 -> 64600, the node: role client -> peer",
      "  ! 3 sessions two/k/a, two/k/b, two/k/c: reset: two: role reflector -> peer, two: AS of the neighbour replaced none -> true, the node: AS 64511 -> 64600, the node: role client -> peer",
      "loss expected",
      "  ! 3 nodes of k have no routes, and are not reached, until a session is back: all their sessions are reset; without loss: drain one node at a time, give it the AS by coes.k.nodes.<node>.asn, and run pulumi up; give it to the COE when all nodes have it",
      "2 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "another AS of one of two reflectors",
    planOf({ reflectors: both }),
    planOf({ reflectors: { one: { ...one, asn: 64600 }, two } }),
    [
      "reflectors",
      "  ! one is restarted: AS 64511 -> 64600",
      "sessions",
      "  ! 4 sessions one/d/x, one/k/a, one/k/b, one/k/c: reset: one: AS 64511 -> 64600, one: role reflector -> peer, one: AS of the neighbour replaced none -> true, the node: role client -> peer, one is restarted",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "another port of the reflector",
    planOf({ reflectors: { two } }),
    planOf({ reflectors: { two: { ...two, port: 1790 } } }),
    [
      "reflectors",
      "  ! two is restarted: port 179 -> 1790",
      "sessions",
      "  ! 4 sessions two/d/x, two/k/a, two/k/b, two/k/c: reset: two: port 179 -> 1790, two is restarted",
      "loss expected",
      "  ! d/x has no routes, and is not reached, until a session is back: its only session is reset; without loss: have a second reflector first, in an update of its own",
      "  ! 3 nodes of k have no routes, and are not reached, until a session is back: their only sessions are reset; without loss: have a second reflector first, in an update of its own",
      "0 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "another kind of reflector",
    planOf(),
    planOf({ reflectors: { one: { ...one, kind: "bird" } } }),
    [
      "reflectors",
      "  ! one is replaced: kind gobgp -> bird",
      "sessions",
      "  ! 4 sessions one/d/x, one/k/a, one/k/b, one/k/c: reset: one is replaced; nodes keep their routes meanwhile",
      "0 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "another kind of reflector and another range",
    planOf(),
    planOf({ k: { podCidr: next }, reflectors: { one: { ...one, kind: "bird" } } }),
    [
      "reflectors",
      "  ! one is replaced: kind gobgp -> bird",
      "sessions",
      "  ! 4 sessions one/d/x, one/k/a, one/k/b, one/k/c: reset: one is replaced; nodes keep their routes meanwhile",
      "ranges",
      "  - k 10.64.0.0/18 for containers, 256 blocks of /26: withdrawn",
      "  + k 10.64.64.0/18 for containers, 256 blocks of /26: announced",
      "acceptances",
      "  + from 3 nodes of k: 10.64.64.0/18 /26 or /32 accepted before COEs move",
      "  - from 3 nodes of k: 10.64.0.0/18 /26 or /32 refused afterwards",
      "refused",
      "  ! k: while an address of 10.64.0.0/18 is in use; allowed: podCidr: [10.64.0.0/18, 10.64.64.0/18] and retiring: [10.64.0.0/18]",
      "loss expected",
      "  ! blocks of 10.64.0.0/18 are refused before COEs have moved: one is replaced by another kind, which keeps nothing of what it accepted; change its kind in an update of its own",
      "0 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "a reflector more",
    planOf(),
    planOf({ reflectors: both }),
    [
      "reflectors",
      "  + two is added",
      "sessions",
      "  + 4 sessions two/d/x, two/k/a, two/k/b, two/k/c: two is added",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "another reflector in its place",
    planOf(),
    planOf({ reflectors: { two } }),
    [
      "reflectors",
      "  - one is removed",
      "  + two is added",
      "sessions",
      "  + 4 sessions two/d/x, two/k/a, two/k/b, two/k/c: two is added",
      "  - 4 sessions one/d/x, one/k/a, one/k/b, one/k/c: one is removed",
      "0 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "a password",
    planOf(),
    planOf({ passwords: { k: "secret" } }),
    [
      "sessions",
      "  ! 3 sessions one/k/a, one/k/b, one/k/c: reset: both ends: password none -> k",
      "loss expected",
      "  ! 3 nodes of k have no routes, and are not reached, until a session is back: their only sessions are reset",
      "1 session stays up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "TTL security, which nodes get when all reflectors have it",
    planOf({ reflectors: both }),
    planOf({ reflectors: both, guards: { ttlSecurity: true } }),
    [
      "sessions",
      "  ! 8 sessions one/d/x, one/k/a, one/k/b, one/k/c and 4 more: reset: both ends: TTL security none -> true",
      "loss expected",
      "  ! d/x has no routes, and is not reached, until a session is back: each of its sessions is reset",
      "  ! 3 nodes of k have no routes, and are not reached, until a session is back: all their sessions are reset",
      "0 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "a COE that is removed at once",
    planOf(),
    withoutD,
    [
      "COEs",
      "  - d leaves",
      "sessions",
      "  - 1 session one/d/x: d is removed",
      "ranges",
      "  - d 10.65.0.0/18 for containers, 256 blocks of /26: withdrawn",
      "acceptances",
      "  - from d/x: 10.65.0.0/18 /26 or /32 refused afterwards",
      "reach",
      "  - d -> k, k -> d: all -> none; then: d is not in the plan",
      "loss expected",
      "  ! containers of d reach those of k no longer: d is not in the plan (asked for by coes without d)",
      "  ! containers of k reach those of d no longer: d is not in the plan (asked for by coes without d)",
      "  ! containers on different nodes of d do not reach each other until its own mesh is back: d is removed in one update; with coes.d.deploy: false in an update before, its mesh comes back first (asked for by coes without d)",
      "3 sessions stay up, 1 pair of COEs reaches each other as before; loss expected",
    ],
  ],
  [
    "a stack that was not up",
    emptyPlan(planOf()),
    planOf(),
    [
      "COEs",
      "  + d joins; what changes inside it: seamless inspect --coe d",
      "  + k joins; what changes inside it: seamless inspect --coe k",
      "reflectors",
      "  + one is added",
      "sessions",
      "  + 4 sessions one/d/x, one/k/a, one/k/b, one/k/c: one is added",
      "ranges",
      "  + d 10.65.0.0/18 for containers, 256 blocks of /26: announced",
      "  + k 10.64.0.0/18 for containers, 256 blocks of /26: announced",
      "acceptances",
      "  + from d/x: 10.65.0.0/18 /26 or /32 accepted before COEs move",
      "  + from 3 nodes of k: 10.64.0.0/18 /26 or /32 accepted before COEs move",
      "reach",
      "  + d -> k: none -> all; before: k is not in the plan",
      "  + k -> d: none -> all; before: d is not in the plan",
      "0 sessions stay up, 0 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "timers, which a GoBGP takes over while the session is up",
    planOf(),
    withEnds(planOf(), () => ({ timers: { hold: 9, keepalive: 3 } })),
    [
      "sessions",
      "  ~ 4 sessions one/d/x, one/k/a, one/k/b, one/k/c: stays up: one: timers hold 90 keepalive 30 -> hold 9 keepalive 3",
      "4 sessions stay up, 4 pairs of COEs reach each other as before; no loss expected",
    ],
  ],
  [
    "timers, for which a BIRD resets the session",
    planOf({ reflectors: { two } }),
    withEnds(planOf({ reflectors: { two } }), () => ({ timers: { hold: 9, keepalive: 3 } })),
    [
      "sessions",
      "  ! 4 sessions two/d/x, two/k/a, two/k/b, two/k/c: reset: two: timers hold 90 keepalive 30 -> hold 9 keepalive 3",
      "loss expected",
      "  ! d/x has no routes, and is not reached, until a session is back: its only session is reset",
      "  ! 3 nodes of k have no routes, and are not reached, until a session is back: their only sessions are reset",
      "0 sessions stay up, 4 pairs of COEs reach each other as before; loss expected",
    ],
  ],
  [
    "nodes of one AS without replacement, of which some get no routes of others any more",
    asRack,
    unreplaced,
    [
      "sessions",
      "  ! 2 sessions one/d/x, one/k/c: reset: one: AS of the neighbour replaced true -> none",
      "reach",
      "  - d -> k: all -> some; then: routes of k/c do not reach d/x: their path ends at the session one/d/x: one sends no path with the receiver's AS 64600 in it",
      "  - k -> d: all -> some; then: routes of d/x do not reach k/c: their path ends at the session one/k/c: one sends no path with the receiver's AS 64600 in it",
      "loss expected",
      "  ! containers of d reach those of k only in part: routes of k/c do not reach d/x: their path ends at the session one/d/x: one sends no path with the receiver's AS 64600 in it",
      "  ! containers of k reach those of d only in part: routes of d/x do not reach k/c: their path ends at the session one/k/c: one sends no path with the receiver's AS 64600 in it",
      "  ! d/x has no routes, and is not reached, until a session is back: its only session is reset",
      "  ! k/c has no routes, and is not reached, until a session is back: its only session is reset",
      "2 sessions stay up, 2 pairs of COEs reach each other as before; loss expected",
    ],
  ],
];

test.each(cases)("%s", (_what, before, after, lines) => {
  expect(shown(before, after)).toEqual(lines);
});

test("nothing is said where nothing changes", () => {
  const plan = planOf({ reflectors: both });
  const change = planChange(plan, planOf({ reflectors: both }));
  expect(renderChange(change)).toEqual([]);
  expect(changeDocument(change, "a", "b")).toEqual({
    schemaVersion: 1,
    from: "a",
    to: "b",
    changes: false,
    coes: [],
    reflectors: [],
    sessions: { added: [], removed: [], reset: [], tuned: [], stay: 8 },
    ranges: [],
    acceptances: [],
    admissions: [],
    outgoing: [],
    reach: [],
    reachStays: 4,
    restarts: [],
    refusals: [],
    losses: [],
  });
});

test("the document has what the text is made of", () => {
  const change = planChange(planOf(), planOf({ k: { podCidr: next } }));
  expect(changeDocument(change, "a", "b")).toMatchObject({
    changes: true,
    ranges: [
      {
        coe: "k",
        range: old,
        use: "containers",
        change: "withdrawn",
        blocks: { count: 256, length: 26 },
      },
      {
        coe: "k",
        range: next,
        use: "containers",
        change: "announced",
        blocks: { count: 256, length: 26 },
      },
    ],
    acceptances: [
      {
        coe: "k",
        nodes: ["k/a", "k/b", "k/c"],
        widened: [
          { cidr: next, minLength: 26, maxLength: 26 },
          { cidr: next, minLength: 32, maxLength: 32 },
        ],
        narrowed: [
          { cidr: old, minLength: 26, maxLength: 26 },
          { cidr: old, minLength: 32, maxLength: 32 },
        ],
      },
    ],
    refusals: [
      {
        coe: "k",
        when: `an address of ${old} is in use`,
        allowedBy: `podCidr: [${old}, ${next}] and retiring: [${old}]`,
      },
    ],
  });
});
