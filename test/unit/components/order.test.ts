import type { Resource } from "@pulumi/pulumi";
import { ComponentResource } from "@pulumi/pulumi";
import { ownOf as dcosOwn } from "../../../components/dcos/model/config";
import { DcosPeering } from "../../../components/dcos/peering";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { ownOf as kubernetesOwn } from "../../../components/kubernetes/model/config";
import { KubernetesPeering } from "../../../components/kubernetes/peering";
import { UpdateOrder } from "../../../components/order";
import { Reflector } from "../../../components/reflector";
import type { Plan } from "../../../plan";
import { coeOf } from "../../helpers/coe";
import { named, type Registered, registeredBy } from "../../helpers/mocks";

const lab = readStackConfig("Pulumi.lab.yaml");
const plan = makePlan(lab);
const probe = { instances: 1 };
const access = {
  kubeconfig: "apiVersion: v1",
  url: "http://127.0.0.1:1",
  etcdEndpoints: ["http://127.0.0.1:2"],
};

/** The lab's COEs behind its reflector, as the program makes them. */
function everything(of: Plan): Promise<readonly Registered[]> {
  return registeredBy((options) => {
    const order = new UpdateOrder();
    const reflectors = Object.fromEntries(
      Object.values(of.reflectors).map((reflector) => {
        const made = new Reflector(reflector.name, { plan: of, reflector, order }, options);
        const running = { dockerHost: "unix:///docker", container: reflector.name };
        return [reflector.name, { ...running, resource: made.widened }];
      }),
    );
    const given = { plan: of, access, probe, reflectors, order };
    const { addons } = kubernetesOwn(coeOf(lab, "kubernetes"));
    new KubernetesPeering("kubernetes", { ...given, coe: "kubernetes", addons }, options);
    const { packages } = dcosOwn(coeOf(lab, "dcos"));
    const last: Resource = new DcosPeering("dcos", { ...given, coe: "dcos", packages }, options);
    order.close();
    return last;
  });
}

/** Everything a resource waits for, directly or not. */
function before(found: readonly Registered[], name: string): Set<string> {
  const all = new Set<string>();
  const visit = (one: string) => {
    for (const needed of named(found, one).options.dependsOn)
      if (!all.has(needed)) {
        all.add(needed);
        visit(needed);
      }
  };
  visit(name);
  return all;
}

const looks = ["dcos-inspect", "kubernetes-addons-guard", "kubernetes-inspect", "reflector-look"];
/** They touch neither a running reflector nor a COE: providers, and what a reflector that is still to come needs. */
const harmless = [
  ...["dcos", "kubernetes", "kubernetes-addons", "kubernetes-cluster", "reflector"],
  ...["reflector-docker", "reflector-image", "reflector-config", "reflector-seed"],
];

test("every change waits for every look, and no look for a change", async () => {
  const found = await everything(plan);
  const changes = found.map(({ name }) => name).filter((name) => !harmless.includes(name));
  for (const look of looks) expect([look, before(found, look).size]).toEqual([look, 0]);
  const early = changes
    .filter((name) => !looks.includes(name))
    .filter((name) => looks.some((look) => !before(found, name).has(look)));
  expect(early).toEqual([]);
  // Nobody is on both lists, and both are about resources that there are.
  expect(changes).toEqual(expect.arrayContaining(looks));
  expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(harmless));
});

test("reflectors are widened before any COE moves, and narrowed after all have", async () => {
  const second = { kind: "gobgp", address: "172.16.18.31" } as const;
  const found = await everything(makePlan({ ...lab, reflectors: { ...lab.reflectors, second } }));
  const moves = found
    .map(({ name }) => name)
    .filter((name) => /^(kubernetes|dcos)-/.test(name))
    .filter((name) => ![...harmless, ...looks].includes(name));
  const widened = ["reflector-neighbours", "second-neighbours"];
  const hasty = moves.filter((name) => widened.some((one) => !before(found, name).has(one)));
  expect(hasty).toEqual([]);
  for (const narrow of ["reflector-narrow", "second-narrow"])
    expect([...before(found, narrow)]).toEqual(
      expect.arrayContaining([
        ...widened,
        ...["kubernetes-pool", "kubernetes-policy", "kubernetes-bgp", "kubernetes-mesh"],
        ...["kubernetes-peer-reflector", "kubernetes-peer-second", "kubernetes-sessions"],
        ...["dcos-calico", "dcos-mesh"],
      ]),
    );
});

test("on DC/OS what is used by another is there before it", async () => {
  const found = await registeredBy((options) => {
    const resource = new ComponentResource("test:index:Reflector", "rr", {}, options);
    const reflectors = { reflector: { dockerHost: "unix:///d", container: "c", resource } };
    const { packages } = dcosOwn(coeOf(lab, "dcos"));
    const given = { plan, coe: "dcos", access, probe, packages, reflectors };
    return new DcosPeering("dcos", given, options);
  });
  expect(found.map(({ name, options }) => [name, options.dependsOn])).toEqual([
    ["rr", []],
    ["dcos", []],
    ["dcos-inspect", []],
    ["dcos-etcd", ["dcos-inspect"]],
    ["dcos-calico", ["dcos-etcd", "dcos-inspect"]],
    ["dcos-mesh", ["dcos-calico", "rr"]],
    ["dcos-marathon-user", ["dcos-calico", "dcos-etcd"]],
    ["dcos-marathon-lb", ["dcos-calico", "dcos-marathon-user"]],
    ["dcos-load-balancer", ["dcos-calico", "dcos-marathon-lb"]],
    ["dcos-probe", ["dcos-calico", "dcos-marathon-lb", "dcos-marathon-user"]],
  ]);
  const { inputs } = named(found, "dcos-mesh");
  expect({ ...inputs, stdin: JSON.parse(String(inputs.stdin)) }).toEqual({
    create: "bin/seamless internal calico-mesh",
    update: "bin/seamless internal calico-mesh",
    environment: { SEAMLESS_MESH: "off" },
    stdin: {
      etcdEndpoints: ["http://127.0.0.1:2"],
      reflectors: { reflector: { dockerHost: "unix:///d", container: "c" } },
      nodes: {
        "agent-1": "172.16.18.43",
        "agent-2": "172.16.18.44",
        "agent-3": "172.16.18.46",
        "public-1": "172.16.18.45",
      },
    },
  });
});
