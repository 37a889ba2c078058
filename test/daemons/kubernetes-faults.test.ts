import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { exec } from "../../util/exec";
import { waitFor } from "../../util/wait";
import type { TestStack } from "../helpers/engine";
import { KubeApi } from "../helpers/kube-api";
import { applyAgent, defineCalico, kubernetesStack, must, root } from "../helpers/kube-stack";

const dist = join(root, "dist");
const lab = join(root, "Pulumi.lab.yaml");
const api = new KubeApi();
let stack: TestStack;
const up = ["up", "--yes", "--skip-preview"] as const;
const refresh = ["refresh", "--yes", "--skip-preview"] as const;

interface Program {
  /** Default: the one that works. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** The AS of the plan, by which it is changed. */
  readonly asn?: number;
  readonly probe?: boolean;
}

function write({ kubeconfig, context, asn = 64511, probe = false }: Program = {}): void {
  const access = {
    kubeconfig: kubeconfig ?? api.kubeconfigFile,
    ...(context === undefined ? {} : { context }),
  };
  const args = [
    "plan",
    'coe: "kubernetes"',
    "access",
    ...(probe ? ["probe: { instances: 1 }"] : []),
  ];
  stack.write(
    "index.ts",
    `import { kubernetes } from "${dist}/components/kubernetes/deploy";
import { makePlan, parseConfig, readStackConfig } from "${dist}/components/kinds/planning";
const config = readStackConfig("${lab}");
const plan = makePlan(parseConfig({ ...config, network: { ...config.network, asn: ${asn} } }));
const access = kubernetes.external(${JSON.stringify(access)}, undefined);
kubernetes.make("kubernetes", { ${args.join(", ")} }, {});
`,
  );
}

/** Runs pulumi, which has to fail. @returns what it printed */
async function fails(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr, failure } = await stack.pulumi(...args);
  if (code === 0 || failure !== undefined) throw new Error(`${failure ?? "no failure"}: ${stdout}`);
  return stdout + stderr;
}

/** Runs pulumi. @returns what it printed @throws Error with that when it fails */
async function works(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await stack.pulumi(...args);
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
  return stdout;
}

/** The types of everything in the state. */
const state = async () => (await stack.resources()).map(({ type }) => type).sort();
const whole = [
  "command:local:Command",
  "command:local:Command",
  "kubernetes:crd.projectcalico.org/v1:BGPConfigurationPatch",
  "kubernetes:crd.projectcalico.org/v1:BGPConfigurationPatch",
  "kubernetes:crd.projectcalico.org/v1:BGPPeer",
  "kubernetes:crd.projectcalico.org/v1:GlobalNetworkPolicy",
  "kubernetes:crd.projectcalico.org/v1:GlobalNetworkPolicy",
  "kubernetes:crd.projectcalico.org/v1:IPPool",
  "pulumi:providers:command",
  "pulumi:providers:kubernetes",
  "pulumi:pulumi:Stack",
  "seamless:index:KubernetesPeering",
].sort();

const seamless = (...args: readonly string[]) =>
  exec([join(root, "bin", "seamless"), ...args], { cwd: root });
const peerAs = async () =>
  (await api.kubectl("get", "bgppeers", "172-16-18-32", "-o", "jsonpath={.spec.asNumber}")).stdout;
const objects = (name: string, ...all: readonly object[]) =>
  api.file(name, all.map((one) => stringify(one)).join("---\n"));

const configShape = z.looseObject({
  clusters: z.array(z.looseObject({ cluster: z.looseObject({ server: z.string() }) })),
});
/** Where the API is. */
const server = () => configShape.parse(parse(api.kubeconfig)).clusters[0]?.cluster.server ?? "";
const where = () => `${server()} (context test, user test): `;

beforeAll(async () => {
  await api.up();
  await defineCalico(api);
  await applyAgent(api, "bird");
  stack = await kubernetesStack();
}, 120_000);

afterAll(async () => {
  api.thaw();
  stack?.remove();
  await api.down();
});

test("a token the API does not know", async () => {
  const token = /token: .*/;
  expect(api.kubeconfig).toMatch(token);
  write({ kubeconfig: api.file("gone", api.kubeconfig.replace(token, "token: gone")) });
  expect(await fails(...up)).toContain(
    `kubectl get nodes: ${where()}You must be logged in to the server (Unauthorized): the API server does not know who asks; renew the token or certificate of user test in the kubeconfig`,
  );
  expect((await api.kubectl("get", "ippools,bgppeers", "-o", "name")).stdout).toBe("");
});

test("a context that does not exist is refused at preview, with those that do", async () => {
  write({ context: "tset" });
  const message = 'access.context: found "tset"; allowed: test; did you mean test?';
  expect(await fails("preview")).toContain(message);
  const { code, stderr } = await seamless(
    ...["inspect", "--kubeconfig", api.kubeconfigFile, "--context", "tset"],
  );
  expect([code, stderr]).toEqual([
    2,
    'seamless: --context: found "tset"; allowed: test; did you mean test?\n',
  ]);
});

test("an API server that hangs, then answers again: nothing is lost", async () => {
  write();
  await works(...up);
  expect(await state()).toEqual(whole);

  api.freeze();
  write({ asn: 64600 });
  const started = performance.now();
  const output = await fails(...up);
  expect(performance.now() - started).toBeLessThan(40_000);
  expect(output).toMatch(
    new RegExp(`kubectl get nodes: ${where().replace(/[().]/g, "\\$&")}.*nobody answers there`),
  );
  expect(await state()).toEqual(whole);

  api.thaw();
  await works(...up);
  expect(await peerAs()).toBe("64600");
}, 120_000);

test("an API server that is gone, then back: neither up nor refresh takes anything out of the state", async () => {
  await api.stopServer();
  write();
  expect(await fails(...up)).toContain(
    `kubectl get nodes: ${where()}The connection to the server ${server().replace("https://", "")} was refused - did you specify the right host or port?: nobody answers there; check the address, and that the API server runs`,
  );
  const refreshed = await fails(...refresh);
  expect(refreshed).toContain("configured Kubernetes cluster is unreachable");
  expect(refreshed).toContain(server());
  // What gives the cluster its own back comes first.
  expect(await fails("destroy", "--yes", "--skip-preview")).toContain(
    `${where()}The connection to the server ${server().replace("https://", "")} was refused`,
  );
  expect(await state()).toEqual(whole);

  await api.startServer();
  await works(...up);
  expect(await peerAs()).toBe("64511");
  await works("preview", "--expect-no-changes");
}, 120_000);

test("objects that were removed by hand are missed by refresh, and made again by one up", async () => {
  await must(api, "delete", "bgppeers,bgpconfigurations", "--all");
  expect(await works(...refresh)).toContain("- 3 deleted");
  expect(await works(...up)).toContain("+ 3 created");
  expect(await peerAs()).toBe("64511");
  expect(await state()).toEqual(whole);
  await works("preview", "--expect-no-changes");
});

test("what somebody else has taken over is seen by refresh, and taken back by up", async () => {
  const theirs = {
    apiVersion: "crd.projectcalico.org/v1",
    kind: "BGPPeer",
    metadata: { name: "172-16-18-32" },
    spec: { asNumber: 65000, peerIP: "172.16.18.32" },
  };
  await must(
    api,
    ...["apply", "--server-side", "--force-conflicts", "--field-manager=argocd"],
    ...["--filename", objects("theirs.yaml", theirs)],
  );
  expect(await works(...refresh)).toContain("~ 1 updated");
  await works(...up);
  expect(await peerAs()).toBe("64511");
});

test("what an admission policy refuses is said in its words, and goes on when it lets go", async () => {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name: "reserved-as" };
  const policy = objects(
    "policy.yaml",
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ["crd.projectcalico.org"],
              apiVersions: ["v1"],
              operations: ["CREATE", "UPDATE"],
              resources: ["bgppeers"],
            },
          ],
        },
        validations: [
          { expression: "object.spec.asNumber != 64700", message: "64700 is the core's" },
        ],
      },
    },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: { policyName: metadata.name, validationActions: ["Deny"] },
    },
  );
  const message =
    "ValidatingAdmissionPolicy 'reserved-as' with binding 'reserved-as' denied request: 64700 is the core's";
  const refused = (yes: boolean) =>
    waitFor({ what: "the policy to be in force or not", timeoutMs: 20_000 }, async () => {
      const patch = '{"spec":{"asNumber":64700}}';
      const { stderr } = await api.kubectl(
        ...["patch", "bgppeers", "172-16-18-32", "--type=merge", "--dry-run=server", "-p", patch],
      );
      return stderr.includes(message) === yes
        ? { done: true, value: undefined }
        : { done: false, seen: stderr };
    });
  await must(api, "apply", "--server-side", "--filename", policy);
  await refused(true);
  write({ asn: 64700 });
  expect(await fails("preview")).toContain(message);
  expect(await fails(...up)).toContain(message);
  expect(await state()).toEqual(whole);
  expect(await peerAs()).toBe("64511");

  await must(api, "delete", "--filename", policy);
  await refused(false);
  await works(...up);
  expect(await peerAs()).toBe("64700");
}, 90_000);

test("definitions that are missing are named before anything is changed", async () => {
  await must(api, "delete", "crd", "bgppeers.crd.projectcalico.org");
  write({ asn: 64800 });
  const output = await fails(...up);
  expect(output).toContain("kubernetes cannot be joined as it is; nothing was changed");
  expect(output).toContain(
    "blocks  calico/definitions: no definitions of BGPPeer in crd.projectcalico.org",
  );
  await defineCalico(api, ["bgppeers"]);
  await works(...refresh);
  await works(...up);
  expect(await peerAs()).toBe("64800");
  expect(await state()).toEqual(whole);
}, 90_000);

test("services of the cluster that overlap containers of another COE are in the way", async () => {
  const access = { kubeconfig: api.kubeconfigFile };
  const config = stringify({
    config: {
      "seamless:network": { supernet: "10.0.0.0/8", nodes: "192.0.2.0/24", asn: 64511 },
      "seamless:reflectors": { reflector: { kind: "gobgp", address: "192.0.2.1" } },
      "seamless:coes": {
        one: {
          kind: "kubernetes",
          podCidr: "10.0.0.0/16",
          policy: "open",
          access,
          nodes: { a: { address: "192.0.2.2" } },
        },
        two: {
          kind: "kubernetes",
          podCidr: "10.96.128.0/17",
          policy: "open",
          access,
          nodes: { b: { address: "192.0.2.3" } },
        },
      },
    },
  });
  const file = api.file("overlap.yaml", config);
  const { stdout, stderr, code } = await seamless("inspect", "--config", file, "--coe", "one");
  expect([code, stderr]).toEqual([1, ""]);
  expect(stdout).toContain(
    "blocks  services: services are in 10.96.0.0/16, which overlaps 10.96.128.0/17 of two",
  );
});

test("a field that somebody else owns is left alone, and the owner is named", async () => {
  const labels = { app: "seamless-probe" };
  const probe = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "seamless-probe", namespace: "seamless" },
    spec: {
      replicas: 7,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "probe", image: "example.org/theirs:1" }] },
      },
    },
  };
  await must(api, "create", "namespace", "seamless");
  await must(
    api,
    ...["apply", "--server-side", "--field-manager=argocd"],
    ...["--filename", objects("probe.yaml", probe)],
  );
  write({ asn: 64800, probe: true });
  const output = await fails(...up);
  expect(output).toContain('conflicts with "argocd":');
  expect(output).toContain("- .spec.replicas");
  const { stdout } = await api.kubectl(
    ...["get", "deployment", "seamless-probe", "--namespace=seamless"],
    ...["-o", "jsonpath={.spec.replicas}"],
  );
  expect(stdout).toBe("7");
});
