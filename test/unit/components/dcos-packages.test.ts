import { balancerApp } from "../../../components/dcos/balancer-app";
import { packageSpecs } from "../../../components/dcos/packages";
import type { CoePlan } from "../../../plan/types";

const node = (name: string, role: string) => ({
  ...{ id: `dcos/${name}`, name, role, asn: 64511, speaker: role !== "master" },
  address: "172.16.18.43",
});
const coe: CoePlan = {
  name: "dcos",
  kind: "dcos",
  deployed: true,
  podCidr: "192.168.128.0/17",
  announced: {},
  policy: { mode: "open", from: [] },
  natOutgoing: false,
  forwards: {},
  addons: [],
  blockSize: 26,
  blocks: 512,
  nodes: { "agent-1": node("agent-1", "private"), "public-1": node("public-1", "public") },
};

test("nothing is installed that is not asked for", () => {
  expect(packageSpecs(coe, {})).toEqual({});
});

test("the reference experiment's set, each pointed at the other", () => {
  const with_ = { ...coe, packages: ["etcd", "marathon-lb", "marathon-user"] };
  expect(packageSpecs(with_, { etcd: {}, "marathon-user": {}, "marathon-lb": {} })).toEqual({
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
  const announced = { loadBalancerIPs: "10.98.0.0/24" };
  const balancers = ["public-1", "public-2"];
  expect(balancerApp(coe)).toBeUndefined();
  expect(balancerApp({ ...coe, announced, balancers })).toMatchObject({
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
