import { z } from "zod";
import type { CoePlan } from "../../../plan/types";
import { messageOf } from "../../../util/errors";
import type { ExecResult } from "../../../util/exec";
import { parseAddress } from "../../../util/net";
import { containedIn, podRanges } from "../../../util/ranges";
import { parsed } from "../../ask/shell";
import type { Answer, CoeContainer, IpamBlock, NamedService } from "../../ask/types";
import type { KindProbe } from "../../contract/probe";
import { objectFaults } from "../../speakers/calico/faults";
import { ipamBlocks } from "../../speakers/calico/ipam";
import { leftBehind } from "../../speakers/calico/left";
import { calicoPlan } from "../../speakers/calico/objects";
import { compareCluster } from "../inspect/compare";
import { readCluster } from "../inspect/read";
import { isVirtual, nodeAddress, nodeObject } from "../nodes";
import { storedObject } from "../objects";
import { parsePast } from "../past";
import { podAddresses, podIps } from "./pod-addresses";

/** Asks a cluster by kubectl. */
export type Ask = (args: readonly string[]) => Promise<Answer<string>>;

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

const records = z.object({
  items: z.array(z.looseObject({ kind: z.string(), spec: z.unknown() })),
});

/** The records of Calico's IPAM, as it keeps them in the Kubernetes API. */
const ipamKinds = "ipamblocks.crd.projectcalico.org,blockaffinities.crd.projectcalico.org";

/** What a cluster says of itself: its pods, the blocks of its IPAM, its nodes. */
export function ownWord(
  coe: CoePlan,
  kubectl: Ask,
  run: (args: readonly string[]) => Promise<ExecResult>,
): Pick<KindProbe, "containers" | "named" | "blocks" | "nodes" | "objects" | "left"> {
  const list = async <T>(what: readonly string[], shape: z.ZodType<{ readonly items: T[] }>) =>
    parsed(
      await kubectl(["get", ...what, "-o", "json"]),
      (text) => shape.parse(JSON.parse(text)).items,
    );
  const nodeOf = (name: string) => coe.nodes[name]?.id ?? name;
  const nodes = () => list(["nodes"], z.object({ items: z.array(nodeObject) }));

  return {
    async containers() {
      const found = await list(["pods", "--all-namespaces"], podList);
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
      const found = await list(["services", "--all-namespaces"], serviceList);
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

    async blocks() {
      const found = await list([ipamKinds], records);
      if (!found.ok) return found;
      const of = (kind: string) =>
        found.value.filter((one) => one.kind === kind).map(({ spec }) => spec);
      const value = ipamBlocks(
        { blocks: of("IPAMBlock"), affinities: of("BlockAffinity") },
        nodeOf,
      );
      return value.length > 0 ? { ...found, value } : hostLocal();
    },

    async nodes() {
      const found = await nodes();
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

    async objects(plan) {
      const asked = `${coe.name}: kubectl get ippools,bgppeers,...`;
      const calico = calicoPlan(plan, coe.name);
      try {
        const seen = await readCluster(run);
        const state = seen.calico;
        if (state === undefined) return { ok: false, asked, error: "no Calico in this cluster" };
        const findings = compareCluster(coe, calico, seen);
        const value = objectFaults({
          ...{ coe, plan: calico, state, findings, stored: storedObject },
          putBack: "run: pulumi up --refresh",
        });
        return { ok: true, asked, value };
      } catch (thrown) {
        return { ok: false, asked, error: messageOf(thrown), unasked: true };
      }
    },

    async left(plan, printed) {
      const asked = `${coe.name}: kubectl get ippools,bgppeers,...`;
      try {
        const { calico: state } = await readCluster(run);
        if (state === undefined) return { ok: false, asked, error: "no Calico in this cluster" };
        const { inspect } = printed;
        const past = inspect === undefined ? undefined : (parsePast(inspect) ?? { pools: {} });
        const left = { coe, plan: calicoPlan(plan, coe.name), state, past };
        const value = leftBehind({ ...left, stored: storedObject });
        return { ok: true, asked, value };
      } catch (thrown) {
        return { ok: false, asked, error: messageOf(thrown), unasked: true };
      }
    },
  };

  /** With host-local the range that Kubernetes gives a node is its block; no list of addresses is kept of it. */
  async function hostLocal(): Promise<Answer<readonly IpamBlock[]>> {
    const found = await nodes();
    if (!found.ok) return found;
    const value = found.value.flatMap(({ metadata, spec }) =>
      (spec.podCIDRs ?? [])
        .filter((range) => containedIn(podRanges(coe), range))
        .map((cidr) => ({
          cidr,
          owners: [nodeOf(metadata.name)],
          addresses: [],
        })),
    );
    return { ...found, value };
  }
}
