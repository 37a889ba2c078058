import { mendOf, placeOf } from "../../kernel/mend";
import type { Harm } from "../../kernel/walk";
import type { Standing } from "../types";

/** A rule and the packet that it meets. */
export interface Met {
  readonly harm: Harm;
  readonly length: number;
  readonly protocol: string;
}

/**
 * A rule that drops or translates packets, as a broken link.
 * @param place where the rule is, in front of what is said; empty where that is the node itself
 * @param on where the command that mends it has to be run
 */
export function harmful(
  place: string,
  { harm, length, protocol }: Met,
  on: string,
): Pick<Standing, "says" | "status" | "why" | "remedy"> {
  const { does, sometimes, why } = harm;
  const what = `${sometimes ? "some" : "its"} packets (${protocol}, ${length} bytes)`;
  const says = placeOf(harm, (chain, rule) => `: -A ${chain} ${rule}`);
  return {
    ...{ says: place === "" ? says : `${place}: ${says}`, status: "broken" },
    why:
      why === undefined
        ? `the rule ${does} ${what}, and is not of the plan`
        : `the rule ${does} ${what}: ${why}`,
    remedy: `${on}: ${mendOf(harm)}`,
  };
}
