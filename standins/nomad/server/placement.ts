import type { ConstraintSpec, GroupSpec, NodeReport } from "../protocol";
import type { Job } from "./job";

/** A node as a candidate. */
export interface Candidate {
  readonly node: NodeReport;
  /** Allocations of the group on it, and all of them. */
  readonly ofGroup: number;
  readonly all: number;
}

export interface Placed {
  readonly node: NodeReport | undefined;
  /** By the reason, how many nodes were left out for it. */
  readonly filtered: Readonly<Record<string, number>>;
}

/** Why a node cannot run a group, in the words of Nomad's metrics; undefined where it can. */
export function unfit(
  job: Job,
  group: GroupSpec,
  { node, ofGroup }: Candidate,
): string | undefined {
  if (!job.datacenters.some((one) => one === "*" || one === node.datacenter)) return "datacenter";
  const mode = group.network?.mode ?? "host";
  if (mode !== "host" && mode !== "none" && !node.networks.includes(mode.replace(/^cni\//, "")))
    return "missing network";
  if (group.tasks.some(({ driver }) => !node.drivers.includes(driver))) return "missing drivers";
  // A service of Consul's takes a Consul agent, of which a node without one has no attribute.
  if (group.services.some(({ provider }) => provider === "consul"))
    return "Consul (attr.consul.version)";
  for (const one of [...job.constraints, ...group.constraints]) {
    if (one.operand === "distinct_hosts") {
      if (ofGroup > 0) return "distinct_hosts";
    } else if (!holds(one, node)) return `${one.left} ${one.operand} ${one.right}`;
  }
  return undefined;
}

function holds({ left, operand, right }: ConstraintSpec, node: NodeReport): boolean {
  const value = targetOf(left, node);
  switch (operand) {
    case "is_set":
      return value !== undefined;
    case "is_not_set":
      return value === undefined;
    case "!=":
    case "not":
      return value !== right;
    case "regexp":
      return value !== undefined && new RegExp(right).test(value);
    case "set_contains_any":
      return value !== undefined && right.split(",").includes(value);
    default:
      return value === right;
  }
}

function targetOf(target: string, node: NodeReport): string | undefined {
  const name = /^\$\{(.*)\}$/.exec(target)?.[1];
  if (name === undefined) return target;
  if (name === "node.unique.name") return node.name;
  if (name === "node.unique.id") return node.id;
  if (name === "node.datacenter") return node.datacenter;
  return node.attributes[name.replace(/^attr\./, "")];
}

/** Chooses a node for one more allocation of a group: the one that has the fewest. */
export function place(job: Job, group: GroupSpec, candidates: readonly Candidate[]): Placed {
  const filtered: Record<string, number> = {};
  const fit = candidates.filter((candidate) => {
    const reason = unfit(job, group, candidate);
    if (reason !== undefined) filtered[reason] = (filtered[reason] ?? 0) + 1;
    return reason === undefined;
  });
  const [best] = fit.sort(
    (a, b) => a.ofGroup - b.ofGroup || a.all - b.all || a.node.name.localeCompare(b.node.name),
  );
  return { node: best?.node, filtered };
}
