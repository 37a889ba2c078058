import type { Fault } from "./fault";
import { iptables } from "./plant";
import type { NodeId, World } from "./world";

const lookup = (name: string, server: string) => [
  ...["timeout", "3", "busybox", "nslookup", name, server],
];

/** The tasks of the probe, by their own addresses. */
const probe = "seamless-probe.marathon-user.containerip.dcos.thisdcos.directory";

async function fromContainer(world: World, argv: readonly string[]): Promise<string> {
  const address = await world.container("kubernetes/worker-1");
  const { code, stdout } = await world.inside("kubernetes/worker-1", address, argv);
  return code === 0 ? stdout : `no answer ${stdout}`;
}

/** Names and services. */
export const names: readonly Fault[] = [
  {
    name: "the name service of a COE has no servers",
    layer: "name",
    uses: ["names"],
    plant: (world) => select(world, "nobody"),
    mend: (world) => select(world, "kube-dns"),
    bite: {
      by: "nslookup in a pod",
      measure: (world) =>
        fromContainer(world, lookup("kubernetes.default.svc.cluster.local", "10.96.0.10")),
      healthy: /10\.96\.0\.1\b/,
      bitten: /no answer/,
    },
    named: { checks: ["addon/kubernetes/dns"], at: "kubernetes" },
  },
  {
    name: "one node drops UDP, and with it questions for names",
    soak: true,
    layer: "name",
    uses: ["kubernetes/controller", "dcos/public-1"],
    ...iptables("kubernetes/controller", "filter", "FORWARD", [...["-p", "udp", "-j", "DROP"]]),
    bite: {
      by: "nslookup in a task, at the name server on controller",
      async measure(world) {
        const [client, server] = [
          await world.container("dcos/public-1"),
          await world.container("kubernetes/controller"),
        ];
        const argv = lookup("kubernetes.default.svc.cluster.local", server);
        const { code, stdout } = await world.inside("dcos/public-1", client, argv);
        return code === 0 ? stdout : "no answer";
      },
      healthy: /10\.96\.0\.1\b/,
      bitten: /no answer/,
    },
    named: { checks: ["kernel/kubernetes/controller/firewall"], at: "kubernetes/controller" },
  },
  {
    name: "the name server of a COE hangs",
    soak: true,
    layer: "name",
    uses: ["names"],
    plant: (world) => signal(world, "dcos/master", "coredns", "STOP"),
    mend: (world) => signal(world, "dcos/master", "coredns", "CONT"),
    bite: {
      by: "nslookup in a pod",
      measure: (world) => fromContainer(world, lookup(probe, "172.16.18.42")),
      healthy: /192\.168\.\d+\.\d+/,
      bitten: /no answer/,
    },
    named: { checks: ["name/kubernetes-to-dcos"], at: "dcos" },
    explained: {
      ...{ from: "kubernetes/worker-1", to: "dcos/agent-1", asked: probe },
      ...{ link: "name", at: "dcos" },
    },
  },
  {
    // One that hangs is started anew by its health check, sooner or later.
    name: "the load balancer in front of a COE gets no packets",
    layer: "service",
    uses: ["balancer"],
    ...iptables("dcos/public-1", "filter", "INPUT", [
      ...["-p", "tcp", "--dport", "10000", "-j", "DROP"],
    ]),
    bite: {
      by: "GET from a pod to the balancer's address",
      async measure(world) {
        const get = ["curl", "-sS", "-m", "2", "http://10.98.0.1:10000/"];
        return (await fromContainer(world, get)) || "no answer";
      },
      healthy: /"server"/,
      bitten: /no answer/,
    },
    named: { checks: ["service/kubernetes-to-dcos/loadBalancerIPs"], at: "dcos" },
  },
];

async function select(world: World, app: string): Promise<void> {
  const patch = JSON.stringify({ spec: { selector: { "k8s-app": app } } });
  await world.kubectl("patch", "service", "kube-dns", "-n", "kube-system", "-p", patch);
}

async function signal(world: World, node: NodeId, program: string, name: string): Promise<void> {
  const pids = (await world.must(node, "pgrep", "--exact", program)).trim().split("\n");
  await world.must(node, "kill", `-${name}`, ...pids);
}
