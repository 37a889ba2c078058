import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { routerKinds } from "../../../components/reflector/kinds";
import { calicoObjects, calicoPlan, inOrder } from "../../../components/speakers/calico/objects";
import { renderCalicoV1 } from "../../../components/speakers/calico/render";
import type { Plan } from "../../../plan";
import { inSpan } from "../../../plan/spans";
import { prefix } from "../../../util/net";

interface Asked {
  readonly network?: object;
  readonly kind?: string;
  readonly dcos?: object;
}

const planOf = ({ network = {}, kind = "gobgp", dcos = {} }: Asked): Plan =>
  makePlan(
    parseConfig({
      network: { nodes: ["192.0.2.0/25", "192.0.2.128/25"], asn: 64511, ...network },
      reflectors: { rr: { kind, address: "192.0.2.1" } },
      coes: {
        k: {
          kind: "kubernetes",
          podCidr: "10.64.0.0/16",
          serviceCidr: "10.96.0.0/16",
          announceServices: true,
          policy: "open",
          access: { kubeconfig: "file" },
          nodes: { near: { address: "192.0.2.2" }, far: { address: "192.0.2.130" } },
        },
        d: {
          kind: "dcos",
          podCidr: "10.65.0.0/16",
          policy: "open",
          access: { url: "https://dcos.example.com", etcd: ["http://192.0.2.10:2379"] },
          nodes: { agent: { address: "192.0.2.3" } },
          ...dcos,
        },
      },
    }),
  );

test("what is not asked for changes neither plan nor objects", () => {
  const plan = planOf({});
  expect(plan).not.toHaveProperty("nodeAcceptance");
  expect(planOf({ network: { ttlSecurity: false, nodeFilters: false } })).toEqual(plan);
  expect(inOrder(calicoObjects(calicoPlan(plan, "k"))).map(({ kind }) => kind)).not.toContain(
    "BGPFilter",
  );
});

test("TTL security is for sessions on one segment whose speakers know of it", () => {
  const guarded = ({ sessions }: Plan) =>
    Object.values(sessions).flatMap(({ name, ttlSecurity }) => (ttlSecurity ? [name] : []));
  const network = { ttlSecurity: true };
  expect(guarded(planOf({ network }))).toEqual(["rr/d/agent", "rr/k/near"]);
  expect(guarded(planOf({ network, dcos: { calicoApi: "v1" } }))).toEqual(["rr/k/near"]);
});

test("nodes whose sessions differ in it have peers of their own", () => {
  const { peers } = calicoObjects(calicoPlan(planOf({ network: { ttlSecurity: true } }), "k"));
  expect(Object.entries(peers).map(([name, { spec }]) => [name, spec])).toEqual([
    ["rr/far", { asNumber: 64511, node: "far", peerIP: "192.0.2.1" }],
    ["rr/near", { asNumber: 64511, node: "near", peerIP: "192.0.2.1", ttlSecurity: 1 }],
  ]);
});

test.each(Object.entries(routerKinds))(
  "a file of kind %s says it of these neighbours alone, and is read like that",
  (kind, router) => {
    const plan = planOf({ network: { ttlSecurity: true }, kind });
    const { rr } = plan.reflectors;
    if (rr === undefined) throw new Error("no reflector in the plan");
    const { neighbors } = router.describe(router.render(plan, rr));
    const guarded = Object.keys(neighbors).filter((one) => neighbors[one]?.ttlSecurity === true);
    expect(guarded.sort()).toEqual(["192.0.2.2", "192.0.2.3"]);
  },
);

test("nodes accept what anybody announces, each length of it, and nothing else", () => {
  const plan = planOf({ network: { nodeFilters: true } });
  const { filters, peers } = calicoObjects(calicoPlan(plan, "d"));
  const accept = (cidr: string, length: number) => ({
    action: "Accept",
    cidr,
    matchOperator: "In",
    prefixLength: { min: length, max: length },
  });
  expect(filters.accepted).toEqual({
    apiVersion: "projectcalico.org/v3",
    kind: "BGPFilter",
    metadata: { name: "seamless-accepted" },
    spec: {
      importV4: [
        ...[accept("10.65.0.0/16", 26), accept("10.65.0.0/16", 32)],
        ...[accept("10.64.0.0/16", 26), accept("10.64.0.0/16", 32)],
        ...[accept("10.96.0.0/16", 16), accept("10.96.0.0/16", 32)],
        { action: "Reject" },
      ],
      importV6: [{ action: "Reject" }],
    },
  });
  expect(Object.values(peers).map(({ spec }) => spec.filters)).toEqual([["seamless-accepted"]]);
  const inside = (text: string) =>
    plan.nodeAcceptance?.some((span) => inSpan(span, prefix(text))) === true;
  // Whatever a reflector accepts, and so passes on, is let in by every node.
  for (const { cidr, minLength } of Object.values(plan.fences).flatMap(({ prefixes }) => prefixes))
    expect([cidr, inside(`${cidr.split("/")[0]}/${minLength}`)]).toEqual([cidr, true]);
  for (const text of ["0.0.0.0/0", "192.0.2.0/25", "10.64.0.0/17", "10.96.0.0/17"])
    expect([text, inside(text)]).toEqual([text, false]);
});

test("a filter comes before the peers that name it, and goes after them", () => {
  const order = inOrder(calicoObjects(calicoPlan(planOf({ network: { nodeFilters: true } }), "d")));
  const kindsOf = order.map(({ kind }) => kind);
  expect(kindsOf.indexOf("BGPFilter")).toBeLessThan(kindsOf.indexOf("BGPPeer"));
});

test("Calico 2 has no filters", () => {
  const plan = planOf({ network: { nodeFilters: true }, dcos: { calicoApi: "v1" } });
  expect(() => renderCalicoV1(calicoPlan(plan, "d"))).toThrow(
    "network.nodeFilters: found true; Calico 2.x has no BGP filters: leave it out, or use Calico 3.31 or later",
  );
});

test("reflectors propose the hold time of the network, and send keepalives three times as often", () => {
  const timers = (network: object, kind = "bird") =>
    Object.values(planOf({ network, kind }).sessions).map(({ a }) => a.timers);
  const all = (hold: number, keepalive: number) => Array(3).fill({ hold, keepalive });
  expect(timers({})).toEqual(all(90, 30));
  expect(timers({ holdTime: 90 })).toEqual(all(90, 30));
  expect(timers({ holdTime: 15 })).toEqual(all(15, 5));
  expect(timers({ holdTime: 10 })).toEqual(all(10, 3));
  // Without a keepalive it does not notice that a node was rebooted.
  expect(timers({}, "gobgp")).toEqual(all(90, 3));
  expect(timers({ holdTime: 10 }, "gobgp")).toEqual(all(10, 3));
  for (const wrong of [2, 91, 4.5, "10"])
    expect(() => timers({ holdTime: wrong })).toThrow(
      `network.holdTime: found ${JSON.stringify(wrong)}; allowed: 3 to 90 seconds`,
    );
});

test("the plan says a limit where it is asked to: twice all blocks, within bounds", () => {
  const limits = (dcos: object) =>
    Object.values(planOf({ dcos }).fences).flatMap(({ node, limit }) =>
      limit === undefined ? [] : [[node, limit]],
    );
  expect(limits({})).toEqual([]);
  expect(limits({ prefixLimit: "plan" })).toEqual([["d/agent", 2048]]);
  expect(limits({ prefixLimit: "plan", podCidr: "10.65.0.0/24" })).toEqual([["d/agent", 1000]]);
  expect(limits({ prefixLimit: "plan", podCidr: "10.72.0.0/13", blockSize: 28 })).toEqual([
    ["d/agent", 20_000],
  ]);
  for (const wrong of [0, 1.5, "any"])
    expect(() => limits({ prefixLimit: wrong })).toThrow(
      `coes.d.prefixLimit: found ${JSON.stringify(wrong)}; allowed: 1 or more, or plan`,
    );
});

test.each([
  ["gobgp", "[neighbors.afi-safis.prefix-limit.config]\nmax-prefixes = 500\n"],
  ["bird", "    import limit 500 action block;\n"],
  ["frr", "  neighbor 192.0.2.3 maximum-prefix 500\n"],
] as const)(
  "%s takes so many prefixes of a node of that COE alone, and no session is reset for it",
  (kind, line) => {
    const text = (dcos: object) => {
      const plan = planOf({ kind, dcos });
      const { rr } = plan.reflectors;
      return rr === undefined ? "" : routerKinds[kind].render(plan, rr);
    };
    const [without, limited] = [text({}), text({ prefixLimit: 500 })];
    expect(without).not.toContain(line);
    expect(limited.split(line)).toHaveLength(2);
    const { describe: read } = routerKinds[kind];
    const [before, after] = [read(without), read(limited)].map(
      ({ neighbors }) => neighbors["192.0.2.3"],
    );
    expect(after?.lasting).toBe(before?.lasting);
    expect(after?.text).not.toBe(before?.text);
  },
);
