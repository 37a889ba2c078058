import { join } from "node:path";
import { stringify } from "yaml";
import { type Kubectl, withKubectl } from "../../components/cluster/kubectl";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { inspect } from "../../components/kubernetes/inspect";
import { applyNodeAs, removeNodeAs } from "../../components/kubernetes/node-as";
import { calicoPlan } from "../../components/speakers/calico/objects";
import { exec } from "../../util/exec";
import { KubeApi } from "../helpers/kube-api";
import { applyAgent, defineCalico, must, root } from "../helpers/kube-stack";

const api = new KubeApi();
const said: string[] = [];
const options = { say: (message: string) => said.push(message), timeoutMs: 500 };
const withApi = <T>(use: (kubectl: Kubectl) => Promise<T>) =>
  withKubectl(api.kubeconfig, undefined, use);

/** The reflector is in the network's AS. */
const planOf = (asn: number, nodes: Readonly<Record<string, object>>) =>
  makePlan(
    parseConfig({
      network: { supernet: "10.64.0.0/10", nodes: "192.0.2.0/24", asn },
      reflectors: { rr: { kind: "gobgp", address: "192.0.2.1" } },
      coes: {
        k: {
          kind: "kubernetes",
          podCidr: "10.64.0.0/16",
          policy: "open",
          access: { kubeconfig: api.kubeconfigFile },
          nodes,
        },
      },
    }),
  );
const calicoOf = (asn: number, nodes: Readonly<Record<string, object>>) =>
  calicoPlan(planOf(asn, nodes), "k");

const nodes = {
  "w-1": { address: "192.0.2.11" },
  "w-2": { address: "192.0.2.12", asn: 4200000001 },
  "w-3": { address: "192.0.2.13", asn: 64602 },
};

async function annotations(): Promise<Record<string, string | undefined>> {
  const { stdout } = await api.kubectl("get", "nodes", "-o", "json");
  const { items }: { items: { metadata: { name: string; annotations?: object } }[] } =
    JSON.parse(stdout);
  return Object.fromEntries(
    items.map(({ metadata }) => [
      metadata.name,
      Object.entries(metadata.annotations ?? {}).find(
        ([key]) => key === "projectcalico.org/ASNumber",
      )?.[1],
    ]),
  );
}

beforeAll(async () => {
  await api.up();
  await defineCalico(api);
  await applyAgent(api, "bird");
  const objects = Object.keys(nodes).map((name) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      ...(name === "w-3" ? { annotations: { "projectcalico.org/ASNumber": "64999" } } : {}),
    },
  }));
  const file = api.file("nodes.yaml", objects.map((one) => stringify(one)).join("---\n"));
  await must(api, "create", "--filename", file);
}, 120_000);

afterAll(() => api.down(), 30_000);

test("nodes get their AS by the annotation, and give it back as it was", async () => {
  const { asn, nodes: wanted = {} } = calicoOf(64511, nodes);
  const input = { asn, nodes: { ...wanted } };
  const given = await withApi((kubectl) => applyNodeAs(kubectl, input, {}, options));
  expect(given).toEqual({ "w-2": { set: 4200000001 }, "w-3": { set: 64602, before: "64999" } });
  expect(await annotations()).toEqual({ "w-1": undefined, "w-2": "4200000001", "w-3": "64602" });
  expect(await withApi((kubectl) => applyNodeAs(kubectl, input, given, options))).toEqual(given);
  await withApi((kubectl) => removeNodeAs(kubectl, given, options));
  expect(await annotations()).toEqual({ "w-1": undefined, "w-2": undefined, "w-3": "64999" });
});

test("the steps hand on what they have set, and give it back", async () => {
  const { asn, nodes: wanted } = calicoOf(64511, nodes);
  const step = async (name: string, previous?: string) => {
    const { code, stdout, stderr } = await exec([join(root, "bin", "seamless"), "internal", name], {
      input: JSON.stringify({ asn, nodes: wanted, context: "test" }),
      env: { SEAMLESS_KUBECONFIG: api.kubeconfig, PULUMI_COMMAND_STDOUT: previous },
    });
    expect(code).toBe(0);
    return { stdout, said: stderr.trim().split("\n") };
  };
  const made = await step("kubernetes-node-as");
  expect(JSON.parse(made.stdout)).toEqual({
    "w-2": { set: 4200000001 },
    "w-3": { set: 64602, before: "64999" },
  });
  expect(made.said).toEqual(["w-2: AS 64511 of all -> 4200000001", "w-3: AS 64999 -> 64602"]);
  const removed = await step("kubernetes-node-as-delete", made.stdout);
  expect(removed.said).toEqual(["w-2: AS 4200000001 -> that of all", "w-3: AS 64602 -> 64999"]);
  expect(await annotations()).toEqual({ "w-1": undefined, "w-2": undefined, "w-3": "64999" });
});

test("a node that is not there is not made, but named", async () => {
  const more = { ...nodes, "w-4": { address: "192.0.2.14", asn: 64603 } };
  const { asn, nodes: wanted = {} } = calicoOf(64511, more);
  await expect(
    withApi((kubectl) => applyNodeAs(kubectl, { asn, nodes: { ...wanted } }, {}, options)),
  ).rejects.toThrow("no node w-4 (AS 64603)");
  expect(Object.keys(await annotations())).toEqual(["w-1", "w-2", "w-3"]);
});

test("an AS above 2147483647 is tried by the server, whose word counts", async () => {
  const plan = planOf(4200000001, { "w-1": { address: "192.0.2.11" } });
  const { k } = plan.coes;
  if (k === undefined) throw new Error("no k in the plan");
  const judged = async () => {
    const { findings } = await withApi((kubectl) => inspect(kubectl, k, calicoPlan(plan, "k")));
    return findings.filter(({ id }) => id.startsWith("as/"));
  };
  expect(await judged()).toEqual([]);
  expect((await api.kubectl("get", "bgppeers,bgpconfigurations", "-o", "name")).stdout).toBe("");
  // What servers say that mind the format is what they say of a limit.
  const path =
    "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/asNumber/maximum";
  const limit = JSON.stringify([{ op: "add", path, value: 2147483647 }]);
  for (const kind of ["bgpconfigurations", "bgppeers"])
    await must(api, "patch", "crd", `${kind}.crd.projectcalico.org`, "--type=json", "-p", limit);
  const found = await judged();
  expect(found.map(({ level, id }) => [level, id])).toEqual([
    ["blocks", "as/BGPConfiguration/default"],
    ["blocks", "as/BGPPeer/192-0-2-1"],
  ]);
  expect(found[0]?.found).toMatch(
    /^AS 4200000001 for BGPConfiguration default: The BGPConfiguration "default" is invalid: .*spec\.asNumber/,
  );
});
