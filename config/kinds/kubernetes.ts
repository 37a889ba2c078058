import type { KindFacts } from "./types";

/** Every node runs calico-node, the controllers too: without routes to pods their API servers could not answer them. */
export const kubernetes: KindFacts = {
  roles: { controller: { speaker: true }, worker: { speaker: true } },
  defaultRole: "worker",
  requires: ["kubeconfig"],
  instead: {},
  accepts: ["kubeconfig", "context", "allowHttp"],
  listsNodes: true,
  services: ["serviceCidr", "loadBalancerCidr", "externalCidr"],
  addons: true,
  bgpPasswords: true,
  calicoApis: false,
  probe: { image: "an image with /bin/busybox, such as busybox:1.37", forms: false },
  packages: [],
  policy: {
    byNode: "services of type NodePort or LoadBalancer",
    needed: "API servers (webhooks and aggregated APIs fail)",
  },
  names: { zones: ["cluster.local"], at: { service: 10 } },
};
