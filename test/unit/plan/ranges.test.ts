import { makePlan, parseConfig, renderPlan } from "../../../components/kinds/planning";
import { poolParts } from "../../../components/kubernetes/pool-parts";
import { calicoObjects, calicoPlan, inOrder } from "../../../components/speakers/calico/objects";
import { calicoV1Documents } from "../../../components/speakers/calico/v1";
import { planDocument, subnetTable } from "../../../plan";

const kubernetes = {
  kind: "kubernetes",
  podCidr: ["192.168.0.0/18", "100.96.0.0/16"],
  policy: "open",
  access: { kubeconfig: "kubeconfig" },
  nodes: { "worker-1": { address: "10.20.1.11" }, "worker-2": { address: "10.53.14.11" } },
};
const dcos = {
  kind: "dcos",
  podCidr: "172.29.0.0/16",
  natOutgoing: true,
  policy: "open",
  access: { url: "https://dcos.example.com", etcd: ["http://10.20.1.20:2379"] },
  nodes: { "agent-1": { address: "10.20.1.21" } },
};
const config = {
  network: { nodes: ["10.20.1.0/24", "10.53.14.0/24"], asn: 64511 },
  reflectors: { reflector: { kind: "gobgp", address: "10.20.1.5" } },
  coes: { kubernetes, dcos },
};
const planOf = (changes: object = {}) =>
  makePlan(parseConfig({ ...config, coes: { dcos, kubernetes: { ...kubernetes, ...changes } } }));
const plan = planOf();

test("ranges of a COE, and networks of nodes, may be lists, and no supernet is needed", () => {
  expect(plan).not.toHaveProperty("supernet");
  expect(plan.nodeNetwork).toEqual(["10.20.1.0/24", "10.53.14.0/24"]);
  expect(plan.coes.kubernetes?.podCidr).toEqual(["192.168.0.0/18", "100.96.0.0/16"]);
  expect(plan.coes.kubernetes?.blocks).toBe(256 + 1024);
  expect(planDocument(plan)).not.toHaveProperty("supernet");
  expect(subnetTable(plan).kubernetes?.podCidr).toEqual(["192.168.0.0/18", "100.96.0.0/16"]);
  expect(renderPlan(plan)[0]).toBe("node networks 10.20.1.0/24 and 10.53.14.0/24, AS 64511");
});

test("a list of one range is the range", () => {
  const { nodes } = config.network;
  const network = { supernet: ["192.168.0.0/16"], nodes: [nodes[0]], asn: 64511 };
  const one = { "worker-1": { address: "10.20.1.11" } };
  const coes = { kubernetes: { ...kubernetes, nodes: one, podCidr: ["192.168.0.0/18"] } };
  const made = makePlan(parseConfig({ ...config, network, coes }));
  expect(made).toMatchObject({ supernet: "192.168.0.0/16", nodeNetwork: "10.20.1.0/24" });
  expect(made.coes.kubernetes?.podCidr).toBe("192.168.0.0/18");
  expect(renderPlan(made)[0]).toBe(
    "container range 192.168.0.0/16, node network 10.20.1.0/24, AS 64511",
  );
});

test("a node may announce blocks of every range of its COE, in whatever order they are written", () => {
  const prefixes = ["100.96.0.0/16", "192.168.0.0/18"].flatMap((cidr) =>
    [26, 32].map((length) => ({ cidr, minLength: length, maxLength: length })),
  );
  const turned = planOf({ podCidr: ["100.96.0.0/16", "192.168.0.0/18"] });
  expect(plan.fences["kubernetes/worker-1"]?.prefixes).toEqual(prefixes);
  expect(turned.fences).toEqual(plan.fences);
});

test("Calico has a pool for each range, and for each range of the others", () => {
  const pools = (coe: string) =>
    inOrder(calicoObjects(calicoPlan(plan, coe)))
      .filter(({ kind }) => kind === "IPPool")
      .map(({ metadata }) => metadata.name);
  expect(pools("kubernetes")).toEqual(["192-168-0-0-18", "100-96-0-0-16"]);
  expect(pools("dcos")).toEqual(["172-29-0-0-16", "192-168-0-0-18", "100-96-0-0-16"]);
  const v1 = calicoV1Documents(calicoPlan(plan, "kubernetes")).flatMap((one) =>
    one.kind === "ipPool" ? [one.metadata.cidr] : [],
  );
  expect(v1).toEqual(["192.168.0.0/18", "100.96.0.0/16"]);
});

test("pools that are there are adopted by range", () => {
  const adopting = calicoPlan(planOf({ pool: { "100.96.0.0/16": "rack-2" } }), "kubernetes");
  const names = Object.values(calicoObjects(adopting).pools).map(({ metadata }) => metadata.name);
  expect(names).toEqual(["192-168-0-0-18", "rack-2"]);
});

test("the only range's pool keeps its name in the stack, and no pool moves when a range comes or goes", () => {
  expect(poolParts(["192.168.0.0/18"])).toEqual([
    { range: "192.168.0.0/18", part: "pool", was: "pool-192-168-0-0-18" },
  ]);
  expect(poolParts(["192.168.0.0/18", "100.96.0.0/16"])).toEqual([
    { range: "192.168.0.0/18", part: "pool-192-168-0-0-18", was: "pool" },
    { range: "100.96.0.0/16", part: "pool-100-96-0-0-16" },
  ]);
});

test("policies name every range of who is let in", () => {
  const closed = planOf({ policy: "cross-coe", allowFrom: ["dcos"] });
  const { sets } = calicoObjects(calicoPlan(closed, "kubernetes")).admission;
  expect(sets.kubernetes?.spec.nets).toEqual([
    "192.168.0.0/18",
    "100.96.0.0/16",
    "10.20.1.11/32",
    "10.53.14.11/32",
  ]);
});

test("load balancers that somebody else gives addresses to are announced, and have no pool", () => {
  const made = planOf({ loadBalancerCidr: "10.97.0.0/24", loadBalancerPool: false });
  const { ranges, configuration } = calicoObjects(calicoPlan(made, "kubernetes"));
  expect(ranges).toEqual({});
  expect(configuration.spec.serviceLoadBalancerIPs).toEqual([{ cidr: "10.97.0.0/24" }]);
  expect(made.fences["kubernetes/worker-1"]?.prefixes).toContainEqual({
    cidr: "10.97.0.0/24",
    minLength: 24,
    maxLength: 24,
  });
  const ours = planOf({ loadBalancerCidr: "10.97.0.0/24", loadBalancerPool: true });
  expect(ours.coes.kubernetes).not.toHaveProperty("loadBalancerPool");
  expect(Object.keys(calicoObjects(calicoPlan(ours, "kubernetes")).ranges)).toEqual([
    "load-balancers",
  ]);
});

test("services that are not announced may have the same range in two clusters", () => {
  const second = {
    ...kubernetes,
    podCidr: "10.200.0.0/16",
    serviceCidr: "10.96.0.0/12",
    nodes: { "worker-1": { address: "10.20.1.31" } },
  };
  const coes = { kubernetes: { ...kubernetes, serviceCidr: "10.96.0.0/12" }, second };
  expect(Object.keys(makePlan(parseConfig({ ...config, coes })).coes)).toEqual([
    "kubernetes",
    "second",
  ]);
  const announced = { ...coes, second: { ...second, announceServices: true } };
  expect(() => parseConfig({ ...config, coes: announced })).toThrow(
    "coes.second.serviceCidr: found 10.96.0.0/12, which overlaps 10.96.0.0/12 of coes.kubernetes.serviceCidr; services of kubernetes are not announced, but kube-proxy on its nodes takes traffic to them, so kubernetes could not reach the other range; both exist: do not announce coes.second.serviceCidr",
  );
});

test("without a supernet a free range is looked for in RFC 1918, then in RFC 6598", () => {
  const cluster = (podCidr: string, address: string) => ({
    ...kubernetes,
    podCidr,
    nodes: { "worker-1": { address } },
  });
  const taken = {
    ten: cluster("10.0.0.0/8", "192.0.2.11"),
    twelve: cluster("172.16.0.0/12", "192.0.2.12"),
    sixteen: cluster("192.168.0.0/16", "192.0.2.13"),
    late: cluster("10.244.0.0/16", "192.0.2.14"),
  };
  const network = { nodes: "192.0.2.0/24", asn: 64511 };
  const reflectors = { reflector: { kind: "gobgp", address: "192.0.2.5" } };
  expect(() => parseConfig({ network, reflectors, coes: taken })).toThrow(
    "coes.late.podCidr: found 10.244.0.0/16, which overlaps 10.0.0.0/8 of coes.ten.podCidr; the next free /16 is 100.64.0.0/16",
  );
});
