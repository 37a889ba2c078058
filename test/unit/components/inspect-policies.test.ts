/** Which policies lose their effect where the plan's is open, by kind and order. */
import { otherPolicyFindings } from "../../../components/speakers/calico/inspect/policies";
import type { PolicyState } from "../../../components/speakers/calico/inspect/state";
import { policyOf } from "../../../components/speakers/calico/inspect/v3";
import { findings, short, withCalico } from "../../helpers/joined-cluster";

const kubernetes = (name: string): PolicyState => ({
  kind: "NetworkPolicy",
  name,
  tier: "default",
  order: 1000,
  denies: false,
  staged: false,
});
const source = { nets: ["192.0.2.0/24"] };
const global = (name: string, spec: object) =>
  policyOf("GlobalNetworkPolicy", { name, spec: { ...spec } });
const admin = (kind: string, tier: string): PolicyState => ({
  ...kubernetes("cluster"),
  kind,
  tier,
  order: undefined,
});
const ofPolicies = (...policies: readonly PolicyState[]) => withCalico({ policies });

test("policies of Kubernetes and of Calico are counted by kind and order, and are in the way", () => {
  const found = findings(
    ofPolicies(
      kubernetes("shop/a"),
      kubernetes("shop/b"),
      global("default.quarantine", { order: 10, ingress: [{ action: "Deny", source }] }),
      global("default.zones", { order: 20, ingress: [{ action: "Allow", source }] }),
    ),
  );
  expect(found).toEqual([
    {
      id: "policy",
      level: "blocks",
      found:
        "policy open in the plan, and 1 GlobalNetworkPolicy at order 20 (default.zones), 2 NetworkPolicy (shop/a, shop/b); 1 GlobalNetworkPolicy at order 10 (default.quarantine), as far as no rule denies",
      effect: "they lose their effect: allow-all lets everything in that they would drop",
      advice:
        "set coes.kubernetes.policy: cross-coe or closed, which leaves them in force; or say that they may: coes.kubernetes.policyOverrides: [NetworkPolicy/shop/a, NetworkPolicy/shop/b, GlobalNetworkPolicy/quarantine, GlobalNetworkPolicy/zones]",
    },
  ]);
});

test("those that the stack names may lose it, and the others are still in the way", () => {
  const seen = ofPolicies(kubernetes("shop/a"), global("default.zones", { order: 20 }));
  const both = { policyOverrides: ["NetworkPolicy/shop/a", "GlobalNetworkPolicy/zones"] };
  const changes =
    "changes policy/overrides: policy open in the plan, and 1 GlobalNetworkPolicy at order 20 (default.zones), 1 NetworkPolicy (shop/a), as policyOverrides says";
  expect(short(seen, both)).toEqual([changes]);
  expect(short(seen, { policyOverrides: ["all"] })).toEqual([changes]);
  expect(short(seen, { policyOverrides: ["NetworkPolicy/shop/a"] })).toEqual([
    "blocks policy: policy open in the plan, and 1 GlobalNetworkPolicy at order 20 (default.zones)",
    "changes policy/overrides: policy open in the plan, and 1 NetworkPolicy (shop/a), as policyOverrides says",
  ]);
});

test("what comes before allow-all stays in force, and what comes after is never reached", () => {
  const tiers = [{ name: "security", order: 100 }];
  const seen = (policy: PolicyState) => withCalico({ policies: [policy], tiers });
  const before = global("security.x", { tier: "security", ingress: [{ action: "Deny" }] });
  expect(short(seen(before))).toEqual([]);
  expect(short(seen(admin("AdminNetworkPolicy", "kube-admin")))).toEqual([]);
  const baseline = admin("BaselineAdminNetworkPolicy", "kube-baseline");
  expect(short(seen(baseline))).toEqual([
    "blocks policy: policy open in the plan, and 1 BaselineAdminNetworkPolicy (cluster)",
  ]);
  // Without an order its name decides.
  const deny = { ingress: [{ action: "Deny", source }] };
  expect(short(seen(global("default.aaa", deny)))[0]).toContain("as far as no rule denies");
  expect(short(seen(global("default.zzz", deny)))[0]).not.toContain("as far as no rule denies");
});

test("what a policy's own rules decide to the end stays, and so does what allows everything", () => {
  const [everything] = [[{ action: "Deny", source }, { action: "Allow" }]];
  expect(short(ofPolicies(global("default.a", { order: 10, ingress: everything })))).toEqual([]);
  expect(short(ofPolicies(global("default.z", { ingress: [{ action: "Allow" }] })))).toEqual([]);
});

test("policies that are only tried out lose nothing", () => {
  const staged = policyOf("StagedGlobalNetworkPolicy", { name: "default.try", spec: {} });
  expect(short(ofPolicies(staged))).toEqual([
    "notes policy/staged: 1 StagedGlobalNetworkPolicy (default.try)",
  ]);
});

test("where the plan's policy is not open, all stay in force", () => {
  expect(short(ofPolicies(kubernetes("shop/a")), { policy: "closed" })).toEqual([]);
});

test("where allow-all is there already, nothing is lost any more", () => {
  const taken = [{ kind: "GlobalNetworkPolicy", name: "default.allow-all", spec: {}, ours: true }];
  expect(findings(withCalico({ policies: [kubernetes("shop/a")], taken }))).toMatchObject([
    {
      level: "notes",
      effect: "they have lost their effect: allow-all lets everything in that they would drop",
    },
  ]);
});

test("many names are not all told", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g"].map((name) => kubernetes(`shop/${name}`));
  expect(short(ofPolicies(...names))).toEqual([
    "blocks policy: policy open in the plan, and 7 NetworkPolicy (shop/a, shop/b, shop/c, shop/d, shop/e, 2 more)",
  ]);
});

test("host endpoints are said, and in the way where the plan's policy takes them in", () => {
  const seen = { policies: [], hostEndpoints: { names: ["db-eth0"], automatic: false } };
  const automatic = { policies: [], hostEndpoints: { names: [], automatic: true } };
  const containers = "has(projectcalico.org/orchestrator)";
  const all = [...otherPolicyFindings(seen, "all()"), ...otherPolicyFindings(seen, containers)];
  expect(all.map(({ level, found, effect }) => `${level} ${found}: ${effect}`)).toEqual([
    "blocks 1 HostEndpoints (db-eth0): allow-all opens the hosts, too, for its selector is all()",
    "notes 1 HostEndpoints (db-eth0): none: the plan's policy is about containers only",
  ]);
  expect(otherPolicyFindings(automatic, containers)[0]?.found).toBe(
    "Calico makes a HostEndpoint for each node by itself (0 are there)",
  );
  expect(
    otherPolicyFindings({ policies: [], hostEndpoints: { names: [], automatic: false } }, "all()"),
  ).toEqual([]);
});
