import { resolve } from "node:path";
import { z } from "zod";
import { exitCode, SeamlessError } from "../../util/errors";
import { type Family, familyOf } from "../../util/net";
import { readKubeconfig } from "../cluster/kubeconfig";
import { withKubectl } from "../cluster/kubectl";
import { readNodes } from "../cluster/nodes";
import type { AdoptedCoe, AdoptRequest } from "../contract/adopt";
import {
  adoptedFamilies,
  adoptedFields,
  adoptedNodes,
  peerAddresses,
} from "../speakers/calico/adopt";
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
    const { calico } = cluster;
    const families = calico === undefined ? [] : adoptedFamilies(calico);
    const { nodes, networks } = adoptedNodes(cluster.nodes, families);
    const { fields, unsure } = fromCluster(cluster, families);
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

function fromCluster(
  { calico, serviceCidr, serviceCidr6 }: ClusterState,
  families: readonly Family[],
): Pick<AdoptedCoe, "fields" | "unsure"> {
  const both =
    families.includes(6) && serviceCidr !== undefined && serviceCidr6 !== undefined
      ? [serviceCidr, serviceCidr6]
      : serviceCidr;
  const services = both === undefined ? {} : { serviceCidr: both };
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
  const read = adoptedFields(calico, families);
  const announced = announcedBy(calico, serviceCidr, families);
  return {
    fields: { ...read.fields, ...services, ...announced.fields, ...namespaceOf(calico) },
    unsure: { ...doubt, ...read.unsure, ...announced.unsure },
  };
}

/** One range of each family of the plan, and those that are left over. */
function oneOfEach(
  ranges: readonly string[],
  families: readonly Family[],
): [string | string[] | undefined, string[]] {
  const own = families.flatMap((family) => ranges.find((one) => familyOf(one) === family) ?? []);
  const [only, ...more] = own;
  return [more.length === 0 ? only : own, ranges.filter((one) => !own.includes(one))];
}

function namespaceOf({ agent: { namespace } }: CalicoState): object {
  return namespace === "kube-system" ? {} : { calicoNamespace: namespace };
}

/** Ranges of services that Calico announces already. */
function announcedBy(
  { bgp: { services } }: CalicoState,
  serviceCidr: string | undefined,
  families: readonly Family[],
): Pick<AdoptedCoe, "fields" | "unsure"> {
  const { loadBalancerIPs, externalIPs } = services;
  const [balancers, moreBalancers] = oneOfEach(loadBalancerIPs, families);
  const [external, moreExternal] = oneOfEach(externalIPs, families);
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
