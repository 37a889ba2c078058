import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { planChange } from "../../../components/plan-change";
import type { Plan, SessionPlan } from "../../../plan";
import { renderChange } from "../../../plan/change";

/* Plans of a Kubernetes and a DC/OS, before and after a change. */
export const [old, next] = ["10.64.0.0/18", "10.64.64.0/18"];

interface Given {
  readonly k?: object;
  readonly d?: object;
  readonly reflectors?: Readonly<Record<string, object>>;
  /** COEs whose sessions have a password. */
  readonly passwords?: Readonly<Record<string, string>>;
  readonly guards?: object;
}

export const one = { kind: "gobgp", address: "192.0.2.1" };
export const two = { kind: "bird", address: "192.0.2.2" };
export const both = { one, two };
export const [a, b, c] = ["192.0.2.11", "192.0.2.12", "192.0.2.13"].map((address) => ({ address }));
export const usual = {
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
export function planOf({
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
export function withEnds(
  plan: Plan,
  change: (one: SessionPlan) => Partial<SessionPlan["a"]>,
): Plan {
  const sessions = Object.entries(plan.sessions).map(([name, session]) => [
    name,
    { ...session, a: { ...session.a, ...change(session) } },
  ]);
  return { ...plan, sessions: Object.fromEntries(sessions) };
}

export const shown = (before: Plan, after: Plan) => renderChange(planChange(before, after));

/** The same without DC/OS. */
export const withoutD = makePlan(
  parseConfig({
    network: { supernet: "10.64.0.0/12", nodes: "192.0.2.0/24", asn: 64511 },
    reflectors: { one },
    coes: { k: usual.k },
  }),
);

/** Two nodes in an AS of their own, whose routes the reflector passes on with that AS in the path. */
export const asRack = planOf({
  k: { nodes: { a, b, c: { ...c, asn: 64600 } } },
  d: { nodes: { x: { address: "192.0.2.21", asn: 64600 } } },
});
export const unreplaced: Plan = {
  ...asRack,
  sessions: Object.fromEntries(
    Object.entries(asRack.sessions).map(([name, session]) => {
      const { replacePeerAs: _, ...end } = session.a;
      return [name, { ...session, a: end }];
    }),
  ),
};

/** What changes, the plans before and after, and the lines that tell it. */
export type Case = readonly [what: string, before: Plan, after: Plan, lines: readonly string[]];
