import type { KindFacts } from "./types";

/** Masters run no containers and have no Calico; agents are private or public (DC/OS documentation, "Node types"). */
export const dcos: KindFacts = {
  roles: { master: { speaker: false }, private: { speaker: true }, public: { speaker: true } },
  defaultRole: "private",
  requires: ["url", "etcd"],
  accepts: ["url", "etcd", "ssh"],
  listsNodes: false,
  services: false,
  addons: false,
  // dcos-net of a master answers at all its addresses ("DC/OS Domain Name Service"), for Mesos-DNS too.
  names: { zones: ["mesos", "thisdcos.directory"], at: { role: "master" } },
};
