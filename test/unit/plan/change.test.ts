import { planChange } from "../../../components/plan-change";
import { changeDocument, emptyPlan, renderChange } from "../../../plan/change";
import { both, type Case, next, old, planOf, shown, withoutD } from "./change-plans";

const cases: readonly Case[] = [
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
