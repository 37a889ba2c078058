import { fateOf, ruleFacts } from "../../../components/speakers/calico/precedence";

const facts = (spec: object) => {
  const { denies, decides, allowsAll } = ruleFacts(spec);
  return [denies && "denies", decides && "decides", allowsAll && "allows all"].filter(Boolean);
};

test.each([
  [{}, []],
  [{ ingress: [{ action: "Allow" }] }, ["decides", "allows all"]],
  [{ ingress: [{ action: "Log" }, { action: "Allow", source: {} }] }, ["decides", "allows all"]],
  [{ ingress: [{ action: "Allow" }], types: ["Ingress", "Egress"] }, []],
  [{ egress: [{ action: "Deny" }] }, ["denies", "decides"]],
  [{ ingress: [{ action: "Allow", protocol: "TCP" }] }, []],
  [
    { ingress: [{ action: "Deny", source: { nets: ["192.0.2.1/32"] } }, { action: "Allow" }] },
    ["denies", "decides"],
  ],
  [{ ingress: [{ action: "Allow" }, { action: "Deny" }] }, ["denies", "decides", "allows all"]],
])("the rules of %j come to %j", (spec, expected) => {
  expect(facts(spec)).toEqual(expected);
});

test("where names decide, a policy counts as behind unless every release has it before", () => {
  const fate = (name: string) =>
    fateOf({ name, tier: "default", order: undefined, denies: true }, []);
  expect(
    ["default.aa", "default.zz", "apps/default.aa", "apps/default.zz", "shop/default.aa"].map(fate),
  ).toEqual(["denies only", "lost", "denies only", "lost", "lost"]);
});

test("tiers that the cluster does not list are where Calico has them; others without an order come last", () => {
  const fate = (tier: string) => fateOf({ name: `${tier}.a`, tier, order: 1, denies: false }, []);
  expect(["adminnetworkpolicy", "kube-admin"].map(fate)).toEqual(["stays", "stays"]);
  expect(["baselineadminnetworkpolicy", "kube-baseline", "other"].map(fate)).toEqual([
    "lost",
    "lost",
    "lost",
  ]);
});
