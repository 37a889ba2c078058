import type { KindFacts } from "./types";

/** Masters run no containers and have no Calico; agents are private or public (DC/OS documentation, "Node types"). */
export const dcos: KindFacts = {
  roles: { master: { speaker: false }, private: { speaker: true }, public: { speaker: true } },
  defaultRole: "private",
  requires: ["url", "etcd"],
  instead: { etcd: "etcd" },
  accepts: ["url", "ca", "uid", "etcd", "ssh", "allowHttp"],
  listsNodes: false,
  services: ["loadBalancerCidr"],
  balancers: { package: "marathon-lb", role: "public" },
  addons: false,
  bgpPasswords: false,
  calicoApis: true,
  probe: { image: "an image with a shell and nginx, such as nginx:1.29-alpine", forms: true },
  packages: ["etcd", "marathon-user", "marathon-lb"],
  policy: {
    byNode: "marathon-lb, or a port that an agent maps",
    needed: "masters (HTTP health checks of Marathon fail)",
  },
  // dcos-net of a master answers at all its addresses ("DC/OS Domain Name Service"), for Mesos-DNS too.
  names: { zones: ["mesos", "thisdcos.directory"], at: { role: "master" } },
};
