import type { Answer } from "../../../components/ask/types";
import { useAddon } from "../../../components/kubernetes/verify/addons";
import { checksOf } from "../../../verify/checks";
import { brief, healthy, no, ok, planWith, silent } from "./fixture";

const withAddons = planWith({
  kubernetes: { serviceCidr: "10.96.0.0/16", addons: { dns: {}, metrics: {} } },
});
const { kubernetes: coe } = withAddons.coes;
if (coe === undefined) throw new Error("no kubernetes in the fixture");

test("there is a check for each add-on, which says what was answered", () => {
  const checks = checksOf(withAddons).filter((check) => check.group === "addon");
  expect(checks.map((check) => check.id)).toEqual([
    "addon/kubernetes/dns",
    "addon/kubernetes/metrics",
  ]);
  const addons = {
    "kubernetes/dns": ok("nslookup", "resolved"),
    "kubernetes/metrics": no("kubectl get --raw", "exit code 1: not found"),
  };
  expect(checks.map((check) => brief(check.judge({ ...healthy, addons })))).toEqual([
    { status: "pass", asked: "nslookup", found: "resolved" },
    { status: "fail", asked: "kubectl get --raw", found: "exit code 1: not found" },
  ]);
  expect(checks[0]?.judge(healthy).status).toBe("unknown");
});

/** A kubectl with one probe in the cluster, whose nslookup prints this. */
const kubectl = (lookup: string, nodes: readonly string[]) => async (args: readonly string[]) => {
  if (args[0] === "exec") return ok("exec", lookup);
  if (args[1] === "--raw")
    return ok("raw", JSON.stringify({ items: nodes.map((name) => ({ metadata: { name } })) }));
  return ok("pods", '{"items":[{"metadata":{"name":"seamless-probe-a"}}]}');
};

const lookup = (address: string) => `Server:\t\t10.96.0.10
Address:\t10.96.0.10:53

Name:\tkubernetes.default.svc.cluster.local
Address: ${address}
`;

test("a name is resolved when the address is one of the cluster's services", async () => {
  expect(await useAddon("dns", coe, kubectl(lookup("10.96.0.1"), []))).toEqual({
    ok: true,
    asked: "exec",
    value: "kubernetes.default.svc.cluster.local is 10.96.0.1",
  });
  expect(await useAddon("dns", coe, kubectl(lookup("192.0.2.1"), []))).toMatchObject({ ok: false });
  expect(await useAddon("dns", coe, kubectl("", []))).toMatchObject({
    ok: false,
    error: "unexpected answer: (empty)",
  });
});

test("there are figures of every node, or the missing ones are named", async () => {
  expect(await useAddon("metrics", coe, kubectl("", ["worker-1"]))).toEqual({
    ok: true,
    asked: "raw",
    value: "figures of 1 nodes",
  });
  expect(await useAddon("metrics", coe, kubectl("", []))).toEqual({
    ok: false,
    asked: "raw",
    error: "no figures of worker-1",
    late: true,
  });
  expect(await useAddon("tracing", coe, kubectl("", []))).toMatchObject({
    ok: false,
    error: "no way to use tracing is known",
  });
});

/** A kubectl that finds a dashboard of this kind, whose pages say this. */
const dashboard =
  (kind: string, pages: Readonly<Record<string, string>>, reply?: Answer<string>) =>
  async (args: readonly string[]) => {
    const [verb, what, path = ""] = args;
    const pod = { metadata: { name: "a" }, status: { podIP: "192.168.0.9" } };
    const probes = reply === undefined ? [] : [pod];
    if (what === "pods")
      return ok("pods", JSON.stringify({ items: args[3] === "seamless" ? probes : [pod] }));
    if (verb === "exec" && reply !== undefined) return reply;
    if (what === "service")
      return ok(
        "service",
        JSON.stringify({ metadata: { labels: { "app.kubernetes.io/name": kind } } }),
      );
    const [, page = ""] = path.split("/proxy");
    return ok(`${verb} ${path}`, pages[page] ?? "");
  };

const listed = "Name\tStatus\nworker-1\tReady\n";

test("a dashboard shows every node, or the missing ones are named", async () => {
  const use = (kind: string, pages: Readonly<Record<string, string>>) =>
    useAddon("dashboard", coe, dashboard(kind, pages));
  const nodes = "/clusters/local/nodes?download=tsv";
  const asked = `get /api/v1/namespaces/kubernetes-dashboard/services/http:dashboard:http/proxy${nodes}`;
  expect(await use("kube-web-view", { [nodes]: listed })).toEqual({
    ok: true,
    asked,
    value: "kube-web-view shows 1 nodes",
  });
  expect(await use("kube-web-view", { [nodes]: "Name\tStatus\n" })).toEqual({
    ok: false,
    asked,
    error: "kube-web-view does not show worker-1",
  });
  expect(await use("kube-web-view", { [nodes]: "no table" })).toMatchObject({
    ok: false,
    error: "unexpected answer: no table",
  });
  expect(await use("another", {})).toMatchObject({ error: "no way to use another is known" });
});

/** A kubectl that finds a dashboard, gets no page of it in time, and of the API server itself this. */
const hanging =
  (itself: Answer<string>, why: string) =>
  async (args: readonly string[]): Promise<Answer<string>> => {
    if (args[1] !== "--raw") return dashboard("kube-web-view", {})(args);
    if (args[2] === "/livez") return itself;
    const error = `exit code 1: Unable to connect to the server: ${why}`;
    return { ok: false, asked: "raw", error, unasked: true };
  };

test.each([
  ["dashboard", "net/http: request canceled (Client.Timeout exceeded while awaiting headers)"],
  ["metrics", "context deadline exceeded"],
])(
  "%s that does not answer in time is silent when the API server answers for itself, else nothing is known: %s",
  async (addon, why) => {
    expect(await useAddon(addon, coe, hanging(ok("livez", "ok"), why))).toEqual({
      ok: false,
      asked: "raw",
      error: "no answer within 8 s through the API server, which answers for itself",
      silent: true,
    });
    const none = {
      ok: false,
      asked: "livez",
      error: "exit code 1: refused",
      unasked: true,
    } as const;
    expect(await useAddon(addon, coe, hanging(none, why))).toMatchObject({
      asked: "raw",
      unasked: true,
    });
  },
);

test("a dashboard that answers a container is not as it should be", async () => {
  const nodes = "/clusters/local/nodes?download=tsv";
  const use = (reply: Answer<string>) =>
    useAddon("dashboard", coe, dashboard("kube-web-view", { [nodes]: listed }, reply));
  expect(await use(silent("exec", "exit code 143"))).toMatchObject({
    ok: true,
    value: "kube-web-view shows 1 nodes, and answers no container",
  });
  expect(await use(ok("exec", "<html>"))).toEqual({
    ok: false,
    asked: "exec",
    error:
      "kube-web-view is not shut to containers: it answered; `pulumi up` applies the policy seamless-dashboard",
  });
  expect(await use(no("exec", "exit code 1: connection refused"))).toMatchObject({
    ok: false,
    error: expect.stringMatching(/^kube-web-view is not shut to containers: exit code 1: /),
  });
});

test("the Kubernetes dashboard answers with its page and with what a sign-in begins with", async () => {
  const use = (pages: Readonly<Record<string, string>>) =>
    useAddon("dashboard", coe, dashboard("kubernetes-dashboard", pages));
  const page = { "/": "<head><title>Kubernetes Dashboard</title></head>" };
  expect(await use({ ...page, "/api/v1/csrftoken/login": '{"token":"a"}' })).toMatchObject({
    ok: true,
    value: "kubernetes-dashboard answers, and lets in who has a token",
  });
  expect(await use({ ...page, "/api/v1/csrftoken/login": '{"token":""}' })).toMatchObject({
    ok: false,
  });
  expect(await use({ "/": "<title>nginx</title>" })).toMatchObject({
    ok: false,
    error: "unexpected answer: <title>nginx</title>",
  });
});
