import type { CoePlan, FencePlan, NodePlan, Plan, ReflectorPlan, SessionPlan } from "./types";

/** The plan as `seamless plan --json` prints it: lists where the plan has maps. A public format. */
export interface PlanDocument {
  readonly schemaVersion: 1;
  readonly supernet: string;
  readonly nodeNetwork: string;
  readonly asn: number;
  readonly coes: readonly (Omit<CoePlan, "nodes"> & {
    readonly nodes: readonly Omit<NodePlan, "id">[];
  })[];
  readonly reflectors: readonly ReflectorPlan[];
  readonly sessions: readonly SessionPlan[];
  readonly fences: readonly FencePlan[];
}

export function planDocument(plan: Plan): PlanDocument {
  const { schemaVersion, supernet, nodeNetwork, asn } = plan;
  return {
    schemaVersion,
    supernet,
    nodeNetwork,
    asn,
    coes: Object.values(plan.coes).map((coe) => ({
      ...coe,
      nodes: Object.values(coe.nodes).map(({ name, address, role, asn, speaker }) => ({
        name,
        address,
        role,
        asn,
        speaker,
      })),
    })),
    reflectors: Object.values(plan.reflectors),
    sessions: Object.values(plan.sessions),
    fences: Object.values(plan.fences),
  };
}
