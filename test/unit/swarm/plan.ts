import { makePlan, parseConfig } from "../../../components/kinds/planning";
import type { Plan } from "../../../plan/types";

/** A plan with a swarm of a manager and a worker, beside a Kubernetes. @param change fields of the swarm */
export function swarmPlan(change: object = {}): Plan {
  return makePlan(
    parseConfig({
      network: { nodes: "172.31.0.0/24", asn: 64511 },
      reflectors: { rr: { kind: "gobgp", address: "172.31.0.1" } },
      coes: {
        swarm: {
          kind: "swarm",
          podCidr: "10.90.0.0/16",
          policy: "open",
          access: { ssh: { user: "ops" } },
          nodes: {
            manager: { address: "172.31.0.2", role: "manager", podCidr: "10.90.0.0/24" },
            worker: { address: "172.31.0.3", podCidr: "10.90.1.0/24" },
          },
          ...change,
        },
        kubernetes: {
          kind: "kubernetes",
          podCidr: "10.80.0.0/16",
          policy: "open",
          access: { kubeconfig: "~/.kube/config" },
          nodes: { "worker-1": { address: "172.31.0.11" } },
        },
      },
    }),
  );
}
