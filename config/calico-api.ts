import type { CoeDraft } from "./draft";
import type { KindFacts } from "./kinds";
import type { Path, Problem } from "./problems";

/** The blocks of Calico 2.x have one size. */
const v1BlockSize = 26;

/** Which API Calico's objects are of, and what the older one cannot say. */
export function calicoApi(path: Path, coe: CoeDraft, kind: KindFacts, problems: Problem[]): void {
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
}
