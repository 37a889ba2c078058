import type { CoePlan, NodePlan, Plan } from "../../plan/types";
import { renderBirdNode } from "../speakers/bird/conf";
import { renderFrrDaemons, renderFrrNode } from "../speakers/frr/conf";
import { frrNode } from "../speakers/frr/node";
import { speakerNode } from "../speakers/node";
import type { HostInput } from "./input";

/** What the speaker of a host is configured by; BIRD is the usual one. */
export function speakerFiles(
  plan: Plan,
  { speaker }: Pick<CoePlan, "speaker">,
  node: NodePlan,
): Pick<HostInput, "bird" | "frr"> {
  if (speaker !== "frr") return { bird: renderBirdNode(speakerNode(plan, node)) };
  const own = frrNode(plan, node);
  return { frr: { conf: renderFrrNode(own), daemons: renderFrrDaemons(own) } };
}
