import { nodeRanges } from "../../plan/blocks";
import type { CoePlan } from "../../plan/types";
import { cniConfig, networkArgs } from "../linux/network";
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
