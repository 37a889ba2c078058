import type { Plan } from "../../../plan/types";
import { checksOf } from "../../../verify/checks";
import { brief, healthy, no, ok, plan, silent } from "./fixture";

/** The fixture with the package etcd. */
function withEtcd(): Plan {
  const { dcos } = plan.coes;
  const agent = dcos?.nodes["agent-1"];
  if (dcos === undefined || agent === undefined) throw new Error("no dcos in the fixture");
  const nodes = { ...dcos.nodes, "agent-1": { ...agent, role: "private" } };
  return { ...plan, coes: { ...plan.coes, dcos: { ...dcos, packages: ["etcd"], nodes } } };
}

const id = "policy/kubernetes-to-dcos/datastore";

test("containers of every COE are tried on the datastore, those of its own among them", () => {
  const checks = checksOf(withEtcd()).filter((one) => one.id.endsWith("/datastore"));
  expect(checks.map((one) => [one.id, one.needs])).toEqual([
    ["policy/dcos-to-dcos/datastore", ["datastores/dcos-to-dcos", "workloads/dcos"]],
    [id, ["datastores/kubernetes-to-dcos", "workloads/kubernetes"]],
  ]);
  expect(checksOf(plan).filter((one) => one.id.endsWith("/datastore"))).toEqual([]);
});

test.each([
  ["dropped", silent("curl", "exit code 28"), "pass", "dropped, as planned"],
  ["answered", ok("curl", '{"health":"true"}'), "fail", 'the datastore answered {"health":"true"}'],
  ["refused", no("curl", "exit code 7"), "fail", "not dropped: exit code 7"],
])("a GET that is %s", (_, answer, status, found) => {
  const check = checksOf(withEtcd()).find((one) => one.id === id);
  const datastores = { "kubernetes-to-dcos": answer };
  expect(check && brief(check.judge({ ...healthy, datastores }))).toEqual({
    status,
    asked: "curl",
    found,
  });
});
