/** The password of sessions with three reflectors, one of each kind, is changed by one update while packets flow. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { execOrThrow } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { CalicoNode, Lan } from "../helpers/bird-lan";
import { streamed } from "../helpers/datagrams";
import { TestDocker } from "../helpers/dockerd";
import type { TestStack } from "../helpers/engine";
import { KubeApi } from "../helpers/kube-api";
import { applyAgent, calicoManifest, kubernetesStack, must } from "../helpers/kube-stack";
import { reflectors, turnsProgram } from "../helpers/turns-stack";

const workers = {
  "worker-1": { address: "172.16.18.34", container: "192.168.0.1" },
  "worker-2": { address: "172.16.18.35", container: "192.168.0.65" },
};
const docker = new TestDocker();
const api = new KubeApi();
const lan = new Lan();
const nodes: CalicoNode[] = [];
let stack: TestStack;

/** As calico-node does: it is told of each change, and has confd write BIRD's files. */
function follow(kind: string): void {
  const argv = [`--kubeconfig=${api.kubeconfigFile}`, "get", kind, "--all-namespaces"];
  const watch = spawn(join(toolsBin(), "kubectl"), [...argv, "--watch", "--output=name"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  watches.push(watch);
  watch.stdout.on("data", () => {
    if (waiting) return;
    waiting = true;
    configured = configured.then(() => {
      waiting = false;
      return configure();
    });
  });
}

/** Whether a run of confd is to come that sees whatever there is by then. */
let waiting = false;
let configured: Promise<unknown> = Promise.resolve();
const watches: ChildProcess[] = [];
// Its configuration is written once there is one.
const configure = () =>
  Promise.all(
    nodes.filter((node) => node !== deaf).map((node) => node.configure().catch(() => undefined)),
  );
/** A node that is told nothing. */
let deaf: CalicoNode | undefined;

const write = (password: string, inTurn: boolean, more: object = {}) =>
  stack.write(
    "index.ts",
    turnsProgram(docker, api, { nodes: addresses(), password, inTurn, ...more }),
  );

const addresses = () =>
  Object.fromEntries(Object.entries(workers).map(([name, { address }]) => [name, { address }]));

async function established(): Promise<void> {
  const wanted = Object.keys(reflectors).length;
  await waitFor({ what: "all sessions", timeoutMs: 120_000, intervalMs: 300 }, async () => {
    const said = await Promise.all(
      nodes.map((node) => node.ask("show", "protocols").catch((error: Error) => error.message)),
    );
    return said.every((text) => text.split("Established").length - 1 === wanted)
      ? { done: true, value: undefined }
      : { done: false, seen: said.join("\n") };
  });
}

/** The route between the containers, as the kernel has it. */
async function routed(): Promise<void> {
  const { address, container } = workers["worker-1"];
  await waitFor({ what: "the route", timeoutMs: 120_000, intervalMs: 300 }, async () => {
    const routes = await lan.routes("worker-2");
    return routes[container] === address
      ? { done: true, value: undefined }
      : { done: false, seen: JSON.stringify(routes) };
  });
}

const end = (name: keyof typeof workers) => ({
  space: lan.spaceOf(name),
  address: workers[name].container,
});

/** Datagrams from one container to the other and back while something is done. */
const packets = (act: () => Promise<unknown>) => streamed(end("worker-2"), end("worker-1"), act);

/** What each reflector's own file says of the password. */
async function passwords(): Promise<string[]> {
  const found = await Promise.all(
    Object.values(reflectors).map(({ name, file }) =>
      docker.docker("cp", `seamless-${name}:${file}`, "-"),
    ),
  );
  return found.map((text) => /password[ =]+"?(\S+?)"?;?$/m.exec(text)?.[1] ?? "none");
}

beforeAll(async () => {
  await Promise.all([docker.up(), api.up()]);
  await docker.docker(
    ...["network", "create", "--subnet", "172.16.18.0/24"],
    ...["--opt", "com.docker.network.bridge.name=nodes0", "nodes"],
  );
  await lan.up(Object.fromEntries(Object.entries(workers).map(([n, { address }]) => [n, address])));
  const lab = docker.namespace;
  const ip = (...args: string[]) => execOrThrow(["ip", ...args]);
  const ours = lan.spaceOf("switch");
  await ip("-n", ours, "link", "add", "docker", "type", "veth", "peer", "lan", "netns", lab);
  await ip("-n", ours, "link", "set", "docker", "master", "lan", "up");
  await ip("-n", lab, "link", "set", "lan", "master", "nodes0", "up");
  // Announced as an address that the node has borrowed.
  for (const [name, { container }] of Object.entries(workers))
    await ip("-n", lan.spaceOf(name), "address", "add", `${container}/32`, "dev", "lo");

  const kinds = ["CustomResourceDefinition", "ServiceAccount", "ClusterRole", "ClusterRoleBinding"];
  const manifest = parseAllDocuments(calicoManifest())
    .map((document) => document.toJS())
    .filter((one) => kinds.includes(one?.kind));
  const apply = (name: string, objects: readonly unknown[]) =>
    must(
      api,
      ...["apply", "--server-side", "--filename"],
      api.file(name, objects.map((one) => stringify(one)).join("---\n")),
    );
  await apply("calico.yaml", manifest);
  await must(api, "wait", "--for=condition=Established", "--timeout=30s", "crd", "--all");
  await applyAgent(api, "bird");
  await apply(
    "nodes.yaml",
    Object.entries(workers).map(([name, { address }]) => ({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, annotations: { "projectcalico.org/IPv4Address": `${address}/24` } },
    })),
  );
  const kubeconfig = await api.kubeconfigOf("kube-system", "calico-node");
  nodes.push(...Object.keys(workers).map((name) => new CalicoNode(lan, name, { kubeconfig })));
  for (const kind of ["secrets", "bgppeers", "bgpconfigurations"]) follow(kind);
  stack = await kubernetesStack(["docker"]);
  write("the-first", true);
  await stack.must("up", "--yes", "--skip-preview");
  await established();
  await routed();
}, 600_000);

afterAll(async () => {
  for (const watch of watches) watch.kill("SIGKILL");
  await configured;
  stack?.remove();
  await lan.down();
  await api.down();
  await docker.down();
}, 300_000);

const names = Object.keys(reflectors);

test("all at once loses packets", async () => {
  expect(await passwords()).toEqual(names.map(() => "the-first"));
  write("the-second", false);
  const { lost } = await packets(async () => {
    await stack.must("up", "--yes", "--skip-preview");
    await established();
    await routed();
  });
  expect(await passwords()).toEqual(names.map(() => "the-second"));
  expect(lost).toBeGreaterThan(0);
}, 600_000);

test("one reflector after the other loses none", async () => {
  write("the-third", true);
  const { sent, lost } = await packets(async () => {
    await stack.must("up", "--yes", "--skip-preview");
    await established();
  });
  expect(await passwords()).toEqual(names.map(() => "the-third"));
  expect([sent > 100, lost]).toEqual([true, 0]);
  await stack.must("preview", "--expect-no-changes");
}, 600_000);

test("an update that has stopped for a session stops there again, and goes on once the session is back", async () => {
  [deaf] = nodes;
  write("the-fourth", true, { timeoutMs: 8_000 });
  const stopped = `worker-1 is not Established; the other reflectors are not changed`;
  for (let run = 1; run <= 2; run++) {
    const { code, stdout, stderr } = await stack.pulumi("up", "--yes", "--skip-preview");
    const said = `${stdout}${stderr}`;
    expect([run, code === 0, said.includes(stopped) ? stopped : said]).toEqual([
      run,
      false,
      stopped,
    ]);
    expect(await passwords()).toEqual(["the-fourth", "the-third", "the-third"]);
  }
  deaf = undefined;
  await configure();
  const { sent, lost } = await packets(async () => {
    await stack.must("up", "--yes", "--skip-preview");
    await established();
  });
  expect(await passwords()).toEqual(names.map(() => "the-fourth"));
  expect([sent > 100, lost]).toEqual([true, 0]);
}, 600_000);

/** Since when a node has its session with a reflector, as `hh:mm:ss`. */
async function since(node: CalicoNode, address: string): Promise<string> {
  const name = `Global_${address.replaceAll(".", "_")}`;
  const said = await node.ask("show", "protocols", name);
  return new RegExp(`^${name} .* (\\d\\d:\\d\\d:\\d\\d) +Established`, "m").exec(said)?.[1] ?? said;
}

/** When the container of a reflector was started, as `hh:mm:ss`. */
async function started(reflector: string): Promise<string> {
  const format = ["--format", "{{.State.StartedAt}}", `seamless-${reflector}`];
  return (await docker.docker("inspect", ...format)).slice(11, 19);
}

test("other images, another cluster-id and a limit lose none; a container starts when the sessions before are back", async () => {
  for (const name of names)
    await docker.docker("commit", "--change=ENTRYPOINT []", `seamless-${name}`, `other:${name}`);
  const ids = await Promise.all(
    names.map((name) => docker.docker("inspect", "--format", "{{.Id}}", `other:${name}`)),
  );
  const images = Object.fromEntries(names.map((name, index) => [name, ids[index]]));
  write("the-fourth", true, { images, clusterId: "0.0.0.9", prefixLimit: 500 });
  const { sent, lost } = await packets(async () => {
    await stack.must("up", "--yes", "--skip-preview");
    await established();
  });
  expect([sent > 100, lost]).toEqual([true, 0]);
  const running = await Promise.all(
    names.map((name) => docker.docker("inspect", "--format", "{{.Image}}", `seamless-${name}`)),
  );
  expect(running).toEqual(ids);
  const [first, second, third] = Object.values(reflectors);
  for (const [ahead, behind] of [
    [first, second],
    [second, third],
  ] as const)
    for (const node of nodes) {
      const back = await since(node, ahead?.address ?? "");
      const next = await started(behind?.name ?? "");
      expect([back, next, back <= next]).toEqual([back, next, true]);
    }
}, 600_000);
