import { stringify } from "yaml";
import { gobgpApi } from "../../components/reflector/gobgp/container";
import { waitFor } from "../../util/wait";
import { TestDocker } from "../helpers/dockerd";
import type { TestStack } from "../helpers/engine";
import { KubeApi } from "../helpers/kube-api";
import { applyAgent, defineCalico, kubernetesStack, must } from "../helpers/kube-stack";
import { orderedProgram, startNode } from "../helpers/ordered-stack";
import { untilWithin } from "../helpers/until";

const [old, next, third] = ["192.168.0.0/18", "192.168.64.0/18", "192.168.192.0/18"];
const [oldBlock, nextBlock] = ["192.168.1.0/26", "192.168.65.0/26"];
const daemon = new TestDocker();
const api = new KubeApi();
let stack: TestStack;

function write(changes: object): void {
  stack.write("index.ts", orderedProgram(daemon, api, JSON.stringify(changes)));
}

/** Runs pulumi. @throws Error with what it printed when it fails */
const up = () => stack.must("up", "--yes", "--skip-preview");

const inReflector = (...args: string[]) =>
  daemon.docker("exec", "seamless-reflector", "gobgp", "--target", gobgpApi, ...args);

/** What the reflector has in its table, by prefix. */
async function rib(): Promise<string[]> {
  return Object.keys(JSON.parse((await inReflector("-j", "global", "rib")) || "{}")).sort();
}

/** The ranges it accepts from the node. */
async function accepted(): Promise<string[]> {
  const sets: { prefixes: { ip_prefix: string }[] }[] = JSON.parse(
    await inReflector("-j", "policy", "prefix"),
  );
  // Each of them with two lengths: blocks, and borrowed addresses.
  const all = sets.flatMap(({ prefixes }) => prefixes.map((one) => one.ip_prefix));
  return [...new Set(all)].sort();
}

const kinds = "ippools,bgppeers,bgpconfigurations,globalnetworkpolicies,ipamblocks";

interface Pool {
  readonly metadata: { readonly uid: string };
  readonly spec: { readonly cidr: string; readonly disabled?: boolean };
}

async function pools(): Promise<readonly Pool[]> {
  return JSON.parse((await api.kubectl("get", "ippools", "-o", "json")).stdout).items;
}
const ranges = async () => (await pools()).map(({ spec }) => spec.cidr).sort();

/** Everything there is of the cluster's Calico and of the reflector, as they say it themselves. */
async function everything() {
  const { stdout } = await api.kubectl("get", kinds, "-o", "json");
  const neighbours: { conf: object; state: { session_state: number; flops?: number } }[] =
    JSON.parse(await inReflector("-j", "neighbor"));
  return {
    calico: JSON.parse(stdout).items,
    rib: await rib(),
    policy: await inReflector("-j", "global", "policy"),
    prefixes: await inReflector("-j", "policy", "prefix"),
    senders: await inReflector("-j", "policy", "neighbor"),
    neighbours: neighbours.map(({ conf, state }) => [conf, state.session_state, state.flops]),
    container: await daemon.docker(
      ...["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", "seamless-reflector"],
    ),
  };
}

interface Sample {
  readonly rib: readonly string[];
  readonly accepted: readonly string[];
  readonly pools: readonly string[];
}

/** Looks again and again while something is done. Pools come first: what they show is younger in the other two. */
async function sampled(act: () => Promise<unknown>): Promise<Sample[]> {
  let done = false;
  const samples: Sample[] = [];
  const looking = (async () => {
    while (!done)
      samples.push({ pools: await ranges(), accepted: await accepted(), rib: await rib() });
  })();
  try {
    await act();
  } finally {
    done = true;
    await looking;
  }
  return samples;
}

/** A block of the node with two addresses in use, or with none. */
async function block(range: string, used: number): Promise<void> {
  const name = range.replace(/[./]/g, "-");
  const slots = Array.from({ length: 64 }, (_, index) => index);
  const spec = {
    cidr: range,
    affinity: "host:worker-1",
    allocations: slots.map((index) => (index < used ? 0 : null)),
    attributes: [{ handle_id: "k8s-pod-network.test", secondary: {} }],
    strictAffinity: false,
    deleted: false,
    unallocated: slots.slice(used),
  };
  const object = {
    apiVersion: "crd.projectcalico.org/v1",
    kind: "IPAMBlock",
    metadata: { name },
    spec,
  };
  await must(api, "apply", "--filename", api.file(`${name}.yaml`, stringify(object)));
}

const settles = untilWithin(100_000);

beforeAll(async () => {
  await daemon.up();
  await daemon.docker("network", "create", "--subnet", "172.16.18.0/24", "nodes");
  await api.up();
  await defineCalico(api);
  await applyAgent(api, "bird");
  await startNode(daemon, api, [oldBlock, nextBlock]);
  stack = await kubernetesStack(["docker"]);
  write({ podCidr: old });
  await up();
  await block(oldBlock, 2);
  await settles("the old block", rib, [oldBlock]);
}, 240_000);

afterAll(async () => {
  stack?.remove();
  await api.down();
  await daemon.down();
});

test("an update that is refused has changed nothing: no object, no policy, no route, no session", async () => {
  const before = await everything();
  expect(before.rib).toEqual([oldBlock]);
  write({ podCidr: next });
  const refused = await stack.pulumi("up", "--yes", "--skip-preview");
  expect(refused.code).not.toBe(0);
  expect(refused.stdout).toContain("kubernetes cannot be joined as it is; nothing was changed");
  expect(refused.stdout).toContain(
    `blocks  pool/192-168-0-0-18: ${old} of an earlier plan with 2 addresses in use; the plan says ${next}`,
  );
  expect(await everything()).toEqual(before);
}, 180_000);

test("a move accepts the new range before its pool is there, and never lets the old block go", async () => {
  const [pool] = await pools();
  write({ podCidr: [old, next], retiring: [old] });
  const samples = await sampled(up);
  expect(samples.length).toBeGreaterThan(5);
  expect(samples.filter((one) => !one.rib.includes(oldBlock))).toEqual([]);
  const early = samples.filter((one) => one.pools.includes(next) && !one.accepted.includes(next));
  expect(early).toEqual([]);
  const states = (await pools()).map(({ metadata, spec }) => [
    spec.cidr,
    spec.disabled,
    metadata.uid === pool?.metadata.uid,
  ]);
  expect(states).toEqual([
    [old, true, true],
    [next, undefined, false],
  ]);
  await settles("both blocks", rib, [oldBlock, nextBlock]);
  await stack.must("preview", "--expect-no-changes");
}, 180_000);

test("the old range goes only when it is empty, and last at the reflector", async () => {
  const before = await everything();
  write({ podCidr: next });
  expect((await stack.pulumi("up", "--yes", "--skip-preview")).code).not.toBe(0);
  expect(await everything()).toEqual(before);

  await block(oldBlock, 0);
  const kept = (await pools()).find(({ spec }) => spec.cidr === next)?.metadata.uid;
  const samples = await sampled(up);
  expect(samples.filter((one) => !one.rib.includes(nextBlock))).toEqual([]);
  expect(samples.filter((one) => !one.pools.includes(next))).toEqual([]);
  expect(await accepted()).toEqual([next]);
  expect((await pools()).map(({ metadata }) => metadata.uid)).toEqual([kept]);
  await settles("the new block alone", rib, [nextBlock]);
  await stack.must("preview", "--expect-no-changes");
}, 180_000);

/** An API that takes no new pools, as soon as it has noticed. */
async function refusePools(): Promise<void> {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name: "no-new-pools" };
  const rule = {
    apiGroups: ["crd.projectcalico.org"],
    apiVersions: ["v1"],
    operations: ["CREATE"],
    resources: ["ippools"],
  };
  const policy = {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata,
    spec: {
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: "false", message: "no new pools today" }],
    },
  };
  const binding = {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata,
    spec: { policyName: metadata.name, validationActions: ["Deny"] },
  };
  const text = [policy, binding].map((one) => stringify(one)).join("---\n");
  await must(api, "create", "--filename", api.file("refuse.yaml", text));
  const pool = stringify({
    apiVersion: "crd.projectcalico.org/v1",
    kind: "IPPool",
    metadata: { name: "try" },
    spec: { cidr: "10.9.0.0/24" },
  });
  const create = ["create", "--dry-run=server", "--filename", api.file("try.yaml", pool)];
  await waitFor({ what: "the policy to refuse", timeoutMs: 30_000 }, async () => {
    const { stdout, stderr } = await api.kubectl(...create);
    return stderr.includes("no new pools today")
      ? { done: true, value: undefined }
      : { done: false, seen: stdout };
  });
}

async function allowPools(): Promise<void> {
  const kind = "validatingadmissionpolic";
  await must(api, "delete", `${kind}ybindings,${kind}ies`, "no-new-pools");
}

test("where the move stops in the middle, both ranges are accepted, and the next update goes on or back", async () => {
  await block(nextBlock, 2);
  write({ podCidr: [next, third], retiring: [next] });
  await refusePools();
  const stopped = await stack.pulumi("up", "--yes", "--skip-preview");
  expect(stopped.code).not.toBe(0);
  expect(stopped.stdout).toContain("no new pools today");
  expect(await ranges()).toEqual([next]);
  expect(await accepted()).toEqual([third, next].sort());
  expect(await rib()).toEqual([nextBlock]);

  // Taken back, the reflector is as narrow as before.
  write({ podCidr: next });
  await up();
  expect([await accepted(), await ranges(), await rib()]).toEqual([[next], [next], [nextBlock]]);
  await stack.must("preview", "--expect-no-changes");

  write({ podCidr: [next, third], retiring: [next] });
  expect((await stack.pulumi("up", "--yes", "--skip-preview")).code).not.toBe(0);
  await allowPools();
  const samples = await sampled(up);
  expect(samples.filter((one) => !one.rib.includes(nextBlock))).toEqual([]);
  expect(samples.filter((one) => !one.accepted.includes(third))).toEqual([]);
  expect(await ranges()).toEqual([third, next].sort());
  await stack.must("preview", "--expect-no-changes");
}, 180_000);
