import { nodeRanges } from "../../plan/blocks";
import type { CoePlan, Plan } from "../../plan/types";
import { cniConfig, networkArgs } from "../linux/network";
import { renderBirdNode } from "../speakers/bird/conf";
import { birdNode } from "../speakers/bird/node";
import { containersOf } from "./model/plan";

/** The version of Docker that Debian has. */
const docker = [20, 10] as const;

/** What makes the network of containers on each host, for reading. */
export function renderNetworks(coe: CoePlan): string {
  const containers = containersOf(coe);
  const speakers = Object.values(coe.nodes).filter(({ speaker }) => speaker);
  const of = (ranges: readonly string[]) => {
    if (containers === "docker") return `${networkArgs(ranges, docker).join(" ")}\n`;
    return containers === "containerd"
      ? cniConfig(ranges)
      : "# a bridge, and nothing that uses it\n";
  };
  return speakers.map((node) => `# ${node.id}\n${of(nodeRanges(node))}`).join("");
}

/** The bird.conf of each host, for reading. */
export function renderSpeakers(plan: Plan, coe: CoePlan): string {
  return Object.values(coe.nodes)
    .filter(({ speaker }) => speaker)
    .map((node) => `# ${node.id}\n${renderBirdNode(birdNode(plan, node))}`)
    .join("\n");
}
