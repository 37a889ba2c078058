import { mkdtempSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { makePlan, parseStackConfig } from "../../components/kinds/planning";
import { type ExecResult, exec } from "../../util/exec";
import { OwnCluster } from "../helpers/own-cluster";
import { stacksOf } from "../helpers/readme";

/**
 * The README's "Use it on your own clusters", step by step, by somebody with a kubeconfig, a Docker host on the node
 * network, and nothing else. What was asked and answered goes to the file that SEAMLESS_TRANSCRIPT names, if any.
 */
const project = resolve(__dirname, "..", "..");
const state = mkdtempSync(join(tmpdir(), "seamless-own-"));
const stack = "test";
const file = join(project, `Pulumi.${stack}.yaml`);
const minutes = 60_000;
const coes = ["config", "seamless:coes"];

const nodes = {
  "control-1": { address: "10.1.0.11", role: "controller" },
  "worker-1": { address: "10.1.0.21", role: "worker" },
  "worker-2": { address: "10.1.0.22", role: "worker" },
};

const [readme = ""] = stacksOf(readFileSync(join(project, "README.md"), "utf8"));
const document = parseDocument(readme);
const plan = makePlan(parseStackConfig(readme, "README.md", { readNodes: () => nodes }));
const { kubernetes } = plan.coes;
if (kubernetes === undefined) throw new Error("no kubernetes in the README");
const cluster = new OwnCluster("test", state, kubernetes, "10.1.0.0/24");
const transcript: string[] = [];

async function set(...changes: readonly (readonly [path: readonly string[], value: unknown])[]) {
  for (const [path, value] of changes) document.setIn(path, value);
  const salt = parseDocument(await exec(["cat", file]).then(({ stdout }) => stdout)).get(
    "encryptionsalt",
  );
  if (salt !== undefined) document.set("encryptionsalt", salt);
  await writeFile(file, document.toString());
}

/** Runs a command of the README, in its words. */
async function run(command: string, timeoutMs = 5 * minutes): Promise<ExecResult> {
  const [program = "", ...args] = command.split(" ");
  const path = { pulumi: "node_modules/.bin/pulumi" }[program] ?? program;
  const result = await exec([join(project, path), ...args], {
    cwd: project,
    timeoutMs,
    env: { SEAMLESS_STATE: state, NO_COLOR: "1", PULUMI_STACK: undefined },
  });
  transcript.push(`$ ${command}\n${result.stdout}${result.stderr}`);
  return result;
}

const ended = (code: number, result: ExecResult) => {
  if (result.code !== code)
    throw new Error(`exit code ${result.code} instead of ${code}\n${transcript.at(-1)}`);
  return result.stdout;
};

beforeAll(() => cluster.make(), 25 * minutes);

afterAll(async () => {
  await exec(
    [join(project, "node_modules/.bin/pulumi"), "stack", "rm", "--yes", "--force", stack],
    {
      cwd: project,
      env: { SEAMLESS_STATE: state },
    },
  );
  await cluster.remove();
  await rm(file, { force: true });
  await rm(state, { recursive: true, force: true });
  const { SEAMLESS_TRANSCRIPT } = process.env;
  if (SEAMLESS_TRANSCRIPT) await writeFile(SEAMLESS_TRANSCRIPT, transcript.join("\n"));
}, 5 * minutes);

test("step 2: the README's configuration, with the names of this place", async () => {
  await set(
    [[...coes, "kubernetes", "access"], { kubeconfig: cluster.kubeconfig, context: "prod" }],
    [[...coes, "dcos", "deploy"], false],
    [
      ["config", "seamless:reflectors", "rr-1"],
      {
        kind: "gobgp",
        address: "10.1.0.10",
        dockerHost: cluster.dockerHost,
        network: cluster.network,
      },
    ],
  );
});

test(
  "step 3: the plan has the cluster's nodes, and inspection says what is in the way",
  async () => {
    const shown = ended(0, await run(`bin/seamless plan --stack ${stack}`));
    for (const node of Object.keys(nodes)) expect(shown).toContain(`kubernetes/${node}`);
    for (const what of ["calico", "gobgp"])
      ended(0, await run(`bin/seamless render ${what} --stack ${stack}`));
    const inspect = `bin/seamless inspect --stack ${stack} --coe kubernetes`;
    expect(ended(1, await run(inspect))).toContain("set coes.kubernetes.pool: default-ipv4-ippool");
    await set([[...coes, "kubernetes", "pool"], "default-ipv4-ippool"]);
    expect(ended(0, await run(inspect))).toContain("0 in the way");
  },
  2 * minutes,
);

test(
  "steps 4 and 5: preview and up, and everything agrees",
  async () => {
    ended(0, await run(`pulumi stack init ${stack} --non-interactive`));
    ended(0, await run(`pulumi preview -s ${stack} --non-interactive`));
    ended(0, await run(`pulumi up -s ${stack} --yes --non-interactive`, 10 * minutes));
    const report = ended(0, await run(`bin/seamless verify --stack ${stack} --wait 120s`));
    expect(report).toMatch(/^ok +fib\/kubernetes\/worker-1: \d+ routes proto bird/m);
    expect(report).toMatch(/^\d+ checks passed, 0 failed/m);
  },
  15 * minutes,
);

test(
  "the probe of the README's words runs from busybox, and answers with the client's address",
  async () => {
    await set([[...coes, "kubernetes", "probe"], { image: "localhost/seamless/probe:1" }]);
    ended(0, await run(`pulumi up -s ${stack} --yes --non-interactive`, 10 * minutes));
    const list = ["get", "pods", "--namespace=seamless", "--output=json"];
    const { items } = JSON.parse(await cluster.kubectl(list));
    const [from, to] = items;
    const url = `http://${to.status.podIP}:8080/`;
    const get = ["exec", "--namespace=seamless", from.metadata.name, "--", "/bin/busybox", "wget"];
    expect(JSON.parse(await cluster.kubectl([...get, "-qO-", url]))).toEqual({
      server: to.metadata.name,
      client: from.status.podIP,
    });
  },
  15 * minutes,
);

test(
  "destroy leaves the cluster with its own pool and mesh",
  async () => {
    const kept = join(state, "before.json");
    ended(0, await run(`pulumi stack export -s ${stack} --show-secrets --file ${kept}`));
    const gone = `bin/seamless verify --gone --outputs ${kept}`;
    // While the stack is up, each of these is left.
    const up = ended(1, await run(gone));
    for (const what of [
      "reflector/rr-1",
      "object/kubernetes",
      "found/kubernetes",
      "peer/kubernetes/worker-1",
    ])
      expect(up).toContain(`FAIL gone/${what}: `);
    ended(0, await run(`pulumi destroy -s ${stack} --yes --non-interactive`, 10 * minutes));
    const report = ended(0, await run(gone));
    expect(report).toContain(
      "ok   gone/found/kubernetes: IPPool/default-ipv4-ippool, BGPConfiguration/default as before",
    );
    expect(report).toMatch(/^9 checks passed, 0 failed/m);
    const get = async (kind: string) =>
      JSON.parse(await cluster.kubectl(["get", `${kind}.crd.projectcalico.org`, "--output=json"]))
        .items;
    const pools = await get("ippools");
    expect(pools.map((pool: { metadata: { name: string } }) => pool.metadata.name)).toEqual([
      "default-ipv4-ippool",
    ]);
    expect(pools[0].spec).toMatchObject({ ipipMode: "Always", natOutgoing: true });
    expect(await get("bgppeers")).toEqual([]);
    for (const { spec } of await get("bgpconfigurations"))
      expect(spec?.nodeToNodeMeshEnabled ?? true).toBe(true);
  },
  15 * minutes,
);
