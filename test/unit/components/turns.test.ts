import type { Resource } from "@pulumi/pulumi";
import { secret } from "@pulumi/pulumi";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { KubernetesPeering } from "../../../components/kubernetes/peering";
import { UpdateOrder } from "../../../components/order";
import { Reflector } from "../../../components/reflector";
import { awaitBack } from "../../../components/reflector/back";
import { birdExchange } from "../../../components/reflector/bird/tables";
import type { Askable } from "../../../components/reflector/contract";
import { parseExchange as frrExchange } from "../../../components/reflector/frr/exchange";
import { parseExchange as gobgpExchange } from "../../../components/reflector/gobgp/exchange";
import { returnsAlone } from "../../../components/reflector/in-turn";
import { halfChanged } from "../../../components/reflector/rotation";
import { calicoObjects, calicoPlan } from "../../../components/speakers/calico/objects";
import { FrrPeering } from "../../../components/speakers/frr-k8s/peering";
import { Turns } from "../../../components/turns";
import { named, type Registered, registeredBy } from "../../helpers/mocks";

const lab = readStackConfig("Pulumi.lab.yaml");
const { kubernetes } = lab.coes;
if (kubernetes === undefined) throw new Error("not the reference lab");
const plan = makePlan({
  ...lab,
  reflectors: {
    "rr-1": { kind: "gobgp", address: "172.16.18.31" },
    "rr-2": { kind: "frr", address: "172.16.18.32" },
    "rr-3": { kind: "bird", address: "172.16.18.30" },
  },
  coes: { kubernetes },
  bgpPasswords: ["kubernetes"],
});
const nodes = Object.values(plan.coes.kubernetes?.nodes ?? {});

function everything(): Promise<readonly Registered[]> {
  return registeredBy((options) => {
    const order = new UpdateOrder(new Turns(["rr-1", "rr-2", "rr-3"]));
    const passwords = secret({ kubernetes: "s3cret" });
    const reflectors = Object.fromEntries(
      Object.values(plan.reflectors).map((reflector) => {
        const made = new Reflector(reflector.name, { plan, reflector, passwords, order }, options);
        const running = { dockerHost: "unix:///docker", container: reflector.name };
        return [reflector.name, { ...running, resource: made.widened }];
      }),
    );
    const access = { kubeconfig: "apiVersion: v1" };
    const args = { plan, coe: "kubernetes", access, reflectors, bgpPasswords: passwords, order };
    const last: Resource = new KubernetesPeering("kubernetes", args, options);
    order.close();
    return last;
  });
}

test("a reflector changes after everything of those ahead of it, the nodes' passwords among that", async () => {
  const found = await everything();
  const needs = (name: string) => named(found, name).options.dependsOn;
  const of = (reflector: string, kind: string) => [
    `kubernetes-bgp-passwords-${reflector}`,
    `${reflector}-${kind}`,
    `${reflector}-neighbours`,
  ];
  const ahead = {
    "rr-2": of("rr-1", "gobgp"),
    "rr-3": [...of("rr-1", "gobgp"), ...of("rr-2", "frr")],
  };
  for (const [reflector, resources] of Object.entries(ahead))
    for (const step of [
      { "rr-2": "rr-2-frr", "rr-3": "rr-3-bird" }[reflector],
      `${reflector}-neighbours`,
    ])
      expect(needs(step ?? "")).toEqual(expect.arrayContaining(resources));
  expect(needs("rr-1-neighbours").filter((name) => /rr-[23]/.test(name))).toEqual([
    "rr-2-look",
    "rr-3-look",
  ]);
  // Nodes hear of another password as soon as its reflector has it, and do not wait for the reflectors behind.
  for (const [reflector, others] of [
    ["rr-1", /rr-[23]-(neighbours|frr|bird)/],
    ["rr-2", /rr-3-(neighbours|bird)/],
  ] as const) {
    const own = needs(`kubernetes-bgp-passwords-${reflector}`);
    expect(own).toContain(`${reflector}-neighbours`);
    expect(own.filter((name) => others.test(name))).toEqual([]);
  }
});

test("nodes with FRR-K8s get the password of a reflector with it, too", async () => {
  const { serviceCidr: _, addons: __, probe: ___, names: ____, ...bare } = kubernetes;
  const frr = makePlan({
    ...lab,
    reflectors: {
      "rr-1": { kind: "gobgp", address: "172.16.18.31" },
      "rr-2": { kind: "gobgp", address: "172.16.18.32" },
    },
    coes: {
      kubernetes: {
        ...{ ...bare, announceServices: false, speaker: "frr-k8s" },
        access: { kubeconfig: "none" },
        nodes: { a: { address: "172.16.18.34", podCidr: "192.168.0.0/24" } },
      },
    },
    bgpPasswords: ["kubernetes"],
  });
  const found = await registeredBy((options) => {
    const order = new UpdateOrder(new Turns(["rr-1", "rr-2"]));
    const bgpPasswords = secret({ kubernetes: "s3cret" });
    const reflectors = Object.fromEntries(
      Object.values(frr.reflectors).map((reflector) => {
        const made = new Reflector(reflector.name, { plan: frr, reflector, order }, options);
        const running = { dockerHost: "unix:///docker", container: reflector.name };
        return [reflector.name, { ...running, resource: made.widened }];
      }),
    );
    const access = { kubeconfig: "apiVersion: v1" };
    const args = { plan: frr, coe: "kubernetes", access, reflectors, bgpPasswords, order };
    const last: Resource = new FrrPeering("kubernetes", args, options);
    order.close();
    return last;
  });
  const own = named(found, "kubernetes-bgp-password-kubernetes-rr-1").options.dependsOn;
  expect([own.includes("rr-1-neighbours"), own.includes("rr-2-neighbours")]).toEqual([true, false]);
  const next = named(found, "rr-2-neighbours").options.dependsOn;
  expect(next).toContain("kubernetes-bgp-password-kubernetes-rr-1");
});

test("each of several reflectors has a Secret of its own, which its peer refers to", async () => {
  const { peers } = calicoObjects(calicoPlan(plan, "kubernetes"));
  const refs = Object.entries(peers).map(([far, { spec }]) => [far, spec.password?.secretKeyRef]);
  expect(refs).toEqual(
    ["rr-1", "rr-2", "rr-3"].map((far) => [
      far,
      { name: `seamless-bgp-${far}`, key: "kubernetes" },
    ]),
  );
  const found = await everything();
  const role = named(found, "kubernetes-bgp-passwords-role").inputs;
  expect(role).toMatchObject({
    rules: [{ resourceNames: ["seamless-bgp-rr-1", "seamless-bgp-rr-2", "seamless-bgp-rr-3"] }],
  });
});

describe("a wait for sessions to be back", () => {
  type Said = Awaited<ReturnType<NonNullable<Askable["kind"]["exchange"]>>>;
  /** A reflector that says one thing after the other, and the last for ever. */
  const saying = (...answers: readonly Said[]): Askable => {
    let at = 0;
    const exchange = async () => answers[Math.min(at++, answers.length - 1)] ?? {};
    return { ask: async () => "", kind: { exchange, neighbors: async () => ({}) } };
  };
  const each = (state: Said[string]): Said =>
    Object.fromEntries(nodes.map(({ address }) => [address, state]));
  const complete = { established: true, endOfRib: true };
  const options = { timeoutMs: 1_200, say: () => undefined };
  const [first] = nodes;
  if (first === undefined) throw new Error("no nodes in the lab");

  test("ends once all that have a session elsewhere have sent everything", async () => {
    const own = saying(
      each({ established: false }),
      each({ ...complete, endOfRib: false }),
      each(complete),
    );
    await awaitBack(
      plan,
      "rr-1",
      { "rr-1": own, "rr-2": saying(each(complete)) },
      { ...options, timeoutMs: 10_000 },
    );
  });

  test("is not held up by a node that has a session with nobody", async () => {
    const down = { ...each(complete), [first.address]: { established: false } };
    await awaitBack(plan, "rr-1", { "rr-1": saying(down), "rr-2": saying(down) }, options);
  });

  test("names the sessions that are not back, and says that the others are left alone", async () => {
    const down = { ...each(complete), [first.address]: { established: false } };
    const daemons = { "rr-1": saying(down), "rr-2": saying(each(complete)) };
    await expect(awaitBack(plan, "rr-1", daemons, options)).rejects.toThrow(
      `gave up after 1 s waiting for the sessions with rr-1 before the next reflector changes: ${first.id} is not Established; the other reflectors are not changed, so that nodes keep their routes; see that these nodes have a session with rr-1 (bin/seamless status), then run: pulumi up`,
    );
  });

  test("goes on after a while without sessions whose passwords are as they were", async () => {
    const down = { ...each(complete), [first.address]: { established: false } };
    const said: string[] = [];
    const daemons = { "rr-1": saying(down), "rr-2": saying(each(complete)) };
    const say = (message: string) => said.push(message);
    const lenient = { timeoutMs: 10_000, patienceMs: 600, say, strict: () => false };
    await awaitBack(plan, "rr-1", daemons, lenient);
    expect(said).toEqual([`rr-1: going on without: ${first.id} is not Established`]);
    const strict = ({ b }: { b: { id: string } }) => b.id === first.id;
    await expect(
      awaitBack(plan, "rr-1", daemons, { ...lenient, timeoutMs: 1_200, strict }),
    ).rejects.toThrow(`${first.id} is not Established`);
  });

  test("goes on until nothing more comes where the daemon does not tell the end", async () => {
    const counts = (sent: string) => each({ established: true, sent });
    const still = saying(counts("1"), counts("2"), counts("3"), counts("3"));
    await awaitBack(
      plan,
      "rr-1",
      { "rr-1": still, "rr-2": saying(each(complete)) },
      { ...options, timeoutMs: 10_000 },
    );
    let at = 0;
    const restless: Askable = {
      ask: async () => "",
      kind: { exchange: async () => counts(String(at++)), neighbors: async () => ({}) },
    };
    await expect(
      awaitBack(plan, "rr-1", { "rr-1": restless, "rr-2": saying(each(complete)) }, options),
    ).rejects.toThrow("routes still come");
  });
});

test("a session is waited for where it was there before, and its nodes need nothing but its password", () => {
  const [session] = Object.values(plan.sessions);
  if (session === undefined) throw new Error("no session in the plan");
  const last = (changes: object) => ({
    ...plan,
    sessions: { ...plan.sessions, [session.name]: { ...session, ...changes } },
  });
  const { password: _, ...bare } = session;
  const open = { ...plan, sessions: { ...plan.sessions, [session.name]: bare } };
  const followers = new Set(["kubernetes"]);
  const alone = (before: typeof plan | undefined, one: typeof session) =>
    returnsAlone(before, one, followers);
  const seen = {
    same: alone(plan, session),
    "nodes that hear of a password later": returnsAlone(plan, session, new Set()),
    "another timer": alone(
      last({ a: { ...session.a, timers: { hold: 9, keepalive: 3 } } }),
      session,
    ),
    "another AS": alone(last({ b: { ...session.b, asn: 64999 } }), session),
    "another address": alone(last({ b: { ...session.b, address: "192.0.2.1" } }), session),
    "TTL security": alone(last({ ttlSecurity: true }), session),
    "no password": alone(open, session),
    new: alone({ ...plan, sessions: {} }, session),
    "the first update": alone(undefined, session),
  };
  const waited = Object.entries(seen).flatMap(([what, returns]) => (returns ? what : []));
  expect(waited).toEqual(["same", "another timer"]);
});

describe("how far a session has come", () => {
  test("by GoBGP", () => {
    const peer = (state: object, graceful: object) => ({
      conf: { neighbor_address: "10.9.0.2" },
      state,
      afi_safis: [{ state: {}, mp_graceful_restart: { state: graceful } }],
    });
    const of = (sent: number, graceful: object) =>
      gobgpExchange(
        JSON.stringify([
          peer({ session_state: 6, messages: { sent: { update: sent } } }, graceful),
        ]),
      )["10.9.0.2"];
    const heard = { received: true, end_of_rib_received: true };
    expect(of(1, heard)).toEqual({ established: true, endOfRib: true });
    expect(of(0, heard)).toEqual({ established: true, endOfRib: false });
    expect(of(1, { received: true })).toEqual({ established: true, endOfRib: false });
    // Without graceful restart nobody sends the end.
    expect(of(1, {})).toEqual({ established: true });
    expect(gobgpExchange(JSON.stringify([peer({ session_state: 3 }, {})]))["10.9.0.2"]).toEqual({
      established: false,
    });
  });

  test("by FRR", () => {
    const of = (graceful: object) =>
      frrExchange(
        JSON.stringify({ "10.9.0.2": { bgpState: "Established", gracefulRestartInfo: graceful } }),
      )["10.9.0.2"];
    const [yes, no] = [{ ipv4Unicast: true }, { ipv4Unicast: false }];
    const both = { endOfRibSend: yes, endOfRibRecv: yes, remoteGrMode: "Restart" };
    expect(of(both)).toEqual({ established: true, endOfRib: true });
    expect(of({ ...both, endOfRibRecv: no })).toEqual({ established: true, endOfRib: false });
    expect(of({ ...both, endOfRibSend: {} })).toEqual({ established: true, endOfRib: false });
    expect(of({ remoteGrMode: "NotApplicable" })).toEqual({ established: true });
  });

  test("by BIRD, which counts routes", async () => {
    const said = `Name       Proto      Table      State  Since         Info
node_10_9_0_2 BGP     ---        up     2026-11-29 17:13:50  Established
  BGP state:          Established
    Neighbor address: 10.9.0.2
    Neighbor AS:      64511
  Channel ipv4
    Routes:         2 imported, 1 filtered, 4 exported, 2 preferred
`;
    expect(await birdExchange({ ask: async () => said })).toEqual({
      "10.9.0.2": {
        established: true,
        sent: "2 imported, 1 filtered, 4 exported, 2 preferred",
      },
    });
  });
});

test("a password that the reflectors behind have not yet is half changed", () => {
  const all = (digest: string) =>
    Object.fromEntries(nodes.map(({ address }) => [address, digest] as const));
  const half = (...digests: readonly (string | undefined)[]) => {
    const found = digests.map((digest, at) => [
      `rr-${at + 1}`,
      digest === undefined ? {} : all(digest),
    ]);
    const passwords = Object.fromEntries(found);
    return [...halfChanged(plan, "rr-1", ["rr-2", "rr-3"], passwords)];
  };
  expect({
    same: half("new", "new", "new"),
    "before the second": half("new", "old", "old"),
    "before the third": half("new", "new", "old"),
    "behind one that has none": half("new", undefined, "new"),
  }).toEqual({
    same: [],
    "before the second": ["kubernetes"],
    "before the third": ["kubernetes"],
    "behind one that has none": [],
  });
});
