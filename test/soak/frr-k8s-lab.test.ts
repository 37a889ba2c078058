import { waitFor } from "../../util/wait";
import { aroundLab, comesUp, failures, TestLab } from "../helpers/lab";
import { machineState } from "../helpers/machine";

/** A lab with real kubelets takes as long as one with Calico; what FRR-K8s does is in test/daemons/frr-k8s.test.ts. */
const lab = new TestLab("Pulumi.frr-k8s.yaml", { kubernetes: 47443 }, "frrnodes");
const namespace = "frr-k8s-system";
const minutes = 60_000;

/** What fails, by the id of the check. */
async function failing(...only: readonly string[]): Promise<Record<string, string>> {
  const { results } = await lab.verified(["--only", ...only]);
  return Object.fromEntries(
    results.flatMap(({ id, status, found }) => (status === "fail" ? [[id, found]] : [])),
  );
}

const healthy = async () => failures(await lab.verified(["--wait", "120s"]));

async function onWorker(line: string): Promise<string> {
  const argv = ["exec", "seamless-frrnodes-kubernetes-worker-1", "sh", "-ec", line];
  return lab.must(await lab.docker(argv)).stdout.trim();
}

async function kubectl(...args: readonly string[]): Promise<string> {
  return lab.must(await lab.kubectl(args)).stdout.trim();
}

/** Replaces a part of the worker's object, as anybody may who may write there. */
const edit = (path: string, value: unknown) =>
  lab.kubectl([
    ...["patch", "frrconfigurations", "seamless-worker-1", "--namespace", namespace],
    ...["--type=json", "--patch", JSON.stringify([{ op: "replace", path, value }])],
  ]);

/** The pod of FRR-K8s on the worker, as `pod/<name>`. */
const speaker = () =>
  kubectl(
    ...["get", "pods", "--namespace", namespace, "--selector", "app=frr-k8s", "--output", "name"],
    ...["--field-selector", "spec.nodeName=worker-1"],
  );

async function inFrr(...argv: readonly string[]): Promise<string> {
  return kubectl(
    "exec",
    "--namespace",
    namespace,
    await speaker(),
    "--container=frr",
    "--",
    ...argv,
  );
}

/** Has the probe on the worker made anew, as the node's network now is. */
async function anotherProbe(): Promise<void> {
  const all = ["--namespace", "seamless", "--selector", "app=seamless-probe"];
  await kubectl("delete", "pods", ...all, "--grace-period=1");
  await kubectl("rollout", "status", "--namespace=seamless", "deployment/seamless-probe");
}

aroundLab(lab, [[["seamless:network", "ipv6"], "2001:db8:18::/96"]]);

test(
  "one update brings up a Kubernetes with FRR-K8s beside a plain host in dual stack, and everything agrees",
  async () => {
    expect(await comesUp(lab, "180s")).toEqual(
      expect.arrayContaining([
        ...["nodes/kubernetes", "containers/kubernetes", "objects/kubernetes/peers"],
        ...["session/reflector/kubernetes/worker-1", "session/reflector/kubernetes/worker-1/ipv6"],
        ...["rib/origin/kubernetes/worker-1", "rib/services/kubernetes", "fib/kubernetes/worker-1"],
        ...["kernel/kubernetes/worker-1/firewall", "fib/kubernetes/controller/ipv6"],
        ...["http/kubernetes-to-plain", "http/plain-to-kubernetes"],
        ...["http/kubernetes-to-plain/ipv6", "http/plain-to-kubernetes/ipv6"],
        ...["path/kubernetes/worker-1-to-plain", "service/plain-to-kubernetes/clusterIPs"],
      ]),
    );
  },
  25 * minutes,
);

test(
  "the kubelets, and FRR-K8s' own pods, are real: each node has what its manifest says",
  async () => {
    const nodes: { items: { metadata: { name: string }; spec: { podCIDRs: string[] } }[] } =
      JSON.parse(await kubectl("get", "nodes", "--output=json"));
    expect(nodes.items.map(({ metadata, spec }) => [metadata.name, ...spec.podCIDRs])).toEqual([
      ["controller", "192.168.0.0/24", "2001:db8:18::c0a8:0/120"],
      ["worker-1", "192.168.1.0/24", "2001:db8:18::c0a8:100/120"],
      ["worker-2", "192.168.2.0/24", "2001:db8:18::c0a8:200/120"],
    ]);
    const ready = [
      "--output",
      "jsonpath={.status.numberReady} of {.status.desiredNumberScheduled}",
    ];
    const daemons = ["daemonset/frr-k8s-daemon", "--namespace", namespace];
    expect(await kubectl("get", ...daemons, ...ready)).toBe("3 of 3");
    // Its webhook is asked, too.
    const path = "/spec/bgp/routers/0/neighbors/0/toAdvertise/allowed/prefixes";
    const refused = await edit(path, ["198.51.100.0/24"]);
    expect(refused.stderr).toContain(
      "trying to advertise non configured prefix 198.51.100.0/24 to neighbor 64511@172.16.18.32",
    );
  },
  5 * minutes,
);

test(
  "an FRRConfiguration that somebody edits is named with what the node lacks, and an update puts it back",
  async () => {
    const path = "/spec/bgp/routers/0/neighbors/0/toReceive/allowed/prefixes";
    const value = [{ prefix: "192.168.0.0/17", ge: 24, le: 24 }];
    lab.must(await edit(path, value));
    const what = "the worker to lack the plain host's range";
    await waitFor({ what, timeoutMs: 60_000 }, async () => {
      const found = await onWorker("ip route show proto bgp");
      return found.includes("192.168.128.0/24")
        ? { done: false, seen: found }
        : { done: true, value: undefined };
    });
    const found = await failing("objects/*", "fib/*");
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining(["objects/kubernetes/peers", "fib/kubernetes/worker-1"]),
    );
    expect(found["objects/kubernetes/peers"]).toContain(
      "FRRConfiguration/seamless-worker-1: spec.bgp.routers[0].neighbors[0].toReceive.allowed.prefixes",
    );
    expect(found["fib/kubernetes/worker-1"]).toContain("192.168.128.0/24");
    lab.must(await lab.up(["--refresh"]));
    expect(await healthy()).toEqual([]);
  },
  15 * minutes,
);

test(
  "a bgpd that dies is named, and comes back by itself with its routes",
  async () => {
    // watchfrr would start it again at once.
    await inFrr("sh", "-c", "kill -STOP $(pidof watchfrr); kill -KILL $(pidof bgpd)");
    const found = await failing("session/*");
    expect(Object.keys(found)).toContain("session/reflector/kubernetes/worker-1");
    expect(await healthy()).toEqual([]);
  },
  10 * minutes,
);

test(
  "a node's network with another range, or with NAT, is named, and mended by its own file",
  async () => {
    const file = "/etc/cni/net.d/10-pods.conflist";
    const range = "s,192.168.1.0/24,192.168.77.0/24,; s,c0a8:100/120,c0a8:4d00/120,";
    await onWorker(`sed -i '${range}' ${file}; ip link delete cni0`);
    await anotherProbe();
    expect((await failing("containers/*"))["containers/kubernetes"]).toMatch(
      /^seamless\/seamless-probe-\S+ on kubernetes\/worker-1 has 192\.168\.77\.\d+, which is in no block of IPAM/,
    );
    await onWorker(`systemctl restart lab-cni; ip link delete cni0`);
    await onWorker(`sed -i 's/"ipMasq": false/"ipMasq": true/' ${file}`);
    await anotherProbe();
    const found = await failing("kernel/*", "path/*");
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining([
        "kernel/kubernetes/worker-1/firewall",
        "path/kubernetes/worker-1-to-plain",
      ]),
    );
    await onWorker("systemctl restart lab-cni");
    await anotherProbe();
    expect(await healthy()).toEqual([]);
  },
  15 * minutes,
);

test(
  "after destroy nothing is left",
  async () => {
    lab.must(await lab.destroy());
    expect((await lab.seamless(["verify", "--stack", lab.stack])).code).toBe(3);
    const { namespaces } = await machineState();
    expect(namespaces.filter((one) => one.startsWith("seamless-frrnodes"))).toEqual([]);
  },
  10 * minutes,
);
