import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import { calicoObjects, calicoPlan } from "../../../components/speakers/calico/objects";
import { withoutPackages } from "../../helpers/plain-lab";

const lab = readStackConfig("Pulumi.lab.yaml");
const plan = makePlan(lab);
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
  },
);

test("where the plan's policy has a tier, that of the datastore is in it and passes the rest on", () => {
  const dcos = { ...withoutPackages(lab).coes.dcos, packages: { etcd: {} }, policy: "closed" };
  const closed = makePlan(parseConfig({ ...lab, coes: { ...lab.coes, dcos } }));
  const objects = calicoObjects(calicoPlan(closed, "dcos"));
  expect([objects.datastore?.metadata.name, objects.datastore?.spec.tier]).toEqual([
    "seamless.datastore",
    "seamless",
  ]);
  expect(objects.admission.tier?.spec.defaultAction).toBe("Pass");
});

test("without that package there is nothing to keep anybody away from", () => {
  const objects = calicoObjects(calicoPlan(makePlan(withoutPackages(lab)), "dcos"));
  expect(objects.datastore).toBeUndefined();
});
