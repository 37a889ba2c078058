import type { CoeDraft } from "./draft";
import type { KindFacts } from "./kinds";
import type { Path, Problem } from "./problems";

/** The blocks of Calico 2.x have one size. */
const v1BlockSize = 26;

/** Which API Calico's objects are of, and what the older one cannot say. */
export function calicoApi(
  path: Path,
  coe: CoeDraft,
  kind: KindFacts,
  network: number | undefined,
  problems: Problem[],
): void {
  if (coe.calicoApi === undefined) return;
  const here = [...path, "calicoApi"];
  if (!kind.calicoApis) {
    problems.push({
      path: here,
      message: `found ${coe.calicoApi}; a ${coe.kind} engine has no choice of APIs: leave it out`,
    });
    return;
  }
  if (coe.calicoApi !== "v1") return;
  if (coe.embedded)
    problems.push({ path: here, message: "found v1; the lab's Calico is 3.x; allowed: v3" });
  const refuse = (key: string, found: unknown, why: string, allowed: string) =>
    problems.push({
      path: [...path, key],
      message: `found ${found} with calicoApi v1; ${why}; allowed: ${allowed}, or calicoApi v3`,
    });
  const { policy, loadBalancerCidr, blockSize, pool } = coe;
  if (policy === "cross-coe" || policy === "closed")
    refuse("policy", policy, "Calico 2.x has no tiers", "open");
  if (loadBalancerCidr !== undefined)
    refuse("loadBalancerCidr", loadBalancerCidr, "Calico 2.x announces no services", "none");
  if (blockSize !== undefined && blockSize !== v1BlockSize)
    refuse("blockSize", blockSize, "all blocks of Calico 2.x are a /26", `${v1BlockSize}`);
  if (pool !== undefined) refuse("pool", pool, "pools of Calico 2.x have no names", "none");
  for (const [name, own] of apart(coe, kind, network))
    problems.push({
      path: [...path, "nodes", name, "asn"],
      message: `found ${own} with calicoApi v1, beside nodes in another AS; a Calico 2.x is given one AS for all its nodes; allowed: one for all, or calicoApi v3`,
    });
}

/** Where nodes that speak BGP are in several ASs: those that are not in the network's. */
function apart(
  { nodes }: CoeDraft,
  { roles, defaultRole }: KindFacts,
  network: number | undefined,
): [string, number][] {
  const speakers = Object.entries(nodes).flatMap(([name, node]): [string, number][] => {
    const speaker = node.speaker ?? roles[node.role ?? defaultRole]?.speaker ?? true;
    const asn = node.asn ?? network;
    return speaker && asn !== undefined ? [[name, asn]] : [];
  });
  const several = new Set(speakers.map(([, asn]) => asn)).size > 1;
  return several ? speakers.filter(([, asn]) => asn !== network) : [];
}
