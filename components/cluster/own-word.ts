import { z } from "zod";
import type { CoePlan } from "../../plan/types";
import type { ExecResult } from "../../util/exec";
import { parseAddress } from "../../util/net";
import { containedIn, podRanges } from "../../util/ranges";
import { parsed } from "../ask/shell";
import type { Answer, CoeContainer, IpamBlock, NamedService } from "../ask/types";
import type { KindProbe } from "../contract/probe";
import type { Ask } from "./agents";
import { isVirtual, nodeAddress, nodeObject } from "./nodes";
import { podAddresses, podIps } from "./pod-addresses";

/** Runs kubectl; whoever asks reads what it says. */
export type Run = (args: readonly string[]) => Promise<ExecResult>;

const podList = z.object({
  items: z.array(
    z.looseObject({
      metadata: z.looseObject({
        name: z.string(),
        namespace: z.string(),
        deletionTimestamp: z.string().optional(),
      }),
      spec: z.looseObject({
        nodeName: z.string().default(""),
        hostNetwork: z.boolean().default(false),
      }),
      status: z.looseObject({
        phase: z.string().default(""),
        podIP: z.string().default(""),
        podIPs: podIps,
      }),
    }),
  ),
});

const serviceList = z.object({
  items: z.array(
    z.looseObject({
      metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
      spec: z.looseObject({
        clusterIPs: z.array(z.string()).default([]),
        externalIPs: z.array(z.string()).default([]),
      }),
      status: z.looseObject({
        loadBalancer: z
          .looseObject({
            ingress: z.array(z.looseObject({ ip: z.string().default("") })).default([]),
          })
          .default({ ingress: [] }),
      }),
    }),
  ),
});

/** Objects of a cluster, of which some fields are read. */
export async function listOf<T>(
  kubectl: Ask,
  what: readonly string[],
  shape: z.ZodType<{ readonly items: T[] }>,
): Promise<Answer<T[]>> {
  return parsed(
    await kubectl(["get", ...what, "-o", "json"]),
    (text) => shape.parse(JSON.parse(text)).items,
  );
}

const nodeList = z.object({ items: z.array(nodeObject) });

/** What a cluster says of itself, whatever gives its pods addresses: pods, services and nodes. */
export function ownWord(
  coe: CoePlan,
  kubectl: Ask,
): Pick<KindProbe, "containers" | "named" | "nodes"> {
  const nodeOf = (name: string) => coe.nodes[name]?.id ?? name;

  return {
    async containers() {
      const found = await listOf(kubectl, ["pods", "--all-namespaces"], podList);
      if (!found.ok) return found;
      const value = found.value.flatMap(({ metadata, spec, status }): CoeContainer[] => {
        const gone = status.phase !== "Running" || metadata.deletionTimestamp !== undefined;
        if (gone || spec.hostNetwork) return [];
        const name = `${metadata.namespace}/${metadata.name}`;
        const node = nodeOf(spec.nodeName);
        return podAddresses(coe, status).map((address) => ({ name, node, address }));
      });
      return { ...found, value };
    },

    async named() {
      const found = await listOf(kubectl, ["services", "--all-namespaces"], serviceList);
      if (!found.ok) return found;
      const value = found.value.flatMap(({ metadata, spec, status }): NamedService[] => {
        const published = status.loadBalancer.ingress.map(({ ip }) => ip);
        const all = [...published, ...spec.externalIPs, ...spec.clusterIPs];
        // A service without an address of its own is `None` there.
        const addresses = [...new Set(all)].filter((one) => parseAddress(one) !== undefined);
        const name = `${metadata.namespace}/${metadata.name}`;
        return addresses.length === 0 ? [] : [{ name, addresses }];
      });
      return { ...found, value };
    },

    async nodes() {
      const found = await listOf(kubectl, ["nodes"], nodeList);
      if (!found.ok) return found;
      // Windows nodes and virtual kubelets speak no BGP; the inspection has something to say of those.
      const speaking = found.value.filter(
        (node) => node.metadata.labels["kubernetes.io/os"] !== "windows" && !isVirtual(node),
      );
      const value = speaking.map((node) => {
        const [own, six] = [nodeAddress(node, 4), nodeAddress(node, 6)];
        return {
          name: node.metadata.name,
          address: own ?? six ?? "",
          ...(own === undefined || six === undefined ? {} : { address6: six }),
        };
      });
      return { ...found, value };
    },
  };
}

/** The ranges that Kubernetes gives nodes, which are their blocks where nobody else deals in blocks; no list of addresses is kept of them. */
export async function nodeBlocks(
  coe: CoePlan,
  kubectl: Ask,
): Promise<Answer<readonly IpamBlock[]>> {
  const found = await listOf(kubectl, ["nodes"], nodeList);
  if (!found.ok) return found;
  const value = found.value.flatMap(({ metadata, spec }) =>
    (spec.podCIDRs ?? [])
      .filter((range) => containedIn(podRanges(coe), range))
      .map((cidr) => ({
        cidr,
        owners: [coe.nodes[metadata.name]?.id ?? metadata.name],
        addresses: [],
      })),
  );
  return { ...found, value };
}
