import { readFileSync } from "node:fs";
import { parseAllDocuments, stringify } from "yaml";
import { answer } from "../../components/ask/shell";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { gobgp } from "../../components/reflector/gobgp";
import { frrK8s } from "../../components/speakers/frr-k8s";
import { inspectFrr } from "../../components/speakers/frr-k8s/inspect";
import { frrFaults } from "../../components/speakers/frr-k8s/inspect/faults";
import { readFrrCluster } from "../../components/speakers/frr-k8s/inspect/read";
import { frrK8sAsset } from "../../components/speakers/frr-k8s/lab/files";
import { frrObjects } from "../../components/speakers/frr-k8s/objects";
import { runningOn } from "../../components/speakers/frr-k8s/word";
import type { TestStack } from "../helpers/engine";
import { defineFrrK8s, FrrNodes, frrNamespace } from "../helpers/frr-nodes";
import { KubeApi } from "../helpers/kube-api";
import { kubernetesStack, must, root } from "../helpers/kube-stack";
import { untilWithin } from "../helpers/until";

/*
 * Nodes of a Kubernetes without Calico: FRR-K8s' own controller, reloader and exporter make of the plan's objects what a
 * real FRR works with. The API is real, with the definitions of FRR-K8s; the stack that applies the objects is real, too.
 */
const api = new KubeApi();
const nodes = new FrrNodes(api);
let stack: TestStack;

const password = "a\\b#c!|?";
const at = {
  rr: { address: "172.16.18.1", address6: "2001:db8:18::1" },
  a: { address: "172.16.18.11", address6: "2001:db8:18::11" },
  b: { address: "172.16.18.12", address6: "2001:db8:18::12" },
  x: { address: "172.16.18.21", address6: "2001:db8:18::21" },
} as const;
const ranges = {
  a: ["10.244.0.0/24", "2001:db8:244::/64"],
  b: ["10.244.1.0/24", "2001:db8:244:1::/64"],
} as const;
const other = ["10.1.0.0/26", "2001:db8:1::40/122"] as const;

const config = {
  network: { nodes: ["172.16.18.0/24", "2001:db8:18::/64"], asn: 64511 },
  reflectors: { rr: { kind: "gobgp", ...at.rr } },
  coes: {
    plain: {
      ...{ kind: "kubernetes", speaker: "frr-k8s", policy: "open", access: { kubeconfig: "/no" } },
      podCidr: ["10.244.0.0/16", "2001:db8:244::/48"],
      serviceCidr: ["10.96.0.0/16", "2001:db8:96::/112"],
      announceServices: true,
      nodes: { a: { ...at.a, podCidr: ranges.a }, b: { ...at.b, podCidr: ranges.b } },
    },
    other: {
      ...{ kind: "kubernetes", policy: "open", access: { kubeconfig: "/no" } },
      podCidr: ["10.1.0.0/16", "2001:db8:1::/112"],
      nodes: { x: at.x },
    },
  },
};
const secrets = { bgpPasswords: { plain: password } };
const plan = makePlan(parseConfig(config, { secrets }));
const coe = plan.coes.plain;
if (coe === undefined) throw new Error("no COE in the plan");
const objects = frrObjects(plan, "plain");
const reflector = nodes.reflector("rr");
const stranger = nodes.reflector("x");

const program = `import { FrrPeering } from "${root}/dist/components/speakers/frr-k8s/peering";
import { makePlan, parseConfig } from "${root}/dist/components/kinds/planning";
const plan = makePlan(parseConfig(${JSON.stringify(config)}, { secrets: ${JSON.stringify(secrets)} }));
const access = { kubeconfig: ${JSON.stringify("KUBECONFIG")} };
new FrrPeering("plain", { plan, coe: "plain", access, bgpPasswords: { plain: ${JSON.stringify(password)} } }, {});
`;

async function pulumi(...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await stack.pulumi(...args);
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
}

const kubectl = (args: readonly string[]) => api.kubectl(...args);
const looked = async () => (await inspectFrr(kubectl, coe, objects)).findings;
const beside = async (node: string, argv: readonly string[]) =>
  answer(`${node}: ${argv[0]}`, await nodes.run(node, argv));
const faults = async () => [
  ...frrFaults(coe, objects, await readFrrCluster(kubectl)),
  ...(await runningOn(coe, objects, beside)),
];
const spoken = (node: string) => frrK8s.read((argv) => beside(node, argv));

/** The DaemonSet of FRR-K8s' own manifest, which kustomize puts into its namespace. */
function daemonSet(): object {
  const text = readFileSync(frrK8sAsset("config/frr-k8s/frr-k8s.yaml"), "utf8");
  const found: { kind: string; metadata: object }[] = parseAllDocuments(text).map((one) =>
    one.toJS(),
  );
  const [set] = found.filter(({ kind }) => kind === "DaemonSet");
  return { ...set, metadata: { ...set?.metadata, namespace: frrNamespace } };
}

async function apply(...all: readonly object[]): Promise<void> {
  const text = all.map((one) => stringify(one)).join("---\n");
  await must(api, "apply", "--server-side", "--filename", api.file("objects.yaml", text));
}

const node = (name: "a" | "b", podCIDRs: readonly string[]) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "kubernetes.io/hostname": name } },
  spec: { podCIDR: podCIDRs[0], podCIDRs },
});

const until = untilWithin(150_000);

const routes = (host: string) => async () => ({
  ...(await nodes.routes(host, 4)),
  ...(await nodes.routes(host, 6)),
});
const far = { a: at.b, b: at.a } as const;
const farRanges = { a: ranges.b, b: ranges.a } as const;
const learned = (host: "a" | "b") => ({
  [other[0]]: at.x.address,
  [farRanges[host][0]]: far[host].address,
  [other[1]]: at.x.address6,
  [farRanges[host][1]]: far[host].address6,
});

beforeAll(async () => {
  await api.up();
  await nodes.up(
    Object.fromEntries(
      Object.entries(at).map(([host, { address, address6 }]) => [host, [address, address6]]),
    ),
  );
  const own = plan.reflectors.rr;
  if (own === undefined) throw new Error("no reflector in the plan");
  // It takes what is not its nodes', too, and so what is planted in it.
  const file = gobgp.withPasswords(gobgp.render(plan, own), { plain: password });
  const rest = (policy: string) => `default-import-policy = "${policy}"`;
  await reflector.write(file.replace(rest("reject-route"), rest("accept-route")));
  await reflector.restart();
  await stranger.write(`[global.config]
  as = 64511
  router-id = "${at.x.address}"
  local-address-list = ["${at.x.address}", "${at.x.address6}"]
${[at.rr.address, at.rr.address6]
  .map(
    (address) => `[[neighbors]]
  [neighbors.config]
    neighbor-address = "${address}"
    peer-as = 64511
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "${address.includes(":") ? "ipv6" : "ipv4"}-unicast"
`,
  )
  .join("")}`);
  await stranger.restart();
  for (const range of other)
    await stranger.ask([
      ...["global", "rib", "-a", range.includes(":") ? "ipv6" : "ipv4", "add", range],
      ...["nexthop", range.includes(":") ? at.x.address6 : at.x.address],
    ]);
  stack = await kubernetesStack();
  stack.write("index.ts", program.replace('"KUBECONFIG"', JSON.stringify(api.kubeconfig)));
}, 240_000);

afterAll(async () => {
  stack?.remove();
  await nodes.down();
  await api.down();
});

test("refuses a cluster without FRR-K8s, and one whose nodes have other ranges", async () => {
  await apply(node("a", ranges.a), node("b", ["10.244.7.0/24"]));
  const none = await stack.pulumi("up", "--yes", "--skip-preview");
  expect(none.code).not.toBe(0);
  expect(none.stdout).toContain("plain cannot be joined as it is; nothing was changed");
  expect((await looked()).map(({ level, id, found }) => `${level} ${id}: ${found}`)).toEqual([
    "blocks frr-k8s: no FRR-K8s: its definitions are not there",
    ...["a", "b"].flatMap((name) => [
      `blocks node/${name}/address: its InternalIP is not there; the plan says ${at[name === "a" ? "a" : "b"].address}`,
      `blocks node/${name}/address: its InternalIP is not there; the plan says ${at[name === "a" ? "a" : "b"].address6}`,
      ...(name === "a"
        ? []
        : [
            "blocks node/b/podCIDR: its podCIDRs are 10.244.7.0/24; the plan says 10.244.1.0/24, 2001:db8:244:1::/64",
          ]),
    ]),
  ]);
}, 240_000);

test("joins: each node announces its range, and has the routes of the others in its kernel", async () => {
  await must(api, "delete", "nodes", "--all");
  await defineFrrK8s(api);
  await apply(daemonSet(), node("a", ranges.a), node("b", ranges.b));
  for (const name of ["a", "b"] as const) {
    const { address, address6 } = at[name];
    const addresses = [address, address6].map((one) => ({ type: "InternalIP", address: one }));
    const patch = JSON.stringify({ status: { addresses } });
    await must(api, "patch", "node", name, "--subresource=status", "--type=merge", "-p", patch);
    await nodes.start(name);
  }
  expect(await looked()).toEqual([]);
  await pulumi("up", "--yes", "--skip-preview");
  for (const name of ["a", "b"] as const)
    await until(`the routes of ${name}`, routes(name), learned(name));
}, 180_000);

test("containers of node ranges reach each other and other COEs by their own addresses, both ways", async () => {
  const pods = {
    a: await nodes.pod("a", ranges.a[0]),
    b: await nodes.pod("b", ranges.b[0]),
    x: await nodes.pod("x", other[0]),
  };
  // The speaker of x writes no routes into its kernel.
  for (const name of ["a", "b"] as const)
    await nodes.at("x", "ip", "route", "add", ranges[name][0], "via", at[name].address);
  for (const [from, own] of Object.entries(pods))
    for (const [to, address] of Object.entries(pods).filter(([name]) => name !== from)) {
      const get = async () => {
        const page = await nodes.at(
          `${from}-pod`,
          "curl",
          "-s",
          "-m",
          "5",
          `http://${address}:8080/`,
        );
        return JSON.parse(page).client;
      };
      await until(`the page of ${to} at ${from}`, () => get().catch(String), own);
    }
});

test("takes nothing of the reflector that no COE announces", async () => {
  const planted = [
    "0.0.0.0/0",
    "172.16.18.128/25",
    "10.1.64.0/20",
    "10.244.9.0/25",
    "198.51.100.0/24",
  ];
  for (const prefix of [...planted, "10.1.1.0/26"]) await reflector.announce(prefix, at.x.address);
  await until("the one that could be", routes("a"), {
    ...Object.fromEntries(
      Object.entries({ ...learned("a"), "10.1.1.0/26": at.x.address }).sort(([a], [b]) =>
        a.includes(":") === b.includes(":") ? (a < b ? -1 : 1) : a.includes(":") ? 1 : -1,
      ),
    ),
  });
  await reflector.ask(["global", "rib", "del", "10.1.1.0/26"]);
  await until("it to go", routes("a"), learned("a"));
});

test("reads sessions, what they bring and what they send from the node's own FRR", async () => {
  const said = await spoken("a");
  if (!said.ok) throw new Error(said.error);
  const { routerId, sessions } = said.value;
  expect(routerId).toBe(at.a.address);
  const short = sessions.map(({ address, asn, state, imported, exported, uptimeSeconds }) => ({
    ...{ address, asn, state, exported: [...exported].sort() },
    imported: imported.map(({ prefix, via }) => `${prefix} ${via}`).sort(),
    up: uptimeSeconds !== undefined,
  }));
  expect(short.sort((a, b) => (a.address < b.address ? -1 : 1))).toEqual([
    {
      ...{ address: at.rr.address, asn: 64511, state: "Established", up: true },
      exported: ["10.244.0.0/24", "10.96.0.0/16"],
      imported: [
        `10.1.0.0/26 ${at.x.address}`,
        `10.244.1.0/24 ${at.b.address}`,
        `10.96.0.0/16 ${at.b.address}`,
      ],
    },
    {
      ...{ address: at.rr.address6, asn: 64511, state: "Established", up: true },
      exported: ["2001:db8:244::/64", "2001:db8:96::/112"],
      imported: [
        `2001:db8:1::40/122 ${at.x.address6}`,
        `2001:db8:244:1::/64 ${at.b.address6}`,
        `2001:db8:96::/112 ${at.b.address6}`,
      ],
    },
  ]);
});

test("FRR-K8s has nothing against the objects, the API nothing to add, and a second update nothing to do", async () => {
  const reloaded = async () => {
    const { results } = await readFrrCluster(kubectl);
    return Object.values(results);
  };
  const success = { conversion: "success", reload: "success" };
  await until("FRR-K8s to tell of its reloads", reloaded, [success, success]);
  expect(await faults()).toEqual([]);
  await pulumi("preview", "--expect-no-changes");
}, 240_000);

const planned = `it takes 10.1.0.0/16 /26, 10.1.0.0/16 /32, 10.244.0.0/16 /24, 10.96.0.0/16, 10.96.0.0/16 /32 from ${at.rr.address}, as its FRRConfiguration says`;
const spoofed = async () => (await nodes.routes("a")).default;
/** The file that the reloader has saved while somebody's change was there. */
let old = "";

test("what somebody changes is told, with what becomes of it", async () => {
  const path = "/spec/bgp/routers/0/neighbors/0/toReceive/allowed/mode";
  const patch = JSON.stringify([{ op: "replace", path, value: "all" }]);
  const what = ["frrconfigurations", "seamless-a", "--namespace", frrNamespace];
  await must(api, "patch", ...what, "--type=json", "-p", patch);
  await until("the default route that was planted", spoofed, at.x.address);
  await until("the reloader to save it", async () => nodes.saved("a").includes("permit any"), true);
  old = nodes.saved("a");
  await apply({
    ...objects[1],
    metadata: { name: "theirs", namespace: frrNamespace },
    spec: { bgp: { routers: [{ asn: 64999 }] } },
  });
  const told = async () =>
    (await faults()).map(({ object, found, expected }) => {
      // It merges in the order in which it got them.
      const text = found.replace("(64999 != 64511)", "(64511 != 64999)");
      return `${object}: ${text}, not ${expected}`;
    });
  const conversion =
    "lastConversionResult: failed: different asns (64511 != 64999) specified for same vrf:";
  await until("FRR-K8s to refuse it", told, [
    "frrconfiguration/theirs: its router is in AS 64999, not the plan says 64511",
    'FRRConfiguration/seamless-a: spec.bgp.routers[0].neighbors[0].toReceive.allowed.mode is "all", not "filtered"',
    `FRRNodeState/a: ${conversion}, not lastConversionResult: success`,
    `FRRNodeState/b: ${conversion}, not lastConversionResult: success`,
    `FRR on a: it takes everything from ${at.rr.address}, not ${planned}`,
  ]);
  await must(api, "delete", "frrconfigurations", "theirs", "--namespace", frrNamespace);
  await pulumi("up", "--yes", "--skip-preview", "--refresh");
  await until("it to be as planned", faults, []);
  await until("the routes of a", routes("a"), learned("a"));
}, 180_000);

test("a bgpd that comes back with a file of before is told", async () => {
  await until("the reloader to save what is planned", async () => nodes.saved("a") === old, false);
  // It writes to the daemons first and to the file then: a bgpd that is killed in between starts with this.
  const saved = nodes.saved("a");
  nodes.save("a", old);
  await nodes.restartBgpd("a");
  const told = async () =>
    (await faults()).map(({ object, found, expected }) => `${object}: ${found}, not ${expected}`);
  const everything = `FRR on a: it takes everything from ${at.rr.address}, not ${planned}`;
  await until("it to be told", told, [everything]);
  await until("the default route that was planted", spoofed, at.x.address);
  // After a restart zebra drops what is older than the restart, and counts in whole seconds.
  const fresh = async () => (await nodes.vtysh("a", "show ip route bgp")).includes("00:00:00");
  await until("its routes to be a second old", fresh, false);
  nodes.save("a", saved);
  await nodes.restartBgpd("a");
  await until("it to be as planned", faults, []);
  // Zebra drops what the bgpd before has left once this one has it all: one that dies sooner leaves it there.
  await until("the planted routes to go", routes("a"), learned("a"));
}, 300_000);

test("a bgpd that is killed comes back with its routes, and with destroy the sessions go", async () => {
  await nodes.restartBgpd("a");
  // The kernel has kept its routes meanwhile.
  const taken = async () => {
    const said = await spoken("a");
    if (!said.ok) return [said.error];
    return said.value.sessions.map(({ state, imported }) => `${state} ${imported.length}`);
  };
  await until("bgpd of a to have all of it again", taken, ["Established 3", "Established 3"]);
  await until("the routes of a", routes("a"), learned("a"));
  await until("the routes of b", routes("b"), learned("b"));
  await pulumi("destroy", "--yes", "--skip-preview");
  const rest = await api.kubectl("get", "frrconfigurations,secrets", "-A", "-o", "name");
  expect(rest.stdout).toBe("");
  await until("the routes to go", routes("a"), {});
}, 400_000);
