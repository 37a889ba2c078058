import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { dnsObjects, renderCorefile } from "../../../components/kubernetes/addons/dns";
import { refuseForeign } from "../../../components/kubernetes/addons/guard";
import { kubeDns } from "../../../components/kubernetes/addons/kube-dns";
import { renderGateway } from "../../../components/kubernetes/addons/kubernetes-dashboard";
import { metricsObjects } from "../../../components/kubernetes/addons/metrics";
import type { AddonsConfig, DnsAddon } from "../../../components/kubernetes/model/config";
import { KubernetesPeering } from "../../../components/kubernetes/peering";
import { named, registeredBy } from "../../helpers/mocks";

const config = readStackConfig("Pulumi.lab.yaml");
const plan = makePlan(config);

const cluster = { address: "10.96.0.10", forwards: {} };

const registered = (addons: AddonsConfig) =>
  registeredBy(
    (options) =>
      new KubernetesPeering(
        "kubernetes",
        { plan, coe: "kubernetes", access: { kubeconfig: "apiVersion: v1" }, addons },
        options,
      ),
  );

test("the Corefile of a cluster, and of one without a way out", () => {
  expect(renderCorefile({ upstream: ["/etc/resolv.conf"], forwards: {} })).toBe(`.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`);
  expect(renderCorefile({ upstream: [], forwards: {} })).not.toContain("forward");
  expect(renderCorefile({ upstream: ["192.0.2.1", "192.0.2.2"], forwards: {} })).toContain(
    "    forward . 192.0.2.1 192.0.2.2\n",
  );
});

test("zones of other COEs are stub zones, after the cluster's own", () => {
  const forwards = {
    mesos: ["172.16.18.42:53"],
    "thisdcos.directory": ["172.16.18.42:53", "172.16.18.46:53"],
  };
  const { corefile } = dnsObjects({ addon: {}, ...cluster, forwards });
  const own = dnsObjects({ addon: {}, ...cluster }).corefile.data.Corefile;
  const stubs = `mesos:53 {
    errors
    cache 5
    forward . 172.16.18.42:53
}
thisdcos.directory:53 {
    errors
    cache 5
    forward . 172.16.18.42:53 172.16.18.46:53
}
`;
  expect(corefile.data.Corefile).toBe(`${own}${stubs}`);
});

test("the name server has the address the kubelets know, and two servers unless told otherwise", () => {
  const { service, deployment } = dnsObjects({ addon: {}, ...cluster });
  expect(service.spec).toMatchObject({
    clusterIP: "10.96.0.10",
    selector: { "k8s-app": "kube-dns" },
  });
  expect(deployment.spec.replicas).toBe(2);
  const one = dnsObjects({ addon: { replicas: 1, image: "example/dns:1" }, ...cluster }).deployment
    .spec;
  expect([one.replicas, one.template.spec.containers[0]?.image]).toEqual([1, "example/dns:1"]);
});

test("metrics-server trusts the cluster's authority, unless the kubelets sign for themselves", () => {
  const last = (insecureKubelets: boolean) =>
    metricsObjects({ insecureKubelets }).deployment.spec.template.spec.containers[0]?.args.at(-1);
  expect(last(false)).toBe(
    "--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
  );
  expect(last(true)).toBe("--kubelet-insecure-tls");
});

test("each add-on is made by itself, below a component of its own and behind the guard", async () => {
  const added = async (addons: AddonsConfig) => {
    const before = (await registered({})).map((one) => one.name);
    const all = await registered(addons);
    return all.map((one) => one.name).filter((name) => !before.includes(name));
  };
  const dns = [
    "kubernetes-addons-dns-account",
    "kubernetes-addons-dns-role",
    "kubernetes-addons-dns-binding",
    "kubernetes-addons-dns-corefile",
    "kubernetes-addons-dns",
    "kubernetes-addons-dns-service",
  ];
  const head = ["kubernetes-addons", "kubernetes-addons-guard"];
  expect((await added({ dns: {} })).sort()).toEqual([...head, ...dns].sort());
  expect((await added({ metrics: {} })).sort()).toEqual(
    [
      ...head,
      ...["account", "role", "binding", "readers", "delegation", "authentication", "service", "api"]
        .map((part) => `kubernetes-addons-metrics-${part}`)
        .concat("kubernetes-addons-metrics"),
    ].sort(),
  );
});

test("a dashboard is made of these parts", async () => {
  const all = await registered({ dashboard: { kind: "kube-web-view" } });
  const before = (await registered({})).map((one) => one.name);
  const added = all.map((one) => one.name).filter((name) => !before.includes(name));
  const parts = (addon: string, ...of: readonly string[]) =>
    of.map((part) => `kubernetes-addons-${addon}-${part}`);
  expect(added.sort()).toEqual(
    [
      ...["kubernetes-addons", "kubernetes-addons-guard"],
      ...parts("dashboard", "namespace", "viewer", "viewer-role", "viewer-binding"),
      ...parts("dashboard", "policy", "web", "service"),
    ].sort(),
  );
});

test("only a dashboard itself and API servers reach it, and no other node stands in for who asks", async () => {
  const specs = async (kind: "kube-web-view" | "kubernetes-dashboard") => {
    const all = await registered({ dashboard: { kind } });
    const traffic = all
      .filter(({ type }) => type === "kubernetes:core/v1:Service")
      .map(({ name, inputs }) => [
        name,
        /"internalTrafficPolicy":"(\w+)"/.exec(JSON.stringify(inputs))?.[1],
      ]);
    return { policy: named(all, "kubernetes-addons-dashboard-policy").inputs, traffic };
  };
  const inNamespace = "projectcalico.org/namespace == 'kubernetes-dashboard'";
  const view = await specs("kube-web-view");
  expect(view.policy).toMatchObject({
    apiVersion: "crd.projectcalico.org/v1",
    kind: "GlobalNetworkPolicy",
    metadata: { name: "default.seamless-dashboard" },
    spec: {
      ingress: [
        { action: "Allow", source: { selector: inNamespace } },
        {
          action: "Allow",
          protocol: "TCP",
          source: { nets: ["172.16.18.33/32"] },
          destination: { ports: [8080], selector: "app.kubernetes.io/name in { 'kube-web-view' }" },
        },
        { action: "Deny" },
      ],
      order: 100,
      selector: inNamespace,
      tier: "default",
      types: ["Ingress"],
    },
  });
  expect(view.traffic).toEqual([["kubernetes-addons-dashboard-service", "Local"]]);
  const whole = await specs("kubernetes-dashboard");
  expect(whole.policy).toMatchObject({
    spec: {
      ingress: [
        {},
        {
          destination: {
            ports: [8000, 8443],
            selector:
              "app.kubernetes.io/name in { 'kubernetes-dashboard-gateway', 'kubernetes-dashboard-metrics-scraper' }",
          },
        },
        {},
      ],
    },
  });
  expect(Object.fromEntries(whole.traffic)).toEqual({
    "kubernetes-addons-dashboard-api-service": undefined,
    "kubernetes-addons-dashboard-auth-service": undefined,
    "kubernetes-addons-dashboard-metrics-scraper-service": "Local",
    "kubernetes-addons-dashboard-service": "Local",
    "kubernetes-addons-dashboard-web-service": undefined,
  });
});

test("the Kubernetes dashboard's five parts have the images one names, and its random key is a secret", async () => {
  const images = { api: "example/api:1", gateway: "example/kong:1" };
  const all = await registered({ dashboard: { images } });
  const image = (part: string) =>
    /"image":"([^"]+)"/.exec(
      JSON.stringify(named(all, `kubernetes-addons-dashboard-${part}`).inputs),
    )?.[1];
  expect(["api", "auth", "web", "metrics-scraper", "gateway"].map(image)).toEqual([
    "example/api:1",
    "docker.io/kubernetesui/dashboard-auth:1.4.0",
    "docker.io/kubernetesui/dashboard-web:1.7.0",
    "docker.io/kubernetesui/dashboard-metrics-scraper:1.2.2",
    "example/kong:1",
  ]);
  const { data } = named(all, "kubernetes-addons-dashboard-csrf").inputs;
  expect(data).toEqual({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    value: { "private.key": expect.stringMatching(/^[A-Za-z0-9+/]{459}=$/) },
  });
});

test("the gateway of the Kubernetes dashboard leads each path to the part that answers it", () => {
  expect(renderGateway()).toBe(`_format_version: "3.0"
services:
  - name: auth
    host: kubernetes-dashboard-auth
    port: 8000
    protocol: http
    routes:
      - name: auth
        paths:
          - /api/v1/login
          - /api/v1/csrftoken/login
          - /api/v1/me
        strip_path: false
  - name: api
    host: kubernetes-dashboard-api
    port: 8000
    protocol: http
    routes:
      - name: api
        paths:
          - /api
          - /metrics
        strip_path: false
  - name: web
    host: kubernetes-dashboard-web
    port: 8000
    protocol: http
    routes:
      - name: web
        paths:
          - /
        strip_path: false
`);
});

test("kube-dns is told of the zones of other COEs and of servers in its own way", () => {
  const data = (addon: DnsAddon, forwards = {}) => kubeDns({ addon, ...cluster, forwards }).config;
  expect(data({})).toMatchObject({ metadata: { name: "kube-dns" }, data: {} });
  expect(data({ upstream: ["192.0.2.1"] }, { mesos: ["172.16.18.42:53"] })).toMatchObject({
    data: {
      stubDomains: '{"mesos":["172.16.18.42:53"]}',
      upstreamNameservers: '["192.0.2.1"]',
    },
  });
  const asked = (addon: DnsAddon) => JSON.stringify(kubeDns({ addon, ...cluster }).deployment);
  expect(asked({ upstream: [] })).toContain('"--no-resolv"');
  expect(asked({})).not.toContain("--no-resolv");
});

test("kube-dns takes the place of CoreDNS at the same address", async () => {
  const all = await registered({ dns: { kind: "kube-dns", images: { sidecar: "example/s:1" } } });
  const service = named(all, "kubernetes-addons-dns-service");
  expect(service.inputs).toMatchObject({ spec: { clusterIP: "10.96.0.10" } });
  expect(all.map((one) => one.name)).not.toContain("kubernetes-addons-dns-corefile");
  const { inputs } = named(all, "kubernetes-addons-dns-deployment");
  expect(JSON.stringify(inputs).match(/"image":"[^"]+"/g)).toEqual([
    '"image":"registry.k8s.io/dns/k8s-dns-kube-dns:1.26.7"',
    '"image":"registry.k8s.io/dns/k8s-dns-dnsmasq-nanny:1.26.7"',
    '"image":"example/s:1"',
  ]);
});

test("the guard gets the kubeconfig as a secret of its environment, never on its command line", async () => {
  const guard = named(await registered({ dns: {}, metrics: {} }), "kubernetes-addons-guard");
  expect(guard.inputs).toMatchObject({
    create: "bin/seamless internal kubernetes-addons",
    stdin: '{"coe":"kubernetes","addons":["dns","metrics"]}\n',
  });
  // The mark of a secret, as the SDK sends it to the engine.
  expect(guard.inputs.environment).toEqual({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    value: { SEAMLESS_KUBECONFIG: "apiVersion: v1" },
  });
});

/** A kubectl that finds the given objects, by `kind name`. */
function kubectl(objects: Readonly<Record<string, object>>) {
  return async ([verb, kind, name]: readonly string[]) => {
    if (verb !== "get") throw new Error(`unexpected kubectl ${verb}`);
    const object = objects[`${kind} ${name}`];
    return { code: 0, stdout: object === undefined ? "" : JSON.stringify(object), stderr: "" };
  };
}

const ours = { metadata: { labels: { "app.kubernetes.io/managed-by": "seamless" } } };
const foreign = { metadata: { labels: { "k8s-app": "kube-dns" } } };

test("add-ons of somebody else are named, all at once; our own are not", async () => {
  await refuseForeign(kubectl({}), "prod", ["dns", "metrics"]);
  await refuseForeign(kubectl({ "deployment coredns": ours }), "prod", ["dns", "metrics"]);
  const both = {
    "service kube-dns": foreign,
    "apiservice v1beta1.metrics.k8s.io": { metadata: {} },
  };
  await expect(refuseForeign(kubectl(both), "prod", ["dns", "metrics"])).rejects.toThrow(
    [
      "coes.prod.addons.dns: the cluster has its own (service kube-system/kube-dns); leave dns out to keep that, or remove it first",
      "coes.prod.addons.metrics: the cluster has its own (apiservice v1beta1.metrics.k8s.io); leave metrics out to keep that, or remove it first",
    ].join("\n"),
  );
  await refuseForeign(kubectl(both), "prod", []);
  const old = { "deployment kubernetes-dashboard": { metadata: {} } };
  await expect(refuseForeign(kubectl(old), "prod", ["dashboard"])).rejects.toThrow(
    "coes.prod.addons.dashboard: the cluster has its own (deployment kube-system/kubernetes-dashboard); leave dashboard out to keep that, or remove it first",
  );
  await refuseForeign(kubectl({ "namespace kubernetes-dashboard": ours }), "prod", ["dashboard"]);
});

test("a cluster that does not answer is named with what it said", async () => {
  const down = async () => ({ code: 1, stdout: "", stderr: "Unable to connect to the server" });
  await expect(refuseForeign(down, "prod", ["dns"])).rejects.toThrow(
    "kubectl get deployment coredns: Unable to connect to the server: nobody answers there",
  );
});
