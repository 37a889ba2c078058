import { activeRanges, podRanges, poolNames } from "../../util/ranges";
import { hasOwnRanges } from "../blocks";
import type { CoePlan, Plan } from "../types";
import { isAdopted } from "./ranges";
import type { Refusal } from "./types";

/** What the looks at COEs refuse before anything is changed, where the live systems are as the change says here. */
export function refusalsOf(before: Plan, after: Plan): Refusal[] {
  return Object.values(after.coes).flatMap((is) => {
    const was = before.coes[is.name];
    if (was?.deployed !== true || !is.deployed) return [];
    // Without pools nobody looks whether they are in use, and no policy of the cluster can lose its effect.
    if (hasOwnRanges(is)) return [];
    return [...rangesInUse(was, is), ...poolsAsTheyAre(was, is), ...overridden(was, is)];
  });
}

/** Whose pool the stack has made goes only when it is empty. */
function rangesInUse(was: CoePlan, is: CoePlan): Refusal[] {
  const left = podRanges(was).filter(
    (range) => !podRanges(is).includes(range) && !isAdopted(was, range),
  );
  return left.map((range): Refusal => {
    const when = `an address of ${range} is in use`;
    const retired = was.retiring?.includes(range) === true;
    const ranges = [range, ...activeRanges(is)].join(", ");
    return {
      coe: is.name,
      when,
      allowedBy: retired
        ? `keeping ${range} in podCidr and retiring until its workloads are restarted`
        : `podCidr: [${ranges}] and retiring: [${range}]`,
    };
  });
}

function poolsAsTheyAre(was: CoePlan, is: CoePlan): Refusal[] {
  const kept = podRanges(was).filter((range) => podRanges(is).includes(range));
  const [old, next] = [was, is].map((coe) => poolNames(podRanges(coe), coe.pool));
  return kept.flatMap((range): Refusal[] => [
    ...(was.blockSize === is.blockSize
      ? []
      : [
          {
            coe: is.name,
            when: `the pool of ${range} has blocks of /${was.blockSize}, which no pool can change`,
            allowedBy: `blockSize: ${was.blockSize}, or another range`,
          },
        ]),
    ...(old?.[range] === next?.[range]
      ? []
      : [
          {
            coe: is.name,
            when: `the pool of ${range} is not ${next?.[range] ?? "the one that the stack has made"}`,
            allowedBy: "pool: the name that it has in the cluster",
          },
        ]),
  ]);
}

function overridden({ policy: was }: CoePlan, { name, policy }: CoePlan): Refusal[] {
  if (policy.mode !== "open" || was.mode === "open" || policy.overrides?.includes("all") === true)
    return [];
  return [
    {
      coe: name,
      when: "policies of the cluster would lose their effect by policy: open",
      allowedBy: "policyOverrides with their names, or all",
    },
  ];
}
