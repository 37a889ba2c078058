import { labKinds } from "../../../components/kinds/lab";
import { byLabName, forSpeaker, type LabKind, labKindOf, labNames } from "../../../lab/contract";

const kubernetes: LabKind = labKinds.kubernetes;
const frrK8s = { kind: "kubernetes", speaker: "frr-k8s" };

test("a COE is made as its kind is, or as goes with its speaker", () => {
  expect(labKindOf(labKinds, { kind: "kubernetes" })).toBe(kubernetes);
  expect(labKindOf(labKinds, frrK8s)).toBe(kubernetes.speakers?.["frr-k8s"]);
  expect(labKindOf(labKinds, frrK8s)).not.toBe(kubernetes);
  expect(forSpeaker(kubernetes, frrK8s)).toBe(labKindOf(labKinds, frrK8s));
  // Where the update alone makes the difference.
  expect(labKindOf(labKinds, { kind: "hosts", speaker: "frr" })).toBe(labKinds.hosts);
});

test.each([["openshift"], ["constructor"], ["nothing"]])("the lab makes no %s", (kind) => {
  expect(labKindOf(labKinds, { kind })).toBeUndefined();
});

test("what a lab has beside goes by names, and they lead back", () => {
  const coes = [frrK8s, { kind: "dcos" }, { kind: "swarm" }, frrK8s, { kind: "hosts" }];
  const names = labNames(labKinds, coes);
  expect(names).toEqual(["hosts", "kubernetes/frr-k8s", "swarm"]);
  expect(names.map((name) => byLabName(labKinds, name))).toEqual([
    labKinds.hosts,
    kubernetes.speakers?.["frr-k8s"],
    labKinds.swarm,
  ]);
  expect(labNames(labKinds, [{ kind: "kubernetes" }, { kind: "dcos" }])).toEqual([]);
});
