import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { addressesOf } from "../../../../plan/families";
import type { CoePlan, NodePlan } from "../../../../plan/types";
import { listOf } from "../../../../util/ranges";
import { frrNamespaceOf } from "../../../cluster/model/frr-namespace";
import { type Finding, inOrderOfWeight } from "../../calico/inspect/finding";
import type { FRRConfiguration } from "../types";
import { networkFindings } from "./networks";
import type { ConfigurationState, FrrClusterState, NodeState } from "./state";

/** What of a cluster stands in the way of the objects that the plan has for its FRR-K8s, and what matters beside them. */
export function frrFindings(
  coe: CoePlan,
  objects: readonly FRRConfiguration[],
  seen: FrrClusterState,
): Finding[] {
  return inOrderOfWeight([
    ...agentFindings(coe, objects, seen),
    ...networkFindings(seen.networks),
    ...nodeFindings(coe, seen.nodes),
    ...configurationFindings(objects, seen),
  ]);
}

const install =
  "install FRR-K8s (its Helm chart frr-k8s, or MetalLB with frrk8s.enabled), version 0.0.17 or later";

/** Whether FRR-K8s is there, where the plan has it, and takes what the plan says. */
export function agentFindings(
  coe: CoePlan,
  objects: readonly FRRConfiguration[],
  { agents, fields }: Pick<FrrClusterState, "agents" | "fields">,
): Finding[] {
  const namespace = frrNamespaceOf(coe);
  const [own] = agents.filter((one) => one.namespace === namespace);
  const [other] = agents;
  if (fields === undefined || other === undefined)
    return [
      {
        ...{ id: "frr-k8s", level: "blocks" },
        found: `no FRR-K8s: ${fields === undefined ? "its definitions" : "a DaemonSet with the containers frr and reloader"} ${fields === undefined ? "are" : "is"} not there`,
        ...{ effect: "no node would have a session", advice: install },
      },
    ];
  if (own === undefined)
    return [
      {
        ...{ id: "frr-k8s/namespace", level: "blocks" },
        found: `FRR-K8s runs in ${other.namespace}; the plan has objects for ${namespace}`,
        effect: "it looks into its own namespace alone, so that no node would have a session",
        advice: `plan frrNamespace: ${other.namespace}`,
      },
    ];
  const needed = objects.flatMap(({ spec }) =>
    spec.bgp.routers.flatMap(({ neighbors }) => neighbors.flatMap((one) => Object.keys(one))),
  );
  const missing = [...new Set(needed)].filter((field) => !fields.includes(field)).sort();
  return [
    ...missing.map(
      (field): Finding => ({
        ...{ id: `frr-k8s/definitions/${field}`, level: "blocks" },
        found: `the definition of FRRConfiguration has no field ${field} of a neighbour, which the plan sets`,
        effect: "the API drops it, so that the object does not say what the plan says",
        advice: install,
      }),
    ),
    ...(own.ready < own.wanted
      ? [
          {
            ...{ id: "frr-k8s/ready", level: "notes" as const },
            found: `${own.ready} of ${own.wanted} pods of ${own.namespace}/${own.name} are ready`,
            effect: "nodes without one have no session until it runs",
          },
        ]
      : []),
  ];
}

/** Each node announces the range that Kubernetes gives its pods: the plan has to know the same one. */
export function nodeFindings(coe: CoePlan, nodes: readonly NodeState[]): Finding[] {
  const planned = Object.values(coe.nodes).filter(({ speaker }) => speaker);
  const there = new Map(nodes.map((node) => [node.name, node]));
  const at = `coes.${coe.name}.nodes`;
  return [
    ...planned.flatMap((node) => nodeFinding(at, node, there.get(node.name))),
    ...nodes
      .filter(({ name }) => coe.nodes[name] === undefined)
      .map(
        ({ name, addresses }): Finding => ({
          ...{ id: `node/${name}`, level: "notes" },
          found: `${name} (${addresses.join(", ")}) is not in the plan`,
          effect:
            "it has no session: other COEs do not reach its pods, and it does not reach theirs",
          advice: `add it to ${at}`,
        }),
      ),
  ];
}

function nodeFinding(at: string, node: NodePlan, seen: NodeState | undefined): Finding[] {
  const id = `node/${node.name}`;
  const path = `${at}.${node.name}`;
  if (seen === undefined)
    return [
      {
        ...{
          id,
          level: "notes",
          found: `${node.name} is planned, and the cluster has no such node`,
        },
        effect: "its session stays down until it joins",
      },
    ];
  const hostname = seen.labels["kubernetes.io/hostname"];
  const [planned, found] = [[...listOf(node.podCidr)].sort(), [...seen.podCidrs].sort()];
  return [
    ...(hostname === node.name
      ? []
      : [
          {
            ...{ id: `${id}/hostname`, level: "blocks" as const },
            found: `its label kubernetes.io/hostname is ${hostname ?? "not there"}; the plan needs ${node.name}`,
            effect: "FRR-K8s of this node would not find its object, and have no session",
            advice: `set the label to ${node.name}`,
          },
        ]),
    ...addressesOf(node)
      .filter((address) => !seen.addresses.includes(address))
      .map((address) => ({
        ...{ id: `${id}/address`, level: "blocks" as const },
        found: `its InternalIP is ${seen.addresses.join(", ") || "not there"}; the plan says ${address}`,
        effect: "the reflectors wait for another address, and FRR has none to speak from",
        advice: `plan what the node has in ${path}.address`,
      })),
    ...(isDeepStrictEqual(planned, found)
      ? []
      : [
          {
            ...{ id: `${id}/podCIDR`, level: "blocks" as const },
            found: `its podCIDRs are ${found.join(", ") || "not there"}; the plan says ${planned.join(", ")}`,
            effect:
              "it would announce a range that its pods have no addresses of, and not announce theirs",
            advice:
              found.length === 0
                ? "have kube-controller-manager give ranges to nodes (--allocate-node-cidrs)"
                : `plan ${path}.podCidr: ${found.join(", ")}`,
          },
        ]),
  ];
}

const otherSpec = z.looseObject({
  nodeSelector: z
    .looseObject({
      matchLabels: z.record(z.string(), z.string()).nullish(),
      matchExpressions: z.array(z.unknown()).nullish(),
    })
    .nullish(),
  bgp: z
    .looseObject({
      routers: z
        .array(
          z.looseObject({
            asn: z.number().default(0),
            vrf: z.string().default(""),
            neighbors: z
              .array(
                z.looseObject({
                  address: z.string().default(""),
                  toReceive: z
                    .looseObject({
                      allowed: z.looseObject({ mode: z.string().default("filtered") }).nullish(),
                    })
                    .nullish(),
                }),
              )
              .nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

/** Objects of others are merged with ours on every node that both are for. */
export function configurationFindings(
  objects: readonly FRRConfiguration[],
  { configurations, nodes }: FrrClusterState,
): Finding[] {
  const [first] = objects;
  if (first === undefined) return [];
  const others = configurations.filter(
    ({ namespace, ours }) => !ours && namespace === first.metadata.namespace,
  );
  return others.flatMap((other) => {
    const id = `frrconfiguration/${other.name}`;
    if (objects.some(({ metadata }) => metadata.name === other.name))
      return [
        {
          ...{ id, level: "blocks" as const },
          found: `${other.name} is there already, and no stack has made it`,
          effect: "the plan has an object of that name, and would overwrite it",
          advice: "rename or remove it",
        },
      ];
    const beside = objects.filter((object) => meets(object, other, nodes));
    return beside.length === 0 ? [] : mergeFindings(id, other, beside);
  });
}

/** Whether two objects are for a node that both select. */
function meets(
  { spec }: FRRConfiguration,
  other: ConfigurationState,
  nodes: readonly NodeState[],
): boolean {
  const own = spec.nodeSelector?.matchLabels ?? {};
  const parsed = otherSpec.safeParse(other.spec).data;
  const wanted = Object.entries(parsed?.nodeSelector?.matchLabels ?? {});
  return nodes.some(
    ({ labels }) =>
      Object.entries(own).every(([key, value]) => labels[key] === value) &&
      wanted.every(([key, value]) => labels[key] === value),
  );
}

function mergeFindings(
  id: string,
  { spec }: ConfigurationState,
  objects: readonly FRRConfiguration[],
): Finding[] {
  const routers = (otherSpec.safeParse(spec).data?.bgp?.routers ?? []).filter(
    ({ vrf }) => vrf === "",
  );
  const ours = objects.flatMap((object) => object.spec.bgp.routers);
  const asns = [...new Set(ours.map(({ asn }) => asn))];
  const addresses = new Set(ours.flatMap(({ neighbors }) => neighbors.map((one) => one.address)));
  const [stranger] = routers.filter(({ asn }) => asns.some((own) => own !== asn));
  const shared = routers
    .flatMap(({ neighbors }) => neighbors ?? [])
    .filter(({ address }) => addresses.has(address));
  if (stranger !== undefined)
    return [
      {
        ...{
          id,
          level: "blocks",
          found: `its router is in AS ${stranger.asn}; the plan says ${asns.join(", ")}`,
        },
        effect:
          "FRR-K8s merges both on a node, refuses that, and leaves the node with what it had before",
        advice: `plan asn: ${stranger.asn} for the COE, or change the object`,
      },
    ];
  return shared.map(({ address, toReceive }) => ({
    ...{ id, level: "blocks" as const },
    found: `it has the neighbour ${address}, too${toReceive?.allowed?.mode === "all" ? ", and receives all from it" : ""}`,
    effect:
      "FRR-K8s merges both: the wider filter wins, and other timers or another password are refused",
    advice: `take ${address} out of it`,
  }));
}
