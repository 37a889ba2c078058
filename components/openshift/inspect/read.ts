import { z } from "zod";
import { together } from "../../../util/together";
import type { Kubectl } from "../../cluster/kubectl";
import { type KubernetesObject, madeByStack, optional } from "../../cluster/objects";
import { readFrrCluster } from "../../speakers/frr-k8s/inspect/read";
import { subnetsIn } from "../nodes";
import { routeAdvertisements } from "../objects";
import type { OpenshiftState } from "./state";

const text = z.string().default("");
const versionStatus = z.looseObject({ desired: z.looseObject({ version: text }).prefault({}) });
const infrastructureStatus = z.looseObject({
  platform: text,
  platformStatus: z.looseObject({ type: text }).prefault({}),
});
const networkStatus = z.looseObject({
  networkType: text,
  clusterNetwork: z
    .array(z.looseObject({ cidr: text, hostPrefix: z.number().optional() }))
    .default([]),
});
const operatorSpec = z.looseObject({
  additionalRoutingCapabilities: z
    .looseObject({ providers: z.array(z.string()).default([]) })
    .prefault({}),
  defaultNetwork: z
    .looseObject({
      ovnKubernetesConfig: z
        .looseObject({ routeAdvertisements: text, transport: text })
        .prefault({}),
    })
    .prefault({}),
});
const advertisementsStatus = z.looseObject({ status: text });

/**
 * Reads what matters of a cluster, and changes nothing.
 * @throws SeamlessError when the API does not answer or refuses to say
 */
export async function readOpenshift(kubectl: Kubectl): Promise<OpenshiftState> {
  const { name } = routeAdvertisements().metadata;
  const [versions, infrastructures, networks, operators, advertisements, frr] = await together(
    optional(kubectl, ["clusterversions.config.openshift.io", "version"]),
    optional(kubectl, ["infrastructures.config.openshift.io", "cluster"]),
    optional(kubectl, ["networks.config.openshift.io", "cluster"]),
    optional(kubectl, ["networks.operator.openshift.io", "cluster"]),
    optional(kubectl, ["routeadvertisements.k8s.ovn.org", name, "--show-managed-fields"]),
    readFrrCluster(kubectl, ({ metadata }) => subnetsIn(metadata.annotations)),
  );
  const status = ([found]: readonly KubernetesObject[]) => found?.status ?? {};
  const infrastructure = infrastructureStatus.parse(status(infrastructures));
  const network = networkStatus.parse(status(networks));
  const { additionalRoutingCapabilities, defaultNetwork } = operatorSpec.parse(
    operators[0]?.spec ?? {},
  );
  const { routeAdvertisements: switched, transport } = defaultNetwork.ovnKubernetesConfig;
  const receives = network.clusterNetwork.flatMap(({ cidr, hostPrefix }) =>
    hostPrefix === undefined ? [] : [{ prefix: cidr, ge: hostPrefix, le: hostPrefix }],
  );
  const [found] = advertisements;
  return {
    version: versionStatus.parse(status(versions)).desired.version,
    platform: infrastructure.platformStatus.type || infrastructure.platform,
    networkType: network.networkType,
    clusterNetworks: network.clusterNetwork.map(({ cidr }) => cidr),
    enabled: additionalRoutingCapabilities.providers.includes("FRR") && switched === "Enabled",
    ...(transport === "NoOverlay" ? { receives } : {}),
    frr,
    advertisements:
      found === undefined
        ? undefined
        : {
            ours: madeByStack(found),
            spec: found.spec,
            status: advertisementsStatus.parse(found.status).status,
          },
  };
}
