import { join } from "node:path";
import { stringify } from "yaml";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { apiServers, dashboardPolicy } from "../../components/kubernetes/addons/dashboard-policy";
import { calicoObjects, calicoPlan, inOrder } from "../../components/speakers/calico/objects";
import { fateOf, ruleFacts } from "../../components/speakers/calico/precedence";
import type { CalicoObject, GlobalNetworkPolicy } from "../../components/speakers/calico/types";
import { exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { Etcd } from "../helpers/etcd";
import { Felix, type Packet } from "../helpers/felix";

const etcd = new Etcd();
const felix = new Felix();
const apiVersion = "projectcalico.org/v3";
const node = "worker-1";

const planOf = (policy: object) =>
  makePlan(
    parseConfig({
      network: { supernet: "10.64.0.0/12", nodes: "172.16.18.0/24", asn: 64511 },
      reflectors: { rr: { kind: "gobgp", address: "172.16.18.32" } },
      coes: {
        kubernetes: {
          kind: "kubernetes",
          podCidr: "10.64.0.0/16",
          access: { kubeconfig: "k" },
          addons: { dashboard: {} },
          nodes: {
            controller: { address: "172.16.18.33", role: "controller" },
            [node]: { address: "172.16.18.34" },
          },
          ...policy,
        },
        dcos: {
          kind: "dcos",
          podCidr: "10.65.0.0/16",
          access: { url: "https://dcos.example.com", etcd: ["http://172.16.18.42:2379"] },
          policy: "closed",
          nodes: { agent: { address: "172.16.18.43" } },
        },
      },
    }),
  );
const objectsOf = (policy: object) =>
  inOrder(calicoObjects(calicoPlan(planOf(policy), "kubernetes"))).filter(({ kind }) =>
    ["Tier", "GlobalNetworkPolicy", "GlobalNetworkSet", "Profile"].includes(kind),
  );

const calicoctl = async (args: readonly string[], objects: readonly object[]) => {
  const { code, stdout, stderr } = await exec([join(toolsBin(), "calicoctl"), ...args, "-f", "-"], {
    input: objects.map((one) => stringify(one)).join("---\n"),
    env: { DATASTORE_TYPE: "etcdv3", ETCD_ENDPOINTS: etcd.endpoint },
    timeoutMs: 15_000,
  });
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
};
const apply = (objects: readonly object[]) => calicoctl(["apply"], objects);
const remove = (objects: readonly object[]) => calicoctl(["delete", "--skip-not-exists"], objects);

/** A container on the node, in a namespace, with labels of its user's choice. */
const container = (name: string, address: string, namespace: string, labels: object = {}) => ({
  apiVersion,
  kind: "WorkloadEndpoint",
  metadata: { name: `worker--1-cni-${name}-eth0`, namespace, labels },
  spec: {
    node,
    orchestrator: "cni",
    workload: name,
    containerID: name,
    endpoint: "eth0",
    interfaceName: `cali${name}`,
    ipNetworks: [`${address}/32`],
    profiles: ["calico-open"],
  },
});

const [server, own, dashboard] = ["10.64.0.2", "10.64.0.3", "10.64.0.4"];
const [outside, foreign, guest] = ["203.0.113.9", "10.65.0.2", "10.66.0.7"];
const [controller, otherHost] = ["172.16.18.33", "172.16.18.43"];

const containers = [
  container("server", server, "shop"),
  container("own", own, "shop"),
  container("dashboard", dashboard, "kubernetes-dashboard", {
    "app.kubernetes.io/name": "kubernetes-dashboard-gateway",
  }),
];
/** What a tenant may make: a set of addresses, and a container with an address that is no container's of the plan. */
const stolen = { "seamless/coe": "kubernetes" };
const tenants = [
  {
    apiVersion,
    kind: "NetworkSet",
    metadata: { name: "everybody", namespace: "shop", labels: stolen },
    spec: { nets: [`${outside}/32`, "0.0.0.0/0"] },
  },
  container("guest", guest, "shop", stolen),
];

async function expectVerdicts(
  endpoint: string,
  wanted: Readonly<Record<string, string>>,
  port = 8080,
): Promise<void> {
  const packets = Object.keys(wanted).map(
    (from): Packet => ({ from, to: addresses[endpoint] ?? "", port }),
  );
  await waitFor(
    { what: `Felix's verdicts on ${endpoint}`, timeoutMs: 20_000, intervalMs: 100 },
    async () => {
      const found = Object.fromEntries(
        packets.map((one) => [one.from, felix.verdict(endpoint, one)]),
      );
      const seen = JSON.stringify(found);
      return seen === JSON.stringify(wanted)
        ? { done: true, value: undefined }
        : { done: false, seen };
    },
  );
}
const addresses: Readonly<Record<string, string>> = {
  "shop/server": server,
  "kubernetes-dashboard/dashboard": dashboard,
  eth0: "172.16.18.34",
};

/** The same policy as it was before: its sources are whatever has the label, of whatever kind. */
const withoutNamespaces = (objects: readonly CalicoObject[]) =>
  objects.map((object) =>
    JSON.parse(JSON.stringify(object).replace(/"namespaceSelector":"global\(\)",?/, "")),
  );

beforeAll(async () => {
  await etcd.up();
  await apply([
    { apiVersion, kind: "Node", metadata: { name: node }, spec: {} },
    ...objectsOf({ policy: "open" }),
    ...containers,
  ]);
  felix.up(etcd.endpoint, node);
});

afterAll(async () => {
  await felix.down();
  await etcd.down();
});

test("a tenant's set or container with the label of a COE opens nothing", async () => {
  const objects = objectsOf({ policy: "closed", allowFromHosts: ["172.16.18.99/32"] });
  await remove(objectsOf({ policy: "open" }).filter(({ kind }) => kind === "GlobalNetworkPolicy"));
  await apply([...withoutNamespaces(objects), ...tenants]);
  await expectVerdicts("shop/server", {
    [own]: "profile",
    [outside]: "profile",
    [guest]: "profile",
  });
  await apply(objects);
  await expectVerdicts("shop/server", {
    [own]: "profile",
    [controller]: "profile",
    "172.16.18.99": "profile",
    [outside]: "deny",
    [guest]: "deny",
    [foreign]: "deny",
    [otherHost]: "deny",
  });
});

test("open lets in everybody, comes after the cluster's own policies, and leaves hosts alone", async () => {
  await remove([
    ...tenants,
    ...objectsOf({ policy: "closed" })
      .filter(({ kind }) => kind !== "Profile")
      .reverse(),
  ]);
  const ingress = [{ action: "Allow" as const }];
  const host = {
    apiVersion,
    kind: "HostEndpoint",
    metadata: { name: "eth0" },
    spec: { node, interfaceName: "eth0", expectedIPs: ["172.16.18.34"] },
  };
  const denies = policy("before", {
    order: 10,
    ingress: [{ action: "Deny", source: { nets: [`${outside}/32`] } }],
  });
  const tooLate = policy("late", { ingress: [{ action: "Deny" }] });
  const onHosts = policy("hosts", { ingress, selector: "all()" });
  await apply([...objectsOf({ policy: "open" }), host, denies, tooLate]);
  await expectVerdicts("shop/server", {
    [foreign]: "allow",
    [otherHost]: "allow",
    [outside]: "deny",
  });
  // No policy is about the host, which is as if it were not there; what is about all of them, is.
  await expectVerdicts("eth0", { [outside]: "profile" });
  await apply([{ ...onHosts, spec: { ...onHosts.spec, order: 1 } }]);
  await expectVerdicts("eth0", { [outside]: "allow" });
  await remove([denies, tooLate, onHosts, host]);
});

test("a dashboard answers itself and the API server only, also where everything is open", async () => {
  const plan = planOf({ policy: "open", allowFromHosts: ["172.16.18.99/32"] });
  const coe = plan.coes.kubernetes;
  if (coe === undefined) throw new Error("no COE");
  await apply(objectsOf({ policy: "open" }));
  const it = "kubernetes-dashboard/dashboard";
  const asked = { [own]: "allow", [controller]: "allow", [dashboard]: "allow" };
  await expectVerdicts(it, asked, 8443);
  await apply([dashboardPolicy("kubernetes-dashboard", apiServers(coe))]);
  await expectVerdicts(
    it,
    {
      [own]: "deny",
      [foreign]: "deny",
      [otherHost]: "deny",
      [outside]: "deny",
      ...{ [controller]: "allow", [dashboard]: "allow", "172.16.18.99": "allow" },
    },
    8443,
  );
  await expectVerdicts(it, { [controller]: "deny" }, 22);
  await expectVerdicts("shop/server", { [own]: "allow", [foreign]: "allow" });
});

/** A policy on containers in the words of Calico, and what is said of it. */
const cases: readonly (readonly [string, object, string])[] = [
  ["default.aa", { order: 10, ingress: [deny(outside)] }, "denies only"],
  ["default.bb", { order: 10, ingress: [allow(own)] }, "lost"],
  ["default.cc", { order: 10, ingress: [allow(own), { action: "Deny" }] }, "stays"],
  ["default.dd", { order: 10, ingress: [{ action: "Allow" }] }, "stays"],
  ["default.zz", { ingress: [{ action: "Deny" }] }, "lost"],
  ["default.ab", { ingress: [deny(outside)] }, "denies only"],
  ["default.zy", { ingress: [{ action: "Allow" }] }, "stays"],
  ["default.ee", { order: 2_000_000, ingress: [] }, "lost"],
  ["early.aa", { tier: "early", ingress: [allow(own)] }, "stays"],
  ["late.aa", { tier: "late", ingress: [{ action: "Deny" }] }, "lost"],
];

test("which policies lose their effect by allow-all is as a real Felix reckons it", async () => {
  const tiers = [
    { name: "early", order: 100 },
    { name: "late", order: 2_000_000 },
  ];
  await apply(
    tiers.map(({ name, order }) => ({
      apiVersion,
      kind: "Tier",
      metadata: { name },
      spec: { order },
    })),
  );
  const everybody = [own, foreign, outside, otherHost];
  const open = objectsOf({ policy: "open" }).filter(({ kind }) => kind === "GlobalNetworkPolicy");
  const marks = ["198.51.100.1", "198.51.100.2"];
  /** Verdicts once Felix has taken all that was written: then it denies a packet of that mark in a first tier. */
  const verdicts = async (mark: string) => {
    const first = policy("first.mark", {
      tier: "first",
      ingress: [deny(mark), { action: "Pass" }],
    });
    await apply([first]);
    const at = (from: string) =>
      felix.verdict("shop/server", { from, to: server, port: 8080 })?.replace("profile", "allow");
    await waitFor({ what: "the mark", timeoutMs: 20_000, intervalMs: 50 }, async () => {
      const others = marks.filter((one) => one !== mark).map(at);
      const seen = `${at(mark)}, ${others}`;
      return at(mark) === "deny" && !others.includes(undefined)
        ? { done: true, value: undefined }
        : { done: false, seen };
    });
    return Object.fromEntries(everybody.map((from) => [from, at(from)]));
  };
  await apply([{ apiVersion, kind: "Tier", metadata: { name: "first" }, spec: { order: 1 } }]);
  const found: Record<string, string> = {};
  for (const [name, spec] of cases) {
    const { tier, ...rest }: { tier?: string } = spec;
    const one = policy(name, { ...(tier === undefined ? {} : { tier }), ...rest });
    await remove(open);
    await apply([one]);
    const without = await verdicts(marks[0] ?? "");
    await apply(open);
    const beside = await verdicts(marks[1] ?? "");
    const denied = Object.values(beside).includes("deny");
    const same = JSON.stringify(beside) === JSON.stringify(without);
    found[name] = same ? "stays" : denied ? "denies only" : "lost";
    await remove([one]);
  }
  expect(found).toEqual(Object.fromEntries(cases.map(([name, , fate]) => [name, fate])));
  const ours = cases.map(([name, spec]) => {
    const { tier = "default", order }: { tier?: string; order?: number } = spec;
    return [
      name,
      fateOf({ name, tier, order, ...ruleFacts({ types: ["Ingress"], ...spec }) }, tiers),
    ];
  });
  expect(Object.fromEntries(ours)).toEqual(found);
});

function allow(from: string) {
  return { action: "Allow", source: { nets: [`${from}/32`] } } as const;
}

function deny(from: string) {
  return { action: "Deny", source: { nets: [`${from}/32`] } } as const;
}

function policy(name: string, spec: Partial<GlobalNetworkPolicy["spec"]>) {
  return {
    apiVersion,
    kind: "GlobalNetworkPolicy",
    metadata: { name },
    spec: { selector: "has(projectcalico.org/orchestrator)", types: ["Ingress"], ...spec },
  };
}
