import { z } from "zod";
import type { CoePlan } from "../../../plan/types";
import { withPort } from "../../../util/net";
import { parsed } from "../../ask/shell";
import type { Answer } from "../../ask/types";
import { busyboxGet, getSilence } from "../../cluster/busybox";
import type { Kubectl } from "../../cluster/verify";
import { probeName } from "../../contract/probe";
import { behindApi } from "./behind-api";

const namespace = "kubernetes-dashboard";
const serviceName = "dashboard";

/** Which dashboard it is stands in a label ("Recommended Labels" of the Kubernetes documentation). */
const service = z.object({
  metadata: z.object({ labels: z.object({ "app.kubernetes.io/name": z.string() }) }),
});

/** Uses a dashboard through its Service, by way of the API server, as `kubectl proxy` does for a browser. */
export async function dashboard(coe: CoePlan, kubectl: Kubectl): Promise<Answer<string>> {
  const found = parsed(
    await kubectl(["get", "service", "-n", namespace, serviceName, "-o", "json"]),
    (text) => service.parse(JSON.parse(text)).metadata.labels["app.kubernetes.io/name"],
  );
  if (!found.ok) return found;
  const uses: Readonly<Record<string, typeof kubeWebView>> = {
    "kube-web-view": kubeWebView,
    "kubernetes-dashboard": kubernetesDashboard,
  };
  const use = uses[found.value];
  if (use === undefined)
    return { ok: false, asked: found.asked, error: `no way to use ${found.value} is known` };
  const used = await use(coe, kubectl);
  return used.ok ? keptShut(used, found.value, kubectl) : used;
}

const pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({ podIP: z.string().optional() }).default({}),
    }),
  ),
});

/** What answers users, by the kind of dashboard: value of the pods' label, and port. */
const entrances: Readonly<Record<string, readonly [string, number]>> = {
  "kube-web-view": ["kube-web-view", 8080],
  "kubernetes-dashboard": ["kubernetes-dashboard-gateway", 8443],
};

/** Asks the dashboard's pod itself from a probe, if there is one: containers are to get no answer at all. */
async function keptShut(
  used: Answer<string> & { readonly ok: true },
  kind: string,
  kubectl: Kubectl,
): Promise<Answer<string>> {
  const [label, port] = entrances[kind] ?? [kind, 80];
  const get = async (inNamespace: string, labels: string) => {
    const running = ["-l", labels, "--field-selector=status.phase=Running", "-o", "json"];
    return parsed(await kubectl(["get", "pods", "-n", inNamespace, ...running]), (text) =>
      pods.parse(JSON.parse(text)).items.at(0),
    );
  };
  const [probe, pod] = [
    await get("seamless", `app=${probeName}`),
    await get(namespace, `app.kubernetes.io/name=${label}`),
  ];
  if (!probe.ok) return probe;
  if (!pod.ok) return pod;
  const address = pod.value?.status.podIP;
  if (probe.value === undefined || address === undefined) return used;
  const reply = await kubectl(
    [
      ...["exec", "-n", "seamless", probe.value.metadata.name, "--"],
      ...busyboxGet(`http://${withPort(address, port)}/`),
    ],
    getSilence,
  );
  if (!reply.ok && reply.silent === true)
    return { ...used, value: `${used.value}, and answers no container` };
  if (!reply.ok && reply.unasked === true) return reply;
  return {
    ok: false,
    asked: reply.asked,
    error: `${kind} is not shut to containers: ${reply.ok ? "it answered" : reply.error}; \`pulumi up\` applies the policy seamless-dashboard`,
  };
}

/** Through the port of a Service ("Manually constructing apiserver proxy URLs" of the Kubernetes documentation). */
function get(kubectl: Kubectl, scheme: "http" | "https", path: string): Promise<Answer<string>> {
  // The port of either is called by its scheme.
  const target = `${scheme}:${serviceName}:${scheme}`;
  const base = `/api/v1/namespaces/${namespace}/services/${target}/proxy`;
  return behindApi(kubectl, `${base}${path}`);
}

/** Its list of nodes, in the form in which it gives them to spreadsheets. */
async function kubeWebView(coe: CoePlan, kubectl: Kubectl): Promise<Answer<string>> {
  const listed = parsed(
    await get(kubectl, "http", "/clusters/local/nodes?download=tsv"),
    (text) => {
      const [header = [], ...rows] = text.split("\n").map((line) => line.split("\t"));
      const column = header.indexOf("Name");
      if (column < 0) throw new Error(text.slice(0, 80));
      return rows.flatMap((row) => row[column] ?? []);
    },
  );
  if (!listed.ok) return listed;
  const { asked, value } = listed;
  const missing = Object.keys(coe.nodes).filter((name) => !value.includes(name));
  return missing.length === 0
    ? { ok: true, asked, value: `kube-web-view shows ${Object.keys(coe.nodes).length} nodes` }
    : { ok: false, asked, error: `kube-web-view does not show ${missing.join(", ")}` };
}

const csrf = z.object({ token: z.string().min(1) });

/** Its page, and the token with which a sign-in begins: whoever looks further has to have signed in. */
async function kubernetesDashboard(_coe: CoePlan, kubectl: Kubectl): Promise<Answer<string>> {
  const page = parsed(await get(kubectl, "https", "/"), (text) => {
    if (!/<title>Kubernetes Dashboard<\/title>/.test(text)) throw new Error(text.slice(0, 80));
    return text;
  });
  if (!page.ok) return page;
  return parsed(await get(kubectl, "https", "/api/v1/csrftoken/login"), (text) => {
    csrf.parse(JSON.parse(text));
    return "kubernetes-dashboard answers, and lets in who has a token";
  });
}
