import { readFileSync } from "node:fs";
import { parse, parseAllDocuments, stringify } from "yaml";
import { z } from "zod";
import { answer } from "../../components/ask/shell";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { inspectOpenshift } from "../../components/openshift/inspect";
import { routeAdvertisements, templatesOf } from "../../components/openshift/objects";
import { openshiftWord } from "../../components/openshift/word";
import { gobgp } from "../../components/reflector/gobgp";
import { frrK8sAsset } from "../../components/speakers/frr-k8s/lab/files";
import { type OvnNode, outcomeOf, type PodRange } from "../../standins/openshift/network-operator";
import { waitFor } from "../../util/wait";
import type { TestStack } from "../helpers/engine";
import { defineFrrK8s, FrrNodes } from "../helpers/frr-nodes";
import { KubeApi } from "../helpers/kube-api";
import { kubernetesStack, must, root } from "../helpers/kube-stack";
import { applyAll, makeOpenshift, setStatus, sorted, upstreamCases } from "../helpers/openshift";
import { describeWithShared, sharedPath, sharedText } from "../helpers/shared";
import { untilWithin } from "../helpers/until";

/*
 * OpenShift's own software cannot be had. Real here: the API server with the published definitions and upstream's own cases;
 * FRR-K8s, FRR and the kernel of two nodes; the stack. Played: what the network operator and OVN-Kubernetes make of the objects
 * (standins/openshift).
 */
const namespace = "openshift-frr-k8s";
const definitions = "definitions/openshift";
const api = new KubeApi();
const nodes = new FrrNodes(api, namespace);
const reflector = nodes.reflector("rr");
let stack: TestStack;

const at = { rr: "172.16.18.1", a: "172.16.18.11", b: "172.16.18.12", x: "172.16.18.21" } as const;
const subnets = { a: "10.128.0.0/23", b: "10.130.0.0/23" } as const;
const config = {
  network: { nodes: "172.16.18.0/24", asn: 64511 },
  reflectors: { rr: { kind: "gobgp", address: at.rr } },
  coes: {
    metal: {
      ...{ kind: "openshift", policy: "open", access: { kubeconfig: "/no" } },
      ...{ podCidr: "10.128.0.0/14", serviceCidr: "172.30.0.0/16" },
      nodes: {
        a: { address: at.a, role: "control-plane", podCidr: subnets.a },
        b: { address: at.b, podCidr: subnets.b },
      },
    },
    other: {
      ...{ kind: "kubernetes", policy: "open", access: { kubeconfig: "/no" } },
      podCidr: "10.1.0.0/16",
      nodes: { x: { address: at.x } },
    },
  },
};
const plan = makePlan(parseConfig(config));
const coe = plan.coes.metal;
if (coe === undefined) throw new Error("no COE in the plan");
const objects = templatesOf(plan, "metal");
const program = () => `import { OpenshiftPeering } from "${root}/dist/components/openshift/peering";
import { makePlan, parseConfig } from "${root}/dist/components/kinds/planning";
const plan = makePlan(parseConfig(${JSON.stringify(config)}));
const access = { kubeconfig: ${JSON.stringify(api.kubeconfig)} };
new OpenshiftPeering("metal", { plan, coe: "metal", access }, {});
`;

const kubectl = (args: readonly string[]) => api.kubectl(...args);
const list = z.object({ items: z.array(z.unknown()) });

const apply = (...all: readonly object[]) => applyAll(api, ...all);
const status = (kind: string, name: string, value: object) => setStatus(api, kind, name, value);

async function pulumi(...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await stack.pulumi(...args);
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
}

/** Has the API server judge an object, and stores nothing. */
async function judge(object: object): Promise<{ error: string; spec: unknown }> {
  const file = api.file("judged.yaml", stringify(object));
  const { code, stdout, stderr } = await api.kubectl(
    ...["create", "--dry-run=server", "--validate=strict", "-o", "json", "--filename", file],
  );
  // kubectl has a line for each, where upstream's cases have commas.
  const error = code === 0 ? "" : stderr.replaceAll("\n* ", ", ");
  return { error, spec: code === 0 ? JSON.parse(stdout).spec : {} };
}

const ovnNodes: readonly OvnNode[] = (["a", "b"] as const).map((name) => ({
  ...{ name, labels: { "kubernetes.io/hostname": name }, subnets: [subnets[name]] },
}));

/** What the operator does once it is told to have FRR. */
async function deployFrr(): Promise<void> {
  await waitFor({ what: "the operator to be told", timeoutMs: 180_000 }, async () => {
    const { stdout } = await api.kubectl(
      "get",
      "networks.operator.openshift.io",
      "cluster",
      "-o",
      "json",
    );
    const told = stdout.includes('"FRR"') && stdout.includes('"Enabled"');
    return told ? { done: true, value: undefined } : { done: false, seen: stdout };
  });
  await must(
    api,
    "apply",
    "--server-side",
    "--filename",
    sharedPath("definitions/ovn-kubernetes/k8s.ovn.org_routeadvertisements.yaml"),
  );
  await defineFrrK8s(api, namespace);
  const text = readFileSync(frrK8sAsset("config/frr-k8s/frr-k8s.yaml"), "utf8");
  const found: { kind: string; metadata: object }[] = parseAllDocuments(text).map((one) =>
    one.toJS(),
  );
  const [set] = found.filter(({ kind }) => kind === "DaemonSet");
  await apply({ ...set, metadata: { ...set?.metadata, name: "frr-k8s", namespace } });
  const counts = {
    desiredNumberScheduled: 2,
    numberReady: 2,
    currentNumberScheduled: 2,
    numberMisscheduled: 0,
  };
  await must(
    api,
    ...["patch", "daemonset", "frr-k8s", "--namespace", namespace, "--subresource=status"],
    ...["--type=merge", "-p", JSON.stringify({ status: counts })],
  );
  for (const name of ["a", "b"]) await nodes.start(name);
}

/** What OVN-Kubernetes does with RouteAdvertisements, once. @param noOverlay the pod network where it has no overlay */
async function advertise(noOverlay: readonly PodRange[] = []): Promise<string> {
  const get = async (...what: string[]) =>
    JSON.parse((await api.kubectl("get", ...what, "-o", "json")).stdout);
  await waitFor({ what: "RouteAdvertisements", timeoutMs: 120_000 }, async () => {
    const { code, stderr } = await api.kubectl("get", "routeadvertisements", "seamless");
    return code === 0 ? { done: true, value: undefined } : { done: false, seen: stderr };
  });
  const { items } = list.parse(await get("frrconfigurations", "--namespace", namespace));
  const outcome = outcomeOf(
    await get("routeadvertisements", "seamless"),
    items,
    ovnNodes,
    noOverlay,
  );
  if (outcome.generated.length > 0) await apply(...outcome.generated);
  await status("routeadvertisements", "seamless", { status: outcome.status });
  return outcome.status;
}

const until = untilWithin(100_000);

const ask = async (args: readonly string[]) => answer("kubectl", await kubectl(args));
const beside = async (node: string, argv: readonly string[]) =>
  answer(node, await nodes.run(node, argv));
const word = openshiftWord(coe, ask, kubectl, beside);
const faults = async () => {
  const said = await word.objects(plan);
  return said.ok ? said.value.map(({ object, found }) => `${object}: ${found}`) : [said.error];
};

beforeAll(() => api.up(), 120_000);

afterAll(async () => {
  stack?.remove();
  await nodes.down();
  await api.down();
});

describeWithShared("definitions/openshift/tests", "upstream's cases", () => {
  test.each([
    ["Default", ["RouteAdvertisements", "AdditionalRoutingCapabilities"]],
    ["TechPreviewNoUpgrade", ["NoOverlayMode"]],
  ])(
    "the API server with the %s definition says what they expect",
    async (set, files) => {
      const file = `${definitions}/operator.openshift.io/0000_70_network_01_networks-${set}.crd.yaml`;
      await must(
        api,
        "apply",
        "--server-side",
        "--force-conflicts",
        "--filename",
        sharedPath(file),
      );
      await must(api, "wait", "--for=condition=Established", "--timeout=15s", "crd", "--all");
      const cases = files.flatMap((name) => {
        const text = sharedText(`${definitions}/tests/networks.operator.openshift.io/${name}.yaml`);
        return upstreamCases.parse(parse(text)).tests.onCreate;
      });
      expect(cases.length).toBeGreaterThan(5);
      for (const { name, initial, expected, expectedError = "" } of cases) {
        const object = { ...parse(initial), metadata: { name: "cluster" } };
        // A schema that is new is in force a moment after it was stored.
        await waitFor({ what: name, timeoutMs: 10_000 }, async () => {
          const { error, spec } = await judge(object);
          const fine =
            expectedError === ""
              ? error === "" &&
                JSON.stringify(sorted(spec)) === JSON.stringify(sorted(parse(expected ?? "").spec))
              : error.includes(expectedError);
          return fine
            ? { done: true, value: undefined }
            : { done: false, seen: `${error}${JSON.stringify(spec)}` };
        });
      }
    },
    120_000,
  );

  test.each(["", "v1.1.0/"])(
    "RouteAdvertisements of the plan are taken by the definition of %sovn-kubernetes, and others are not",
    async (version) => {
      const file = `definitions/ovn-kubernetes/${version}k8s.ovn.org_routeadvertisements.yaml`;
      await must(
        api,
        "apply",
        "--server-side",
        "--force-conflicts",
        "--filename",
        sharedPath(file),
      );
      await must(api, "wait", "--for=condition=Established", "--timeout=15s", "crd", "--all");
      const planned = routeAdvertisements();
      expect(await judge(planned)).toEqual({ error: "", spec: planned.spec });
      const some = { ...planned.spec, nodeSelector: { matchLabels: { role: "edge" } } };
      expect((await judge({ ...planned, spec: some })).error).toContain(
        "If 'PodNetwork' is selected for advertisement, a 'nodeSelector' can't be specified as it needs to be advertised on all nodes",
      );
      await must(api, "delete", "crd", "routeadvertisements.k8s.ovn.org");
    },
    60_000,
  );
});

describeWithShared("definitions/openshift/config.openshift.io", "a cluster", () => {
  beforeAll(async () => {
    await makeOpenshift(api, {
      a: { address: at.a, subnets: [subnets.a] },
      b: { address: at.b, subnets: [subnets.b] },
    });
    await nodes.up(Object.fromEntries(Object.entries(at).map(([host, one]) => [host, [one]])));
    const own = plan.reflectors.rr;
    if (own === undefined) throw new Error("no reflector in the plan");
    await reflector.write(
      gobgp
        .render(plan, own)
        .replace(
          'default-import-policy = "reject-route"',
          'default-import-policy = "accept-route"',
        ),
    );
    await reflector.restart();
    // As a node of the other COE has announced it.
    await reflector.announce("10.1.0.0/26", at.x);
    stack = await kubernetesStack();
    stack.write("index.ts", program());
  }, 240_000);

  test("that is too old, on a platform or a network that is not supported, is refused", async () => {
    await status("clusterversions", "version", { desired: { version: "4.17.9" } });
    await status("infrastructures", "cluster", { platformStatus: { type: "AWS" } });
    await status("networks.config.openshift.io", "cluster", {
      ...{ networkType: "Calico", clusterNetwork: [{ cidr: "10.132.0.0/14", hostPrefix: 23 }] },
    });
    const { about, findings } = await inspectOpenshift(kubectl, coe, objects);
    expect(about).toBe("OpenShift 4.17.9 on AWS, Calico, 2 nodes, route advertisements off");
    expect(findings.map(({ level, id, found }) => `${level} ${id}: ${found}`)).toEqual([
      "blocks openshift/version: version 4.17.9; the plan needs 4.18 or later",
      "blocks openshift/platform: platform AWS; the plan needs BareMetal",
      "blocks openshift/network: network type Calico; the plan needs OVNKubernetes",
      "blocks openshift/clusterNetwork: the cluster network is 10.132.0.0/14; the plan says 10.128.0.0/14",
      "changes openshift/routeAdvertisements: the network operator has no FRR or no route advertisements; the plan has both on",
    ]);
    const refused = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).toContain("metal cannot be joined as it is; nothing was changed");
  }, 240_000);

  test("joins: switches, templates and advertisements; nodes announce their subnets, and have others' routes alone", async () => {
    await status("clusterversions", "version", { desired: { version: "4.19.3" } });
    await status("infrastructures", "cluster", { platformStatus: { type: "BareMetal" } });
    await status("networks.config.openshift.io", "cluster", {
      ...{
        networkType: "OVNKubernetes",
        clusterNetwork: [{ cidr: "10.128.0.0/14", hostPrefix: 23 }],
      },
    });
    const [accepted] = await Promise.all([
      deployFrr().then(() => advertise()),
      pulumi("up", "--yes", "--skip-preview"),
    ]);
    expect(accepted).toBe("Accepted");
    for (const name of ["a", "b"] as const)
      await until(`the routes of ${name}`, () => nodes.routes(name), { "10.1.0.0/26": at.x });
    const announced = async () => {
      const table: Record<
        string,
        { nexthop?: string; attrs: { type: number; nexthop?: string }[] }[]
      > = JSON.parse(await reflector.ask(["global", "rib"]));
      return Object.entries(table)
        .map(
          ([prefix, [path]]) => `${prefix} ${path?.attrs.find(({ type }) => type === 3)?.nexthop}`,
        )
        .sort();
    };
    await until("the subnets at the reflector", announced, [
      `10.1.0.0/26 ${at.x}`,
      `10.128.0.0/23 ${at.a}`,
      `10.130.0.0/23 ${at.b}`,
    ]);
    await until("nothing against the objects", faults, []);
    const blocks = await word.blocks();
    expect(blocks.ok && blocks.value.map(({ cidr, owners }) => `${cidr} ${owners.join()}`)).toEqual(
      ["10.128.0.0/23 metal/a", "10.130.0.0/23 metal/b"],
    );
    await pulumi("preview", "--expect-no-changes");
    await status("routeadvertisements", "seamless", {
      status: "Not Accepted: configuration error: x",
    });
    expect(await faults()).toEqual([
      "RouteAdvertisements/seamless: Not Accepted: configuration error: x",
    ]);
  }, 240_000);

  test("gives the operator's object back as it was", async () => {
    await pulumi("destroy", "--yes", "--skip-preview");
    const { stdout } = await api.kubectl(
      "get",
      "networks.operator.openshift.io",
      "cluster",
      "-o",
      "json",
    );
    expect(JSON.parse(stdout).spec).not.toHaveProperty("additionalRoutingCapabilities");
    expect(stdout).not.toContain("Enabled");
    const rest = await api.kubectl(
      "get",
      "routeadvertisements,frrconfigurations",
      "-A",
      "-l",
      "app.kubernetes.io/managed-by=seamless",
      "-o",
      "name",
    );
    expect(rest.stdout).toBe("");
  }, 240_000);

  test("in no-overlay mode nodes accept each other's subnets by themselves, and that is as planned", async () => {
    const set = `${definitions}/operator.openshift.io/0000_70_network_01_networks-TechPreviewNoUpgrade.crd.yaml`;
    const force = ["apply", "--server-side", "--force-conflicts"];
    await must(api, ...force, "--filename", sharedPath(set));
    await apply(...objects, routeAdvertisements());
    expect(await advertise([{ cidr: "10.128.0.0/14", hostPrefix: 23 }])).toBe("Accepted");
    await until("the routes of a", () => nodes.routes("a"), {
      "10.1.0.0/26": at.x,
      [subnets.b]: at.b,
    });
    await until("the routes of b", () => nodes.routes("b"), {
      "10.1.0.0/26": at.x,
      [subnets.a]: at.a,
    });
    const found = `it takes 10.1.0.0/16 /26, 10.1.0.0/16 /32, 10.128.0.0/14 /23 from ${at.rr}`;
    // No stack has made the objects here, which is said, too.
    const running = async () => (await faults()).filter((one) => one.startsWith("FRR on "));
    // With an overlay nobody would have told them to.
    await until("what they accept", running, [`FRR on a: ${found}`, `FRR on b: ${found}`]);
    const operator = {
      ...{ apiVersion: "operator.openshift.io/v1", kind: "Network", metadata: { name: "cluster" } },
      spec: {
        additionalRoutingCapabilities: { providers: ["FRR"] },
        defaultNetwork: {
          ovnKubernetesConfig: {
            ...{ transport: "NoOverlay", routeAdvertisements: "Enabled" },
            noOverlayConfig: { outboundSNAT: "Disabled", routing: "Unmanaged" },
          },
        },
      },
    };
    // It can be chosen only when a cluster is made.
    await must(api, "delete", "networks.operator.openshift.io", "cluster");
    await until("the definition to have it", async () => (await judge(operator)).error, "");
    await apply(operator);
    expect(await running()).toEqual([]);
  }, 120_000);
});
