import { resolve } from "node:path";
import { z } from "zod";
import { exitCode, SeamlessError } from "../../util/errors";
import { readKubeconfig } from "../cluster/kubeconfig";
import { withKubectl } from "../cluster/kubectl";
import { readNodes } from "../cluster/nodes";
import type { AdoptedCoe, AdoptRequest } from "../contract/adopt";
import { adoptedFields, adoptedNodes, peerAddresses } from "../speakers/calico/adopt";
import { bgpDefaults } from "../speakers/calico/inspect/state";
import { readCluster } from "./inspect/read";
import type { CalicoState, ClusterState } from "./inspect/state";

const flagsSchema = z.object({ kubeconfig: z.string().optional(), context: z.string().optional() });

/** Reads a running cluster as a configuration would have it. @throws SeamlessError when it does not answer */
export async function adoptKubernetes({ name, flags }: AdoptRequest): Promise<AdoptedCoe> {
  const { kubeconfig: file, context } = flagsSchema.parse(flags);
  if (file === undefined)
    throw new SeamlessError(
      `${name}: found no kubeconfig; needed: kubeconfig=FILE`,
      exitCode.usage,
    );
  const access = {
    kubeconfig: file.startsWith("~/") ? file : resolve(file),
    ...(context === undefined ? {} : { context }),
  };
  const text = readKubeconfig(access);
  return withKubectl(text, context, async (kubectl) => {
    const [cluster, roles] = await Promise.all([readCluster(kubectl), readNodes(name, kubectl)]);
    const { nodes, networks } = adoptedNodes(cluster.nodes);
    const { fields, unsure } = fromCluster(cluster);
    return {
      fields: { ...fields, access },
      nodes: Object.fromEntries(
        Object.entries(nodes).map(([node, one]) => {
          const role = roles[node]?.role;
          return [node, role === undefined ? one : { ...one, role }];
        }),
      ),
      asn: cluster.calico?.bgp.asn ?? bgpDefaults.asn,
      ...{ networks, unsure },
      taken: cluster.calico === undefined ? [] : peerAddresses(cluster.calico),
    };
  });
}

function fromCluster({ calico, serviceCidr }: ClusterState): Pick<AdoptedCoe, "fields" | "unsure"> {
  const services = serviceCidr === undefined ? {} : { serviceCidr };
  const doubt = {
    ...(serviceCidr === undefined
      ? { kind: "the cluster does not say its range of services; add serviceCidr" }
      : {}),
  };
  if (calico === undefined)
    return {
      fields: services,
      unsure: { kind: "no Calico was found, which the plan needs; podCidr is missing" },
    };
  const read = adoptedFields(calico);
  const announced = announcedBy(calico, serviceCidr);
  return {
    fields: { ...read.fields, ...services, ...announced.fields, ...namespaceOf(calico) },
    unsure: { ...doubt, ...read.unsure, ...announced.unsure },
  };
}

function namespaceOf({ agent: { namespace } }: CalicoState): object {
  return namespace === "kube-system" ? {} : { calicoNamespace: namespace };
}

/** Ranges of services that Calico announces already. */
function announcedBy(
  { bgp: { services } }: CalicoState,
  serviceCidr: string | undefined,
): Pick<AdoptedCoe, "fields" | "unsure"> {
  const [balancers, ...moreBalancers] = services.loadBalancerIPs;
  const [external, ...moreExternal] = services.externalIPs;
  const several = (ranges: readonly string[]) =>
    `announced beside it, and not in a plan: ${ranges.join(", ")}`;
  return {
    fields: {
      ...(serviceCidr !== undefined && services.clusterIPs.includes(serviceCidr)
        ? { announceServices: true }
        : {}),
      ...(balancers === undefined ? {} : { loadBalancerCidr: balancers, loadBalancerPool: false }),
      ...(external === undefined ? {} : { externalCidr: external }),
    },
    unsure: {
      ...(balancers === undefined
        ? {}
        : {
            loadBalancerPool: "false, so that whoever assigns these addresses now goes on with it",
          }),
      ...(moreBalancers.length === 0 ? {} : { loadBalancerCidr: several(moreBalancers) }),
      ...(moreExternal.length === 0 ? {} : { externalCidr: several(moreExternal) }),
    },
  };
}
