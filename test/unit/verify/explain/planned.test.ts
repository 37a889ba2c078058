import { routerTraits } from "../../../../components/kinds/traits";
import type { Plan } from "../../../../plan/types";
import { endOf, plannedNames } from "../../../../verify/explain/ends";
import { explainPlanned } from "../../../../verify/explain/planned";
import { explanationDocument, renderExplanation } from "../../../../verify/explain/report";
import type { Explanation } from "../../../../verify/explain/types";
import { guarded, plan, planWith, undeployed } from "../fixture";

function explain(from: string, to: string, of: Plan = plan): Explanation {
  const names = plannedNames(of);
  const ends = [endOf(of, names, "FROM", from), endOf(of, names, "TO", to)] as const;
  return explainPlanned(of, routerTraits, ...ends);
}

const render = (...args: Parameters<typeof explain>) =>
  renderExplanation(explain(...args)).join("\n");

/** The last lines, which name the first broken link. */
const verdict = (...args: Parameters<typeof explain>) =>
  render(...args)
    .split("\n\n")
    .at(-1);

test("every link of a way that is whole", () => {
  expect(render("kubernetes", "192.168.130.66")).toBe(
    `
there: any container of kubernetes -> a container of dcos (192.168.130.66)
ok   owner       dcos                             192.168.130.66 is in 192.168.128.0/17, containers of dcos; dcos/agent-1 announces 192.168.130.64/26
ok   fib         kubernetes/worker-1              192.168.130.64/26 via 172.16.18.43
ok   session     kubernetes/worker-1 - reflector  172.16.18.34 AS 64511 with 172.16.18.32 AS 64511, ibgp, a reflector client
ok   rib         reflector                        192.168.130.64/26 next hop 172.16.18.43, from dcos/agent-1
ok   acceptance  reflector                        from dcos/agent-1: 192.168.128.0/17 /26 or /32, next hop 172.16.18.43
ok   session     dcos/agent-1 - reflector         172.16.18.43 AS 64511 with 172.16.18.32 AS 64511, ibgp, a reflector client
ok   next hop    kubernetes/worker-1              172.16.18.43 is on 172.16.18.0/24, as kubernetes/worker-1 is
ok   nat         kubernetes/worker-1              natOutgoing is off: the address of the container stays
ok   policy      dcos                             dcos is open to everybody

back: a container of dcos (192.168.130.66) -> any container of kubernetes
ok   owner       kubernetes                       any container of kubernetes is in 192.168.0.0/17, containers of kubernetes; kubernetes/worker-1 announces 192.168.0.0/26
ok   fib         dcos/agent-1                     192.168.0.0/26 via 172.16.18.34
ok   session     dcos/agent-1 - reflector         172.16.18.43 AS 64511 with 172.16.18.32 AS 64511, ibgp, a reflector client
ok   rib         reflector                        192.168.0.0/26 next hop 172.16.18.34, from kubernetes/worker-1
ok   acceptance  reflector                        from kubernetes/worker-1: 192.168.0.0/17 /26 or /32, next hop 172.16.18.34
ok   session     kubernetes/worker-1 - reflector  172.16.18.34 AS 64511 with 172.16.18.32 AS 64511, ibgp, a reflector client
ok   next hop    dcos/agent-1                     172.16.18.34 is on 172.16.18.0/24, as dcos/agent-1 is
ok   nat         dcos/agent-1                     natOutgoing is off: the address of the container stays

the way is whole, there and back, by the plan`.trimStart(),
  );
});

test("a COE that lets nobody in is the broken link for who begins a connection with it", () => {
  expect(verdict("kubernetes", "dcos", guarded("dcos"))).toBe(
    `
broken there at the policy of dcos: dcos is closed
  why   containers of kubernetes are not let in
  mend  coes.dcos.policy: cross-coe and allowFrom: [kubernetes] in the stack's file, then pulumi up`.trimStart(),
  );
  // Answers to its own containers pass.
  expect(explain("dcos", "kubernetes", guarded("dcos")).verdict).toBe("whole");
  expect(explain("kubernetes", "dcos", guarded("dcos", ["kubernetes"])).verdict).toBe("whole");
});

test("a host of another COE is let in only where it is named", () => {
  const told = guarded("kubernetes", ["dcos"]);
  expect(verdict("dcos/agent-1", "kubernetes", told)).toBe(
    `
broken there at the policy of kubernetes: kubernetes is open to dcos and itself
  why   172.16.18.43 is a host of another COE, and hosts are not let in
  mend  coes.kubernetes.allowFromHosts: [172.16.18.43/32] in the stack's file, then pulumi up`.trimStart(),
  );
});

test("a COE that is not deployed has no containers", () => {
  expect(verdict("kubernetes", "dcos", undeployed("dcos"))).toBe(
    `
broken there at the owner of dcos: dcos is planned and not deployed
  why   nothing of the plan is applied to it yet
  mend  coes.dcos.deploy: true in the stack's file, then pulumi up`.trimStart(),
  );
});

test("services that no node announces are for their own COE", () => {
  const silent = planWith({ kubernetes: { serviceCidr: "10.96.0.0/16" } });
  expect(verdict("dcos", "10.96.0.10", silent)).toBe(
    `
broken there at the owner of kubernetes: 10.96.0.10 is in 10.96.0.0/16, which no node announces
  why   services of kubernetes are for its own containers and nodes
  mend  coes.kubernetes.announceServices: true in the stack's file, then pulumi up`.trimStart(),
  );
  const announced = planWith({
    kubernetes: { serviceCidr: "10.96.0.0/16", announceServices: true },
  });
  expect(explain("dcos", "10.96.0.10", announced).verdict).toBe("whole");
});

test("a node that speaks no BGP has no routes to containers", () => {
  expect(verdict("master", "kubernetes")).toBe(
    `
broken there at the fib of dcos/master: no route to 192.168.0.0/26
  why   dcos/master speaks no BGP, so it learns no routes to containers
  mend  coes.dcos.nodes.master.speaker: true in the stack's file, then pulumi up`.trimStart(),
  );
});

test("a path that the model does not carry ends at its session, and the route follows from it", () => {
  // The configuration refuses such a plan; outputs of an older program may have one.
  const peers = Object.values(plan.sessions).map((session) => ({
    ...session,
    a: { ...session.a, role: "peer" as const },
    b: { ...session.b, role: "peer" as const },
  }));
  const sessions = Object.fromEntries(peers.map((session) => [session.name, session]));
  expect(verdict("kubernetes/worker-1", "dcos", { ...plan, sessions })).toBe(
    `
broken there at the session of kubernetes/worker-1 with reflector: the path from reflector to kubernetes/worker-1 ends here
  why   neither dcos/agent-1 nor kubernetes/worker-1 is a reflector client
  so    fib of kubernetes/worker-1
  mend  coes.kubernetes.nodes.worker-1.asn in the stack's file: the AS of the reflectors, or another from which paths arrive; then pulumi up`.trimStart(),
  );
});

test("programs get the same as JSON, with the version of its schema", () => {
  const told = explanationDocument(explain("kubernetes", "dcos", guarded("dcos")));
  expect(JSON.parse(JSON.stringify(told))).toMatchObject({
    schemaVersion: 1,
    planned: true,
    verdict: "broken",
    broken: { direction: "there", layer: "policy", at: "dcos", consequences: [] },
    from: { asked: "kubernetes", sort: "container", coe: "kubernetes" },
    ways: [{ direction: "there" }, { direction: "back" }],
  });
});
