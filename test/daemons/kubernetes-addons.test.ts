import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { answer } from "../../components/ask/shell";
import { dashboardObjects } from "../../components/kubernetes/addons/dashboard";
import type { Documents } from "../../components/kubernetes/addons/documents";
import { kubeDns } from "../../components/kubernetes/addons/kube-dns";
import { behindApi } from "../../components/kubernetes/verify/behind-api";
import { exec } from "../../util/exec";
import { execTool } from "../../util/tool";
import { namesShown } from "../helpers/browser";
import { KubeApi } from "../helpers/kube-api";
import { kubernetesStack, must, root } from "../helpers/kube-stack";
import { WebView } from "../helpers/web-view";

const api = new KubeApi();
const webView = new WebView();
const namespace = "kubernetes-dashboard";
const viewer = "dashboard-viewer";

async function apply(documents: object[], ...flags: readonly string[]): Promise<string[]> {
  const list = { apiVersion: "v1", kind: "List", items: documents };
  const file = api.file("objects.json", JSON.stringify(list));
  const args = ["apply", "--server-side", ...flags, "--output=name", "--filename", file];
  const { code, stdout, stderr } = await api.kubectl(...args);
  if (code !== 0 || stderr !== "") throw new Error(stderr);
  return stdout.trim().split("\n");
}

/** What the API server says to the objects, without keeping them. */
const tried = (documents: Documents) =>
  apply(
    Object.values(documents).filter(({ kind }) => kind !== "Namespace"),
    "--dry-run=server",
  );

/** What makes a secret as the dashboard's is made, with another key at every run. */
const program = () => `import { randomBytes } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import { secret } from "@pulumi/pulumi";
import { makeDocuments } from "${root}/dist/components/kubernetes/addons/documents";
const provider = new k8s.Provider("test", { kubeconfig: ${JSON.stringify(api.kubeconfig)} });
const data = { key: secret(randomBytes(32).toString("base64")) };
const metadata = { name: "csrf", namespace: "default" };
const documents = { csrf: { apiVersion: "v1", kind: "Secret", metadata, data } } as const;
makeDocuments("test", documents, { provider, dependsOn: [] });
`;

const node = (name: string) => ({ apiVersion: "v1", kind: "Node", metadata: { name } });

beforeAll(async () => {
  await api.up();
  await apply(Object.values(dashboardObjects({ kind: "kube-web-view" }, "")));
}, 120_000);

afterAll(async () => {
  await webView.down();
  await api.down();
});

test("the API server takes every object of the Kubernetes dashboard", async () => {
  const documents = dashboardObjects({}, "cmFuZG9t");
  const names = await tried(documents);
  expect(names).toHaveLength(Object.keys(documents).length - 1);
  expect(names.filter((name) => name.startsWith("deployment"))).toEqual(
    ["api", "auth", "web", "metrics-scraper", "gateway"].map(
      (part) => `deployment.apps/kubernetes-dashboard-${part}`,
    ),
  );
});

test("the API server takes every object of kube-dns, with stub zones, and of the manifest of Heapster", async () => {
  const forwards = { mesos: ["172.16.18.42:53"] };
  expect(await tried(kubeDns({ addon: {}, address: "10.96.0.10", forwards }))).toEqual([
    "serviceaccount/kube-dns",
    "clusterrolebinding.rbac.authorization.k8s.io/seamless:kube-dns",
    "configmap/kube-dns",
    "service/kube-dns",
    "deployment.apps/kube-dns",
  ]);
  // The role that kube-dns is bound to is the cluster's own.
  await must(api, "get", "clusterrole", "system:kube-dns");
  const manifest = join(root, "docs", "manifests", "heapster.yaml");
  const { stdout } = await api.kubectl("apply", "--dry-run=server", "-f", manifest, "-o", "name");
  expect(stdout.trim().split("\n")).toEqual([
    "serviceaccount/heapster",
    "clusterrole.rbac.authorization.k8s.io/heapster-reader",
    "clusterrolebinding.rbac.authorization.k8s.io/heapster-reader",
    "deployment.apps/heapster",
    "service/heapster",
  ]);
});

test("a name server of somebody else is found by the step that looks first, and kept", async () => {
  const ports = [{ port: 80 }];
  const metadata = { name: "kube-dns", namespace: "kube-system" };
  await apply([{ apiVersion: "v1", kind: "Service", metadata, spec: { ports } }]);
  const looked = async (...addons: string[]) =>
    exec([join(root, "bin", "seamless"), "internal", "kubernetes-addons"], {
      input: JSON.stringify({ coe: "prod", addons }),
      env: { SEAMLESS_KUBECONFIG: api.kubeconfig },
    });
  const refused = await looked("dashboard", "dns");
  expect(refused).toMatchObject({
    code: 4,
    stderr: expect.stringContaining(
      "coes.prod.addons.dns: the cluster has its own (service kube-system/kube-dns); leave dns out to keep that, or remove it first",
    ),
  });
  // The dashboard that is there bears our mark.
  expect(refused.stderr).not.toContain("addons.dashboard");
  expect(await looked("dashboard")).toMatchObject({ code: 0 });
  await must(api, "delete", "service", "kube-dns", "--namespace", "kube-system");
});

test("the dashboard's random key is made once, and never told", async () => {
  const stack = await kubernetesStack();
  try {
    stack.write("index.ts", program());
    const key = async () => {
      const secret = await api.kubectl("get", "secret", "csrf", "-o", "jsonpath={.data.key}");
      return secret.stdout;
    };
    expect(await stack.pulumi("up", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
    const first = await key();
    expect(first).not.toBe("");
    expect(stack.rawState()).not.toContain(first);
    const again = await stack.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
    expect(again).toMatchObject({ code: 0 });
    expect(await key()).toBe(first);
  } finally {
    stack.remove();
  }
}, 120_000);

test("kubectl says of an add-on that it does not answer, and the API server for itself", async () => {
  const server = createServer(({ url }, response) => {
    if (url === "/livez") response.end("ok");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const kubectl = async (args: readonly string[]) => {
    const result = await execTool("kubectl", [`--server=http://127.0.0.1:${port}`, ...args]);
    return answer(args.join(" "), result, undefined, () => false);
  };
  try {
    expect(await behindApi(kubectl, "/apis/metrics.k8s.io/v1beta1/nodes")).toEqual({
      ok: false,
      asked: "get --raw /apis/metrics.k8s.io/v1beta1/nodes --request-timeout=8s",
      error: "no answer within 8 s through the API server, which answers for itself",
      silent: true,
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test.each([
  ["list", "nodes", "yes"],
  ["list", "pods", "yes"],
  ["get", "secrets", "no"],
  ["create", "pods/exec", "no"],
  ["delete", "pods", "no"],
  ["create", "serviceaccounts/token", "no"],
])(
  "whoever looks at the dashboard may %s %s: %s",
  async (verb, what, expected) => {
    const as = `--as=system:serviceaccount:${namespace}:${viewer}`;
    const { stdout } = await api.kubectl("auth", "can-i", verb, what, as, "--all-namespaces");
    expect(stdout.trim()).toBe(expected);
  },
  30_000,
);

test("the dashboard of the lab shows a cluster's nodes in a browser, with the viewer's rights", async () => {
  await apply(["worker-1.example.net", "worker-2.example.net"].map(node));
  const token = await api.kubectl("create", "token", viewer, "--namespace", namespace);
  expect(token.code).toBe(0);
  await webView.up({
    host: "127.0.0.1",
    port: api.port,
    authority: api.authority(),
    token: token.stdout.trim(),
  });
  expect(await namesShown(webView.url, "Nodes")).toEqual([
    "worker-1.example.net",
    "worker-2.example.net",
  ]);
  const page = async (path: string) =>
    (await fetch(`${webView.url}/clusters/local/${path}`)).text();
  // What the account may not see is refused by the cluster.
  expect(await page("namespaces/kube-system/secrets")).toContain("403 Client Error");
  webView.setToken("another");
  expect(await page("nodes")).toContain("401 Client Error");
}, 180_000);
