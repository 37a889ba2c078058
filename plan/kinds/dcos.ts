import type { KindFacts } from "./types";

/** Masters run no containers: nothing to announce, no session. */
export const dcos: KindFacts = {
  roles: { master: { speaker: false }, private: { speaker: true }, public: { speaker: true } },
  defaultRole: "private",
  access: { required: ["url", "etcd"], optional: ["token", "ssh"] },
  probeNeedsImage: false,
  embeddedHead: "master",
};
