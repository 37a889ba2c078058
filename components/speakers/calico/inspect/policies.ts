import { allPolicies } from "../../../../config/policy";
import type { CoePlan } from "../../../../plan/types";
import { policyName } from "../policy";
import { fateOf } from "../precedence";
import type { Finding } from "./finding";
import type { DatastoreState, PolicyState } from "./state";

type Seen = Pick<DatastoreState, "policies" | "tiers" | "taken">;

/** How many names a finding holds. */
const mostNames = 5;

/** Which policies lose their effect with the plan's `policy: open`, but for those that the stack says may. */
export function policyFindings(coe: CoePlan, seen: Seen): Finding[] {
  if (coe.policy.mode !== "open") return [];
  const hit = seen.policies.filter(({ staged }) => !staged).filter((one) => !stays(one, seen));
  const { overrides = [] } = coe.policy;
  const mayBe = (policy: PolicyState) =>
    overrides.includes(allPolicies) || namesOf(policy).some((name) => overrides.includes(name));
  const said = hit.filter(mayBe);
  const unsaid = hit.filter((policy) => !mayBe(policy));
  const open = isOpenAlready(seen);
  const effect = `they ${open ? "have lost" : "lose"} their effect: ${policyName} lets everything in that they would drop`;
  const at = `coes.${coe.name}`;
  const refs = unsaid.slice(0, mostNames).map((policy) => namesOf(policy)[0]);
  const list = unsaid.length > mostNames ? allPolicies : refs.join(", ");
  return [
    ...(unsaid.length === 0
      ? []
      : [
          {
            id: "policy",
            level: open ? ("notes" as const) : ("blocks" as const),
            found: `policy open in the plan, and ${described(unsaid, seen)}`,
            effect,
            advice: `set ${at}.policy: cross-coe or closed, which leaves them in force; or say that they may: ${at}.policyOverrides: [${list}]`,
          },
        ]),
    ...(said.length === 0
      ? []
      : [
          {
            id: "policy/overrides",
            level: open ? ("notes" as const) : ("changes" as const),
            found: `policy open in the plan, and ${described(said, seen)}, as policyOverrides says`,
            effect,
          },
        ]),
  ];
}

/** What a configuration may call it; a policy of Calico's tier `default` with or without that in its name. */
function namesOf({ kind, name }: PolicyState): string[] {
  const short = name.replace(/(^|\/)default\./, "$1");
  return [...new Set([`${kind}/${short}`, `${kind}/${name}`])];
}

function stays(policy: PolicyState, seen: Seen): boolean {
  return fateOf(policy, seen.tiers) === "stays";
}

function described(policies: readonly PolicyState[], seen: Seen): string {
  const half = policies.filter((policy) => fateOf(policy, seen.tiers) === "denies only");
  const lost = policies.filter((policy) => fateOf(policy, seen.tiers) === "lost");
  return [
    ...(lost.length === 0 ? [] : [counted(lost)]),
    ...(half.length === 0 ? [] : [`${counted(half)}, as far as no rule denies`]),
  ].join("; ");
}

/** Whether `allow-all` is there already, by a stack. */
function isOpenAlready({ taken }: Seen): boolean {
  return taken.some(
    ({ kind, name, ours }) =>
      kind === "GlobalNetworkPolicy" && name.endsWith(policyName) && ours !== false,
  );
}

/** `2 NetworkPolicy (shop/a, shop/b), 1 GlobalNetworkPolicy at order 10 (default.x)`. */
function counted(policies: readonly PolicyState[]): string {
  const groups = new Map<string, string[]>();
  for (const { kind, name, order } of policies) {
    // Those of Kubernetes' own kind all have the same.
    const at = order === undefined || kind === "NetworkPolicy" ? "" : ` at order ${order}`;
    const group = `${kind}${at}`;
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, names]) => {
      const some = names.slice(0, mostNames).join(", ");
      const more = names.length - mostNames;
      return `${names.length} ${group} (${some}${more > 0 ? `, ${more} more` : ""})`;
    })
    .join(", ");
}

/** Policies that are only tried out, and interfaces of hosts. */
export function otherPolicyFindings(
  { policies, hostEndpoints }: Pick<DatastoreState, "policies" | "hostEndpoints">,
  selector: string,
): Finding[] {
  const staged = policies.filter((policy) => policy.staged);
  const { names, automatic } = hostEndpoints;
  const hosts = names.length > 0 || automatic;
  const open = selector === "all()";
  return [
    ...(staged.length === 0
      ? []
      : [
          {
            id: "policy/staged",
            level: "notes" as const,
            found: counted(staged),
            effect: "none: they are only tried out, before and after joining",
          },
        ]),
    ...(hosts
      ? [
          {
            id: "policy/hosts",
            level: open ? ("blocks" as const) : ("notes" as const),
            found: automatic
              ? `Calico makes a HostEndpoint for each node by itself (${names.length} are there)`
              : `${names.length} HostEndpoints (${names.slice(0, mostNames).join(", ")}${names.length > mostNames ? ", …" : ""})`,
            effect: open
              ? `${policyName} opens the hosts, too, for its selector is all()`
              : "none: the plan's policy is about containers only",
          },
        ]
      : []),
  ];
}
