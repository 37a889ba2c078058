import { nearest } from "../util/nearest";
import { overlap, type Prefix } from "../util/net";
import { readRange } from "./addresses";
import type { CoeDraft } from "./draft";
import { type CoeKinds, kindOf } from "./kind";
import type { Path, Problem } from "./problems";

/** Stands for all policies of a cluster in `policyOverrides`. */
export const allPolicies = "all";

const meanings = [
  "open       everybody, hosts included; the cluster's own allow policies no longer keep anybody out",
  "cross-coe  its own containers and nodes, and the containers of the COEs in allowFrom",
  "closed     its own containers and nodes",
];

/** Who reaches the containers of a COE, and what goes with it. */
export function policyProblems(
  path: Path,
  coe: CoeDraft,
  coes: Readonly<Record<string, CoeDraft>>,
  kinds: CoeKinds,
  problems: Problem[],
): void {
  if (coe.access !== undefined && coe.policy === undefined)
    problems.push({
      path: [...path, "policy"],
      message: `missing; say who reaches its containers; allowed:\n  ${meanings.join("\n  ")}`,
    });
  admission(path, coe, Object.keys(coes), problems);
  overrides([...path, "policyOverrides"], coe, problems);
  hosts([...path, "allowFromHosts"], coe, coes, kinds, problems);
}

/**
 * What comes by a service has the address of the node it came by, so a policy on containers cannot tell who it is: whoever
 * has a route to the service is let in.
 */
function backDoor(path: Path, coe: CoeDraft, others: readonly string[], problems: Problem[]): void {
  const { loadBalancerCidr, externalCidr, announceServices } = coe;
  const announced =
    announceServices || loadBalancerCidr !== undefined || externalCidr !== undefined;
  const out = others.filter((name) => !coe.allowFrom?.includes(name));
  if (!announced || !guarded(coe) || out.length === 0) return;
  problems.push({
    path: [...path, "policy"],
    message: `found ${coe.policy} with announced services, whose traffic has a node's address, so policy cannot keep out ${out.join(", ")}; allowed: let in ${others.join(", ")}, or announce nothing`,
  });
}

const guarded = ({ policy }: CoeDraft) => policy === "closed" || policy === "cross-coe";

/** Who is let in is named where, and only where, somebody but everybody is. */
function admission(path: Path, coe: CoeDraft, all: readonly string[], problems: Problem[]): void {
  const here = [...path, "allowFrom"];
  const others = all.filter((name) => name !== path.at(-1)).sort();
  backDoor(path, coe, others, problems);
  const list = others.join(", ") || "nothing, for there is no other COE";
  if (coe.allowFrom === undefined) {
    if (coe.policy === "cross-coe")
      problems.push({
        path: here,
        message: `missing; policy cross-coe needs the COEs to let in, of: ${list}`,
      });
    return;
  }
  if (coe.policy !== "cross-coe") {
    problems.push({
      path: here,
      message: `means nothing with policy ${coe.policy ?? "open"}; allowed: policy cross-coe, or no allowFrom`,
    });
    return;
  }
  if (coe.allowFrom.length === 0)
    problems.push({ path: here, message: `found none; allowed: one or more of ${list}` });
  for (const [index, name] of coe.allowFrom.entries()) {
    if (coe.allowFrom.indexOf(name) !== index)
      problems.push({ path: here, message: `found ${name} twice; allowed: each COE once` });
    else if (!others.includes(name)) {
      const close = nearest(name, others);
      const hint = close === undefined ? "" : `; did you mean ${close}?`;
      problems.push({
        path: here,
        message: `found ${JSON.stringify(name)}; allowed: ${list}${hint}`,
      });
    }
  }
}

const kind = "[A-Za-z]+(\\.[a-z0-9.-]+)?";
const objectName = "[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?";
const policyRef = new RegExp(`^${kind}(/[a-z0-9-]+)?/${objectName}$`);

/** Policies of the cluster that may lose their effect by `open`. */
function overrides(path: Path, coe: CoeDraft, problems: Problem[]): void {
  const named = coe.policyOverrides;
  if (named === undefined) return;
  if (guarded(coe)) {
    problems.push({
      path,
      message: `means nothing with policy ${coe.policy}, which leaves the cluster's own policies in force; allowed: policy open, or no policyOverrides`,
    });
    return;
  }
  if (named.length === 0 || (named.includes(allPolicies) && named.length > 1))
    problems.push({
      path,
      message: `found ${named.length === 0 ? "none" : `${allPolicies} beside others`}; allowed: one or more policies such as NetworkPolicy/shop/deny-all, or ${allPolicies} alone`,
    });
  for (const [index, name] of named.entries()) {
    if (named.indexOf(name) !== index)
      problems.push({ path, message: `found ${name} twice; allowed: each policy once` });
    else if (name !== allPolicies && !policyRef.test(name))
      problems.push({
        path,
        message: `found ${JSON.stringify(name)}; allowed: kind/namespace/name such as NetworkPolicy/shop/deny-all, kind/name such as GlobalNetworkPolicy/deny-all, or ${allPolicies}`,
      });
  }
}

/** Hosts that are let in beside the containers; what is inside a COE's range is let in by that COE's name. */
function hosts(
  path: Path,
  coe: CoeDraft,
  coes: Readonly<Record<string, CoeDraft>>,
  kinds: CoeKinds,
  problems: Problem[],
): void {
  const listed = coe.allowFromHosts;
  if (listed === undefined) return;
  const asked = kindOf(kinds, coe.kind)?.admitsHosts?.(coe) === true;
  if (!guarded(coe) && !asked) {
    problems.push({
      path,
      message: `means nothing with policy ${coe.policy ?? "open"}, which lets in every host; allowed: policy closed or cross-coe, or no allowFromHosts`,
    });
    return;
  }
  if (listed.length === 0)
    problems.push({ path, message: "found none; allowed: one or more ranges such as 10.1.0.5/32" });
  const kept = Object.entries(coes).filter(
    ([name]) => name !== path[1] && !coe.allowFrom?.includes(name),
  );
  for (const [index, text] of listed.entries()) {
    const found = readRange(path, text, problems);
    if (found === undefined) continue;
    if (listed.indexOf(text) !== index)
      problems.push({ path, message: `found ${text} twice; allowed: each range once` });
    for (const [name, range] of kept.flatMap(rangesOf))
      if (overlap(found, range))
        problems.push({
          path,
          message: `found ${text}, which holds containers of ${name}; allowed: ranges of hosts (to let in ${name}, say policy cross-coe and name it in allowFrom)`,
        });
  }
}

function rangesOf([name, coe]: readonly [string, CoeDraft]): [string, Prefix][] {
  return [coe.podCidr ?? []].flat().flatMap((text): [string, Prefix][] => {
    const range = readRange([], text, []);
    return range === undefined ? [] : [[name, range]];
  });
}
