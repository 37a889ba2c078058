import { makePlan, parseConfig } from "../../../components/kinds/planning";
import type { CoePlan, NodePlan, Plan } from "../../../plan/types";

/** A plan with a cluster of two clients, and another COE. */
export function planOf(more: object = {}): Plan {
  return makePlan(
    parseConfig({
      network: { supernet: "10.64.0.0/10", nodes: "172.16.18.0/24", asn: 64511 },
      reflectors: { rr: { kind: "gobgp", address: "172.16.18.32" } },
      coes: {
        nomad: {
          kind: "nomad",
          podCidr: "10.90.0.0/16",
          policy: "open",
          access: { url: "https://172.16.18.61:4646", ssh: {} },
          nodes: {
            server: { address: "172.16.18.61", role: "server" },
            "client-1": { address: "172.16.18.62", podCidr: "10.90.1.0/24" },
            "client-2": { address: "172.16.18.63", podCidr: "10.90.2.0/24" },
          },
          ...more,
        },
      },
    }),
  );
}

export function coeOf(plan: Plan): CoePlan {
  const { nomad } = plan.coes;
  if (nomad === undefined) throw new Error("no COE in the plan");
  return nomad;
}

export function clientOf(coe: CoePlan, name = "client-1"): NodePlan {
  const { [name]: node } = coe.nodes;
  if (node === undefined) throw new Error(`no ${name} in the plan`);
  return node;
}
