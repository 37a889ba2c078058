import { z } from "zod";
import { together } from "../../../util/together";
import type { Kubectl } from "../../cluster/kubectl";
import {
  type KubernetesObject,
  list,
  madeByStack,
  managers,
  optional,
} from "../../cluster/objects";
import type { BlockState, NodeState } from "../../speakers/calico/inspect/state";
import {
  bgpOf,
  makesHostEndpoints,
  type Provenance,
  peerOf,
  poolOf,
} from "../../speakers/calico/inspect/v3";
import {
  agentContainer,
  backendOf,
  configMapNames,
  type InstallationSpec,
  installationSpec,
  ipamOf,
  ipv6Of,
  usesBpf,
} from "./agent";
import { definitionFields } from "./definitions";
import { readPolicies } from "./policies";
import type { Agent } from "./read";
import type { CalicoState } from "./state";

/** Where Calico keeps its objects. */
export const kinds = {
  /** As definitions behind an API server of its own, or behind none. */
  group: "crd.projectcalico.org",
  /** What that API server serves; with definitions of this group there is none. */
  api: "projectcalico.org",
  nativeGroup: "projectcalico.org/v3",
} as const;

/** What the plan makes, by the plural of the kind. */
const planned = [
  ...["bgpconfigurations", "bgpfilters", "bgppeers", "globalnetworkpolicies"],
  ...["globalnetworksets", "ippools", "tiers"],
];

/** What is looked at beside that. */
const beside = [
  "felixconfigurations",
  "hostendpoints",
  "ipamblocks",
  "kubecontrollersconfigurations",
];

const blockSpec = z.looseObject({
  cidr: z.string(),
  affinity: z.string().nullish(),
  deleted: z.boolean().nullish(),
  allocations: z.array(z.number().nullable()).nullish(),
});
const felixSpec = z.looseObject({
  bpfEnabled: z.boolean().nullish(),
  ipv6Support: z.boolean().nullish(),
});

/** Reads Calico's own objects. */
export async function readCalico(
  kubectl: Kubectl,
  served: ReadonlySet<string>,
  agent: Agent,
  nodes: readonly NodeState[],
): Promise<CalicoState> {
  const named = (plurals: readonly string[]) =>
    plurals.map((plural) => `${plural}.${kinds.group}`).filter((name) => served.has(name));
  const [found, definitions, installation, native] = await together(
    list(kubectl, [named([...planned, ...beside]).join(","), "--show-managed-fields"]),
    list(kubectl, ["customresourcedefinitions", ...named(planned)]),
    readInstallation(kubectl, served),
    kubectl(["get", "--raw", `/apis/${kinds.nativeGroup}`]),
  );
  const of = (kind: string) => found.filter((one) => one.kind === kind);
  const [felix] = of("FelixConfiguration").filter(({ metadata }) => metadata.name === "default");
  const configurations = of("BGPConfiguration");
  const bgp = configurations.find(({ metadata }) => metadata.name === "default");
  return {
    ...(await readAgent(kubectl, agent, felix, installation)),
    agent: { namespace: agent.namespace, account: agent.spec.template.spec.serviceAccountName },
    clusterRouting: installation?.calicoNetwork?.clusterRoutingMode ?? undefined,
    definitions: Object.fromEntries(definitions.map(({ spec }) => definitionFields(spec))),
    api: native.code === 0,
    operator: served.has("installations.operator.tigera.io"),
    operatorPools: (installation?.calicoNetwork?.ipPools ?? []).map(({ cidr }) => cidr),
    pools: of("IPPool").map((pool) =>
      poolOf(stored(pool), pool.metadata.labels["app.kubernetes.io/managed-by"], {
        ...provenance(pool, ["disabled", "ipipMode", "natOutgoing", "vxlanMode"]),
      }),
    ),
    blocks: of("IPAMBlock").flatMap(block),
    bgp: bgpOf(configurations.map(stored), bgp === undefined ? [] : managers(bgp, bgpFields)),
    peers: of("BGPPeer").map((peer) => peerOf(stored(peer), madeByStack(peer))),
    ...(await readPolicies(kubectl, served, of("GlobalNetworkPolicy"))),
    tiers: of("Tier").map(({ metadata, spec }) => ({
      name: metadata.name,
      order: typeof spec.order === "number" ? spec.order : undefined,
    })),
    hostEndpoints: {
      names: of("HostEndpoint").map(({ metadata }) => metadata.name),
      automatic: of("KubeControllersConfiguration").map(stored).some(makesHostEndpoints),
    },
    taken: found
      .filter(({ kind }) => takenKinds.includes(kind))
      .map((one) => ({ kind: one.kind, ...stored(one), ours: madeByStack(one) })),
    nodes,
  };
}

const bgpFields = [
  ...["asNumber", "nodeToNodeMeshEnabled", "serviceClusterIPs", "serviceExternalIPs"],
  "serviceLoadBalancerIPs",
];

/** Kinds whose objects have names that the plan could give its own; pools, peers and BGP are looked at by themselves. */
const takenKinds = ["BGPFilter", "GlobalNetworkPolicy", "GlobalNetworkSet", "Tier"];

function stored({ metadata, spec }: KubernetesObject) {
  return { name: metadata.name, spec };
}

function provenance(found: KubernetesObject, fields: readonly string[]): Provenance {
  return { setBy: managers(found, fields), ours: madeByStack(found) };
}

async function readInstallation(kubectl: Kubectl, served: ReadonlySet<string>) {
  if (!served.has("installations.operator.tigera.io")) return undefined;
  const all = await optional(kubectl, ["installations.operator.tigera.io"]);
  const [one] = all.filter(({ metadata }) => metadata.name === "default");
  return one === undefined ? undefined : installationSpec.parse(one.spec);
}

async function readAgent(
  kubectl: Kubectl,
  { namespace, spec }: Agent,
  felix: KubernetesObject | undefined,
  installation: InstallationSpec | undefined,
): Promise<Pick<CalicoState, "version" | "backend" | "ipam" | "ipv6" | "dataplane">> {
  const names = configMapNames(spec);
  const maps = await Promise.all(
    names.map(async (name) => {
      const [map] = await optional(kubectl, ["configmaps", name, "--namespace", namespace]);
      return [name, map?.data ?? {}] as const;
    }),
  );
  const known = Object.fromEntries(maps);
  const container = agentContainer(spec);
  return {
    version: /:([^:@/]+)(@|$)/.exec(container?.image ?? "")?.[1] ?? "of unknown version",
    backend:
      container === undefined
        ? { name: "unknown", from: "no container calico-node" }
        : backendOf(container, known, installation),
    ipam: ipamOf(spec, known, installation),
    ipv6: ipv6Of(
      spec,
      known,
      (felix === undefined ? undefined : felixSpec.parse(felix.spec).ipv6Support) ?? undefined,
    ),
    dataplane:
      container !== undefined && usesBpf(container, known)
        ? "BPF"
        : dataplaneOf(felix, installation),
  };
}

function dataplaneOf(
  felix: KubernetesObject | undefined,
  installation: InstallationSpec | undefined,
): string | undefined {
  if (felix !== undefined && felixSpec.parse(felix.spec).bpfEnabled === true) return "BPF";
  const chosen = installation?.calicoNetwork?.linuxDataplane ?? "Iptables";
  return chosen === "Iptables" ? undefined : chosen;
}

function block({ spec }: KubernetesObject): BlockState[] {
  const { cidr, affinity, deleted, allocations } = blockSpec.parse(spec);
  if (deleted) return [];
  const used = allocations?.filter((one) => one !== null).length;
  const node = (affinity ?? "").replace(/^host:/, "");
  return [{ cidr, node, ...(used === undefined ? {} : { used }) }];
}
