import { z } from "zod";
import { type BlockState, bgpDefaults, type PeerState, type PoolState } from "../../inspect/state";
import { type Kubectl, refusal } from "../kubectl";
import { nodeAddress, nodeObject } from "../nodes";
import type { CalicoState, ClusterState } from "./state";

const group = "crd.projectcalico.org";

const object = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    managedFields: z
      .array(
        z.object({
          manager: z.string().default(""),
          fieldsV1: z
            .object({ "f:spec": z.record(z.string(), z.unknown()).default({}) })
            .default({ "f:spec": {} }),
        }),
      )
      .default([]),
  }),
  spec: z.record(z.string(), z.unknown()).default({}),
  status: z.record(z.string(), z.unknown()).default({}),
});

type KubernetesObject = z.infer<typeof object>;

const poolSpec = z.object({
  cidr: z.string(),
  blockSize: z.number().default(26),
  ipipMode: z.string().default("Never"),
  vxlanMode: z.string().default("Never"),
  natOutgoing: z.boolean().default(false),
  disabled: z.boolean().default(false),
});
const blockSpec = z.object({
  cidr: z.string(),
  affinity: z.string().nullish(),
  deleted: z.boolean().default(false),
  allocations: z.array(z.number().nullable()).optional(),
});
const bgpSpec = z.object({
  asNumber: z.number().default(bgpDefaults.asn),
  nodeToNodeMeshEnabled: z.boolean().default(bgpDefaults.mesh),
});
const peerSpec = z.object({
  peerIP: z.string().optional(),
  peerSelector: z.string().optional(),
  asNumber: z.number().optional(),
});
const agentSpec = z.object({
  template: z.object({
    spec: z.object({
      containers: z.array(
        z.object({
          name: z.string(),
          image: z.string().default(""),
          env: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]),
        }),
      ),
    }),
  }),
});
const definitionSpec = z.object({ names: z.object({ kind: z.string() }) });
const rangeSpec = z.object({ cidrs: z.array(z.string()).default([]) });

/**
 * Reads what matters of a cluster, and changes nothing.
 * @throws SeamlessError when the API does not answer or refuses to say
 */
export async function readCluster(kubectl: Kubectl): Promise<ClusterState> {
  const nodes = await list(kubectl, ["nodes"]);
  const [ranges, policies, definitions] = [
    await optional(kubectl, ["servicecidrs"]),
    await list(kubectl, ["networkpolicies.networking.k8s.io", "--all-namespaces"]),
    await list(kubectl, ["customresourcedefinitions"]),
  ];
  const served = new Map(
    definitions.map(({ metadata, spec }) => [metadata.name, definitionSpec.parse(spec).names.kind]),
  );
  return {
    nodes: Object.fromEntries(
      nodes.map((node) => [node.metadata.name, nodeAddress(nodeObject.parse(node)) ?? ""]),
    ),
    serviceCidr: ranges
      .flatMap(({ spec }) => rangeSpec.parse(spec).cidrs)
      .find((range) => range.includes(".")),
    networkPolicies: policies.length,
    calico: served.has(`ippools.${group}`) ? await readCalico(kubectl, served) : undefined,
  };
}

async function readCalico(
  kubectl: Kubectl,
  served: ReadonlyMap<string, string>,
): Promise<CalicoState | undefined> {
  const agents = await list(kubectl, [
    "daemonsets",
    "--all-namespaces",
    "-l",
    "k8s-app=calico-node",
  ]);
  const [agent] = agents.flatMap(({ spec }) => agentSpec.parse(spec).template.spec.containers);
  if (agent === undefined) return undefined;
  const kinds = ["ippools", "bgpconfigurations", "bgppeers", "ipamblocks"]
    .map((kind) => `${kind}.${group}`)
    .filter((kind) => served.has(kind));
  const found = await list(kubectl, [kinds.join(","), "--show-managed-fields"]);
  const of = (kind: string) => found.filter((one) => one.kind === kind);
  const api = await kubectl(["get", "--raw", "/apis/projectcalico.org/v3"]);
  const bgp = of("BGPConfiguration").find(({ metadata }) => metadata.name === "default");
  const { asNumber, nodeToNodeMeshEnabled } = bgpSpec.parse(bgp?.spec ?? {});
  return {
    version: agent.image.split(":").at(-1) ?? "",
    backend: agent.env.find(({ name }) => name === "CALICO_NETWORKING_BACKEND")?.value ?? "bird",
    kinds: [...served].flatMap(([name, kind]) => (name.endsWith(`.${group}`) ? [kind] : [])).sort(),
    api: api.code === 0,
    operator: served.has("installations.operator.tigera.io"),
    pools: of("IPPool").map(pool),
    blocks: of("IPAMBlock").flatMap(block),
    bgp: {
      asn: asNumber,
      mesh: nodeToNodeMeshEnabled,
      setBy: bgp === undefined ? [] : managers(bgp, ["asNumber", "nodeToNodeMeshEnabled"]),
    },
    peers: of("BGPPeer").map(peer),
  };
}

function pool(found: KubernetesObject): PoolState {
  const { metadata, spec } = found;
  return {
    name: metadata.name,
    ...poolSpec.parse(spec),
    managedBy: metadata.labels["app.kubernetes.io/managed-by"],
    setBy: managers(found, ["disabled", "ipipMode", "natOutgoing", "vxlanMode"]),
  };
}

/** Who has set fields of the specification, as the API keeps it ("Field management"), but for ourselves. */
function managers({ metadata }: KubernetesObject, fields: readonly string[]): string[] {
  const others = metadata.managedFields.filter(
    ({ manager, fieldsV1 }) =>
      !manager.startsWith("pulumi-kubernetes") &&
      fields.some((field) => `f:${field}` in fieldsV1["f:spec"]),
  );
  return [...new Set(others.map(({ manager }) => manager))].sort();
}

function block({ spec }: KubernetesObject): BlockState[] {
  const { cidr, affinity, deleted, allocations } = blockSpec.parse(spec);
  if (deleted) return [];
  const used = allocations?.filter((one) => one !== null).length;
  const node = (affinity ?? "").replace(/^host:/, "");
  return [{ cidr, node, ...(used === undefined ? {} : { used }) }];
}

function peer({ metadata, spec }: KubernetesObject): PeerState {
  const { peerIP, peerSelector, asNumber } = peerSpec.parse(spec);
  return { name: metadata.name, peer: peerIP ?? peerSelector ?? "", asn: asNumber };
}

/** Objects of kinds that older clusters do not have. */
async function optional(kubectl: Kubectl, what: readonly string[]): Promise<KubernetesObject[]> {
  const result = await kubectl(["get", ...what, "-o", "json"]);
  return result.code === 0 ? parse(result.stdout) : [];
}

async function list(kubectl: Kubectl, what: readonly string[]): Promise<KubernetesObject[]> {
  const result = await kubectl(["get", ...what, "-o", "json"]);
  if (result.code === 0) return parse(result.stdout);
  throw refusal(kubectl, ["get", ...what], result);
}

function parse(text: string): KubernetesObject[] {
  return z.object({ items: z.array(object) }).parse(JSON.parse(text)).items;
}
