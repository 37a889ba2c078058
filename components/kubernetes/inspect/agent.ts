/** What Calico's agent is told, wherever that is written: its DaemonSet, ConfigMaps, the operator's Installation. */
import { z } from "zod";
import type { BackendState, IpamState, Ipv6State } from "./state";

const source = z.looseObject({ name: z.string().default(""), key: z.string().default("") });
const container = z.looseObject({
  name: z.string(),
  image: z.string().default(""),
  env: z
    .array(
      z.looseObject({
        name: z.string(),
        value: z.string().nullish(),
        valueFrom: z.looseObject({ configMapKeyRef: source.nullish() }).nullish(),
      }),
    )
    .nullish()
    .transform((list) => list ?? []),
  envFrom: z
    .array(
      z.looseObject({ configMapRef: z.looseObject({ name: z.string().default("") }).nullish() }),
    )
    .nullish()
    .transform((list) => list ?? []),
  readinessProbe: z
    .looseObject({
      exec: z.looseObject({ command: z.array(z.string()).nullish() }).nullish(),
    })
    .nullish(),
});

/** Specification of the DaemonSet, as far as it tells something. */
export const agentSpec = z.looseObject({
  selector: z
    .looseObject({ matchLabels: z.record(z.string(), z.string()).default({}) })
    .prefault({}),
  template: z.looseObject({
    spec: z.looseObject({
      containers: z.array(container),
      serviceAccountName: z.string().default("default"),
      initContainers: z
        .array(container)
        .nullish()
        .transform((list) => list ?? []),
    }),
  }),
});

export type AgentSpec = z.output<typeof agentSpec>;
type Container = z.output<typeof container>;

/** Data of the ConfigMaps in the DaemonSet's namespace, by name. */
export type ConfigMaps = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const installationSpec = z.looseObject({
  calicoNetwork: z
    .looseObject({
      bgp: z.string().nullish(),
      linuxDataplane: z.string().nullish(),
      clusterRoutingMode: z.string().nullish(),
      ipPools: z.array(z.looseObject({ cidr: z.string().default("") })).nullish(),
    })
    .nullish(),
  cni: z
    .looseObject({
      type: z.string().nullish(),
      ipam: z.looseObject({ type: z.string().nullish() }).nullish(),
    })
    .nullish(),
  kubernetesProvider: z.string().nullish(),
});

export type InstallationSpec = z.output<typeof installationSpec>;

/** The container that runs BIRD and Felix. */
export function agentContainer({ template }: AgentSpec): Container | undefined {
  return template.spec.containers.find(({ name }) => name === "calico-node");
}

/** Names of the ConfigMaps that it is told something by. */
export function configMapNames({ template }: AgentSpec): string[] {
  const { containers, initContainers } = template.spec;
  const names = [...containers, ...initContainers].flatMap(({ env, envFrom }) => [
    ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name ?? ""),
    ...envFrom.map(({ configMapRef }) => configMapRef?.name ?? ""),
  ]);
  return [...new Set(names)].filter((name) => name !== "").sort();
}

interface Found {
  /** Undefined where the variable is set from something that does not say. */
  readonly value: string | undefined;
  readonly from: string;
}

/** A variable of a container; undefined where nothing sets it. */
function variable({ env, envFrom }: Container, name: string, maps: ConfigMaps): Found | undefined {
  const entry = env.find((one) => one.name === name);
  if (entry === undefined) {
    const from = envFrom
      .map(({ configMapRef }) => configMapRef?.name ?? "")
      .find((map) => maps[map]?.[name] !== undefined);
    return from === undefined
      ? undefined
      : { value: maps[from]?.[name], from: `ConfigMap ${from}, key ${name}` };
  }
  const ref = entry.valueFrom?.configMapKeyRef;
  if (entry.valueFrom === undefined || entry.valueFrom === null)
    return { value: entry.value ?? "", from: name };
  if (ref === undefined || ref === null)
    return { value: undefined, from: `${name}, which comes from no ConfigMap` };
  return { value: maps[ref.name]?.[ref.key], from: `ConfigMap ${ref.name}, key ${ref.key}` };
}

const backendVariable = "CALICO_NETWORKING_BACKEND";

/** What programs routes; a value that is not found is `unknown`, and never what Calico's default is. */
export function backendOf(
  agent: Container,
  maps: ConfigMaps,
  installation: InstallationSpec | undefined,
): BackendState {
  const found = variable(agent, backendVariable, maps);
  const probes = agent.readinessProbe?.exec?.command ?? [];
  const probed = probes.some((word) => /bird/.test(word));
  const operator = installationBackend(installation);
  if (found?.value) {
    const name = found.value.toLowerCase();
    const against = [
      ...(name === "bird" && probes.length > 0 && !probed
        ? ["its readiness probe does not ask for BIRD"]
        : []),
      ...(name !== "bird" && probed ? ["its readiness probe asks for BIRD"] : []),
      ...(operator !== undefined && (operator === "bird") !== (name === "bird")
        ? [`the operator's Installation has bgp ${operator === "bird" ? "Enabled" : "Disabled"}`]
        : []),
    ];
    return {
      name,
      from: found.from,
      ...(against.length === 0 ? {} : { against: against.join("; ") }),
    };
  }
  if (found !== undefined)
    return { name: "unknown", from: `${found.from}, which is not there or empty` };
  if (operator !== undefined) return { name: operator, from: "the operator's Installation" };
  if (probed) return { name: "bird", from: "calico-node's readiness probe" };
  return { name: "unknown", from: `nothing sets ${backendVariable}` };
}

/** CNI plugins that the operator takes where none is written, by the provider of the cluster. */
const usualCni: Readonly<Record<string, string>> = {
  AKS: "AzureVNET",
  EKS: "AmazonVPC",
  GKE: "GKE",
};

/** Where nothing is written, the operator has BGP with Calico's own CNI plugin, but not on EKS. */
function installationBackend(installation: InstallationSpec | undefined): string | undefined {
  if (installation === undefined) return undefined;
  const { calicoNetwork, kubernetesProvider } = installation;
  const own = cniPlugin(installation) === "Calico" && kubernetesProvider !== "EKS";
  return (calicoNetwork?.bgp || (own ? "Enabled" : "Disabled")) === "Enabled"
    ? "bird"
    : "vxlan or none";
}

function cniPlugin({ cni, kubernetesProvider }: InstallationSpec): string {
  return cni?.type || (usualCni[kubernetesProvider ?? ""] ?? "Calico");
}

/** Whether Felix is told by its environment to use eBPF. */
export function usesBpf(agent: Container, maps: ConfigMaps): boolean {
  return /^true$/i.test(variable(agent, "FELIX_BPFENABLED", maps)?.value ?? "");
}

const truths = /^(true|1|yes|y|t)$/i;

/**
 * What the agent is told of IPv6. Felix takes its environment for more than its FelixConfiguration, and has IPv6 on where
 * neither says anything.
 * @param configured what the FelixConfiguration `default` says; undefined where it says nothing
 */
export function ipv6Of(
  spec: AgentSpec,
  maps: ConfigMaps,
  configured: boolean | undefined,
): Ipv6State {
  const agent = agentContainer(spec);
  const told = (name: string) =>
    agent === undefined ? undefined : variable(agent, name, maps)?.value || undefined;
  const felix = told("FELIX_IPV6SUPPORT");
  const { assigns } = cniOf(spec, maps);
  return {
    address: told("IP6"),
    felix: felix === undefined ? configured : truths.test(felix),
    assigns,
  };
}

/** What the CNI configuration says that is put onto nodes. */
function cniOf(
  { template: { spec } }: AgentSpec,
  maps: ConfigMaps,
): { readonly type?: string; readonly assigns: boolean | undefined } {
  const containers = [...spec.initContainers, ...spec.containers];
  const texts = containers.flatMap((one) => variable(one, "CNI_NETWORK_CONFIG", maps)?.value ?? []);
  const [found] = texts.flatMap((text) => ipamIn(text) ?? []);
  if (found === undefined) return { assigns: undefined };
  // calico-ipam gives IPv4 addresses alone unless it is told otherwise.
  return { type: found.type, assigns: truths.test(String(found.assign_ipv6 ?? "")) };
}

/** What gives pods their addresses: the CNI configuration that is put onto nodes says it. */
export function ipamOf(
  spec: AgentSpec,
  maps: ConfigMaps,
  installation: InstallationSpec | undefined,
): IpamState {
  const agent = agentContainer(spec);
  const usesPodCidr = agent === undefined ? undefined : variable(agent, "USE_POD_CIDR", maps);
  const podCidrs = truths.test(usesPodCidr?.value ?? "");
  const { type: written } = cniOf(spec, maps);
  if (written !== undefined || installation === undefined)
    return { name: written ?? "unknown", podCidrs };
  const chosen = installation.cni?.ipam?.type || cniPlugin(installation);
  return { name: operatorIpam[chosen] ?? chosen, podCidrs };
}

const operatorIpam: Readonly<Record<string, string>> = {
  Calico: "calico-ipam",
  HostLocal: "host-local",
};

const ipam = z.looseObject({
  type: z.string(),
  assign_ipv6: z.union([z.string(), z.boolean()]).nullish(),
});
const network = z.looseObject({ ipam: ipam.nullish() });
const conflist = z.union([
  z.looseObject({ plugins: z.array(network) }).transform(({ plugins }) => plugins),
  network.transform((one) => [one]),
]);

/** Placeholders such as __CNI_MTU__ stand in the text where a number belongs. */
function ipamIn(text: string): z.output<typeof ipam> | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replaceAll(/(?<!["\w])__\w+__(?!["\w])/g, "0"));
  } catch {
    return undefined;
  }
  const plugins = conflist.safeParse(parsed);
  return plugins.data?.flatMap((plugin) => plugin.ipam ?? [])[0];
}
