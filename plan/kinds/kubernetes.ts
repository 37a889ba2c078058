import type { KindFacts } from "./types";

/** A controller speaks BGP too, or the API server could not answer pods. */
export const kubernetes: KindFacts = {
  roles: { controller: { speaker: true }, worker: { speaker: true } },
  defaultRole: "worker",
  access: { required: ["kubeconfig"], optional: ["context", "ssh"] },
  probeNeedsImage: true,
  embeddedHead: "controller",
};
