import { appsService, etcdMembers } from "../../../components/dcos/model/services";
import { makePlan, parseConfig, parseStackConfig } from "../../../components/kinds/planning";
import { announcersOf, balancerAddress } from "../../../plan/services";

const text = (dcos: string) => `config:
  seamless:network: { supernet: 10.64.0.0/12, nodes: 192.0.2.0/24, asn: 64512 }
  seamless:reflectors:
    rr: { kind: gobgp, address: 192.0.2.1 }
  seamless:coes:
    prod:
      kind: dcos
      podCidr: 10.64.0.0/16
      policy: open
      access: { url: "https://dcos.example.com", etcd: ["http://192.0.2.10:2379"] }
      nodes:
        master: { address: 192.0.2.10, role: master }
        agent-2: { address: 192.0.2.12 }
        agent-1: { address: 192.0.2.11 }
        agent-3: { address: 192.0.2.13 }
        public-1: { address: 192.0.2.21, role: public }
        public-2: { address: 192.0.2.22, role: public }
${dcos.replace(/^/gm, "      ")}
`;
const planned = (dcos: string) => {
  const plan = makePlan(parseStackConfig(text(dcos), "file"));
  const { prod } = plan.coes;
  if (prod === undefined) throw new Error("no prod in the plan");
  return { plan, prod };
};
const names = (nodes: readonly { readonly name: string }[]) => nodes.map(({ name }) => name);

test("load balancers of DC/OS have the first address of their range, and announce it from the public agents", () => {
  const { plan, prod } = planned(`packages: { marathon-lb: {} }\nloadBalancerCidr: 10.98.0.0/24`);
  expect(prod).toMatchObject({
    announced: { loadBalancerIPs: "10.98.0.0/24" },
    balancers: ["public-1", "public-2"],
    packages: ["marathon-lb"],
  });
  expect(balancerAddress(prod)).toBe("10.98.0.1");
  expect(names(announcersOf(prod))).toEqual(["public-1", "public-2"]);
  const spans = (cidr: string, block: number) =>
    [block, 32].map((length) => ({ cidr, minLength: length, maxLength: length }));
  const blocks = spans("10.64.0.0/16", 26);
  const balanced = spans("10.98.0.0/24", 24);
  expect(plan.fences["prod/agent-1"]?.prefixes).toEqual(blocks);
  expect(plan.fences["prod/public-2"]?.prefixes).toEqual([...blocks, ...balanced]);
});

test("a range of one address is that address", () => {
  const { prod } = planned(`packages: { marathon-lb: {} }\nloadBalancerCidr: 10.98.0.7/32`);
  expect(balancerAddress(prod)).toBe("10.98.0.7");
});

test("without such a range every speaker announces what there is", () => {
  const { prod } = planned("deploy: true");
  expect(prod).not.toHaveProperty("balancers");
  expect(prod).not.toHaveProperty("packages");
  expect(balancerAddress(prod)).toBeUndefined();
  expect(names(announcersOf(prod))).toEqual([
    ...["agent-1", "agent-2", "agent-3"],
    ...["public-1", "public-2"],
  ]);
});

test("members of etcd are on private agents; apps run on the second Marathon where there is one", () => {
  const { prod } = planned("packages: { etcd: {}, marathon-user: {} }");
  expect(etcdMembers(prod)).toEqual(["192.0.2.11:2379", "192.0.2.12:2379", "192.0.2.13:2379"]);
  expect(appsService(prod)).toBe("marathon-user");
  const { prod: plain } = planned("deploy: true");
  expect(etcdMembers(plain)).toBeUndefined();
  expect(appsService(plain)).toBe("marathon");
});

test("with the package etcd nobody has to say where Calico's datastore is", () => {
  const without = text("packages: { etcd: {} }").replace(/, etcd: \["[^"]*"\]/, "");
  expect(parseStackConfig(without, "file").coes.prod?.access).toEqual({
    url: "https://dcos.example.com",
  });
});

test("members of etcd are found under the name and at the port that the package's options say", () => {
  const raw = {
    network: { nodes: "172.16.18.0/24", asn: 64511 },
    reflectors: { reflector: { kind: "gobgp", address: "172.16.18.32" } },
    coes: {
      dcos: {
        kind: "dcos",
        podCidr: "10.244.0.0/16",
        policy: "open",
        access: { url: "https://dcos.example.com" },
        packages: {
          etcd: { options: { service: { name: "calico-store" }, etcd: { client_port: 12379 } } },
        },
        nodes: {
          "agent-1": { address: "172.16.18.43" },
          "agent-2": { address: "172.16.18.44" },
          "agent-3": { address: "172.16.18.45" },
        },
      },
    },
  };
  const { dcos } = makePlan(parseConfig(raw)).coes;
  if (dcos === undefined) throw new Error("no dcos in the plan");
  expect(dcos.datastore).toEqual([
    "etcd-0-node.calico-store.mesos:12379",
    "etcd-1-node.calico-store.mesos:12379",
    "etcd-2-node.calico-store.mesos:12379",
  ]);
  expect(etcdMembers(dcos)).toEqual([
    "172.16.18.43:12379",
    "172.16.18.44:12379",
    "172.16.18.45:12379",
  ]);
});
