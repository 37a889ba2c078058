import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { checkObject } from "../../../components/speakers/calico/check";
import { calicoObjects, calicoPlan, inOrder } from "../../../components/speakers/calico/objects";

const plan = makePlan(readStackConfig("Pulumi.lab.yaml"));
const agents = ["172.16.18.43/32", "172.16.18.44/32", "172.16.18.46/32"];

test.each([
  ["dcos", [...agents, "11.0.0.0/8"]],
  ["kubernetes", agents],
])(
  "containers of %s are kept away from the datastore of the package etcd, first of all policies",
  (coe, nets) => {
    const objects = calicoObjects(calicoPlan(plan, coe));
    expect(objects.datastore).toEqual({
      apiVersion: "projectcalico.org/v3",
      kind: "GlobalNetworkPolicy",
      metadata: { name: "seamless-datastore" },
      spec: {
        egress: [{ action: "Deny", destination: { nets, ports: [2379, 2380] }, protocol: "TCP" }],
        order: 0,
        selector: "has(projectcalico.org/orchestrator)",
        types: ["Egress"],
      },
    });
    expect(inOrder(objects).flatMap((one) => checkObject(one))).toEqual([]);
  },
);

test("where the plan's policy has a tier, that of the datastore is in it and passes the rest on", () => {
  const { dcos } = plan.coes;
  if (dcos === undefined) throw new Error("no dcos in the lab");
  const closed = { ...dcos, policy: { mode: "closed" as const, from: [] } };
  const objects = calicoObjects(
    calicoPlan({ ...plan, coes: { ...plan.coes, dcos: closed } }, "dcos"),
  );
  expect([objects.datastore?.metadata.name, objects.datastore?.spec.tier]).toEqual([
    "seamless.datastore",
    "seamless",
  ]);
  expect(objects.admission.tier?.spec.defaultAction).toBe("Pass");
  expect(inOrder(objects).flatMap((one) => checkObject(one))).toEqual([]);
});

test("without that package there is nothing to keep anybody away from", () => {
  const { dcos } = plan.coes;
  if (dcos === undefined) throw new Error("no dcos in the lab");
  const without = { ...dcos, packages: [] };
  const objects = calicoObjects(calicoPlan({ ...plan, coes: { dcos: without } }, "dcos"));
  expect(objects.datastore).toBeUndefined();
});
