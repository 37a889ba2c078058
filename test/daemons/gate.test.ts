import { join } from "node:path";
import { upOrBack } from "../../cli/commands/up";
import { gobgpApi } from "../../components/reflector/gobgp/container";
import { waitFor } from "../../util/wait";
import { TestDocker } from "../helpers/dockerd";
import type { TestStack } from "../helpers/engine";
import { KubeApi } from "../helpers/kube-api";
import { applyAgent, defineCalico, kubernetesStack } from "../helpers/kube-stack";
import { orderedProgram, startNode } from "../helpers/ordered-stack";

/*
 * The gate with the real engine, a real reflector and a real API server: an update whose gate refuses stops before it narrows,
 * and goes back where it is told to.
 */

const [old, next, block] = ["192.168.0.0/18", "192.168.64.0/18", "192.168.1.0/26"];
const daemon = new TestDocker();
const api = new KubeApi();
let stack: TestStack;

/** The ranges that the reflector accepts from the node. */
async function accepted(): Promise<string[]> {
  const gobgp = ["exec", "seamless-reflector", "gobgp", "--target", gobgpApi];
  const sets: { prefixes: { ip_prefix: string }[] }[] = JSON.parse(
    await daemon.docker(...gobgp, "-j", "policy", "prefix"),
  );
  // Each of them with two lengths: blocks, and borrowed addresses.
  const all = sets.flatMap(({ prefixes }) => prefixes.map((one) => one.ip_prefix));
  return [...new Set(all)].sort();
}

async function pools(): Promise<string[]> {
  const { items }: { items: { spec: { cidr: string } }[] } = JSON.parse(
    (await api.kubectl("get", "ippools", "-o", "json")).stdout,
  );
  return items.map(({ spec }) => spec.cidr).sort();
}

async function sessionIs(state: RegExp): Promise<void> {
  const gobgp = ["exec", "seamless-reflector", "gobgp", "--target", gobgpApi, "neighbor"];
  await waitFor({ what: `a session that is ${state}`, timeoutMs: 120_000 }, async () => {
    const seen = await daemon.docker(...gobgp);
    return state.test(seen) ? { done: true, value: undefined } : { done: false, seen };
  });
}

/** Writes the ranges into the stack's configuration. */
async function configure(ranges: readonly string[], retiring: readonly string[]): Promise<void> {
  const set = (path: string, value: string) =>
    stack.must("config", "set", "--path", `seamless:kubernetes.${path}`, value);
  await stack.must("config", "rm", "seamless:kubernetes").catch(() => undefined);
  for (const [at, range] of ranges.entries()) await set(`podCidr[${at}]`, range);
  for (const [at, range] of retiring.entries()) await set(`retiring[${at}]`, range);
}

/** The engine as `seamless up` runs it. */
function engine(printed: string[]) {
  return {
    run: async (args: readonly string[], env: Readonly<Record<string, string>>) => {
      const { code, stdout, stderr } = await stack.pulumiWith(env, ...args);
      printed.push(`${stdout}${stderr}`);
      return code;
    },
    read: (args: readonly string[]) => stack.must(...args),
  };
}

beforeAll(async () => {
  process.env.SEAMLESS_GATE_SECONDS = "5";
  await daemon.up();
  await daemon.docker("network", "create", "--subnet", "172.16.18.0/24", "nodes");
  await api.up();
  await defineCalico(api);
  await applyAgent(api, "bird");
  await startNode(daemon, api, [block]);
  stack = await kubernetesStack(["docker"]);
  const changes = 'settings.requireObject("kubernetes")';
  stack.write("index.ts", orderedProgram(daemon, api, changes, true));
  await configure([old], []);
  await stack.must("up", "--yes", "--skip-preview");
  await sessionIs(/Establ/);
}, 300_000);

afterAll(async () => {
  delete process.env.SEAMLESS_GATE_SECONDS;
  stack?.remove();
  await api.down();
  await daemon.down();
});

test("a gate that refuses stops before anything is narrowed, and names the check", async () => {
  await daemon.docker("stop", "node");
  await sessionIs(/ Active| Idle| Connect/);
  await configure([old, next], [old]);
  const { code, stdout } = await stack.pulumi("up", "--yes", "--skip-preview");
  expect(code).not.toBe(0);
  expect(stdout).toContain(
    "1 of 1 checks do not pass after the COEs have moved, so nothing was narrowed:",
  );
  expect(stdout).toContain("session/reflector/kubernetes/worker-1: ");
  expect(await accepted()).toEqual([old, next]);
  expect(await pools()).toEqual([old, next]);
}, 300_000);

test("seamless up goes back to the last update that went well, though the session is still down", async () => {
  const [printed, said]: [string[], string[]] = [[], []];
  const file = join(stack.folder, "Pulumi.test.yaml");
  const code = await upOrBack(engine(printed), "test", file, (text) => said.push(text));
  expect([code, printed.length]).toEqual([1, 2]);
  expect(said[0]).toMatch(/^the gate refused; going back to the configuration of \d{4}-/);
  expect(said[1]).toContain("session/reflector/kubernetes/worker-1: ");
  expect(said[1]).toMatch(/the stack is back on .*Pulumi\.test\.yaml still has the change$/);
  expect(await accepted()).toEqual([old]);
  expect(await pools()).toEqual([old]);
  expect(stack.read("Pulumi.test.yaml")).toContain(next);
}, 240_000);

test("with the session there again the same update goes through its gate", async () => {
  await daemon.docker("start", "node");
  await sessionIs(/Establ/);
  const [printed, said]: [string[], string[]] = [[], []];
  const file = join(stack.folder, "Pulumi.test.yaml");
  const code = await upOrBack(engine(printed), "test", file, (text) => said.push(text));
  expect([code, said]).toEqual([0, []]);
  expect(await pools()).toEqual([old, next]);
}, 300_000);
