import { balancerApp } from "../../../components/dcos/balancer-app";
import { packageSpecs } from "../../../components/dcos/packages";
import type { CoePlan } from "../../../plan/types";
import { dcosNodes, dcosPlan } from "../../helpers/dcos-plan";

/** DC/OS as planned, with fields of it as they are given. */
function coeWith(changes: object = {}): CoePlan {
  const { dcos } = dcosPlan(changes).coes;
  if (dcos === undefined) throw new Error("no dcos in the plan");
  return dcos;
}

const coe = coeWith();

test("nothing is installed that is not asked for", () => {
  expect(packageSpecs(coe, {})).toEqual({});
});

test("the reference experiment's set, each pointed at the other", () => {
  const packages = { etcd: {}, "marathon-user": {}, "marathon-lb": {} };
  const access = { url: "http://127.0.0.1:18080", etcd: ["http://127.0.0.1:12379"] };
  const agents = { ...dcosNodes, "agent-3": { address: "172.16.18.46" } };
  expect(packageSpecs(coeWith({ packages, access, nodes: agents }), packages)).toEqual({
    etcd: {
      packageName: "etcd",
      options: { service: { name: "etcd" }, node: { count: 3 } },
      adopt: false,
      removeApps: false,
    },
    "marathon-user": {
      packageName: "marathon",
      options: { service: { name: "marathon-user" } },
      adopt: false,
      removeApps: false,
    },
    "marathon-lb": {
      packageName: "marathon-lb",
      options: {
        "marathon-lb": {
          "haproxy-group": "external",
          instances: 1,
          minimumHealthCapacity: 0,
          "marathon-uri": "http://master.mesos/service/marathon-user",
        },
      },
      adopt: false,
      removeApps: false,
    },
  });
});

test("options come over what follows from the rest, version and group as they are given", () => {
  const specs = packageSpecs(coe, {
    etcd: { size: 5, version: "0.1.0-3.3.12", options: { node: { mem: 512 } }, adopt: true },
    "marathon-user": { removeApps: true, options: { service: { cpus: 1 } } },
    "marathon-lb": { group: "edge", options: { "marathon-lb": { instances: 2, cpus: 1 } } },
  });
  expect(specs.etcd).toEqual({
    packageName: "etcd",
    version: "0.1.0-3.3.12",
    options: { service: { name: "etcd" }, node: { count: 5, mem: 512 } },
    adopt: true,
    removeApps: false,
  });
  expect(specs["marathon-user"]).toMatchObject({
    options: { service: { name: "marathon-user", cpus: 1 } },
    removeApps: true,
  });
  // Without a second Marathon the package's own default is the first one.
  expect(specs["marathon-lb"]?.options).toEqual({
    "marathon-lb": { "haproxy-group": "edge", instances: 2, cpus: 1 },
  });
});

test("the load balancers' address is an app on every public agent", () => {
  expect(balancerApp(coe)).toBeUndefined();
  const balanced = coeWith({
    loadBalancerCidr: "10.98.0.0/24",
    packages: { "marathon-lb": {} },
    nodes: { ...dcosNodes, "public-2": { address: "172.16.18.46", role: "public" } },
  });
  expect(balancerApp(balanced)).toMatchObject({
    id: "/seamless-load-balancer",
    env: {
      SEAMLESS_ADDRESS: "10.98.0.1/24",
      SEAMLESS_HEALTH: "http://127.0.0.1:9090/_haproxy_health_check",
    },
    instances: 2,
    acceptedResourceRoles: ["slave_public"],
    user: "root",
  });
});
