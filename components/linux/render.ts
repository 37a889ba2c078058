import type { CoePlan, Plan } from "../../plan/types";
import { speakerFiles } from "./speaker-files";

/** What the speaker of each host is configured by, for reading. */
export function renderSpeakers(plan: Plan, coe: CoePlan): string {
  return Object.values(coe.nodes)
    .filter(({ speaker }) => speaker)
    .map((node) => {
      const { bird, frr } = speakerFiles(plan, coe, node);
      if (frr === undefined) return `# ${node.id}\n${bird}`;
      return `# ${node.id}: /etc/frr/daemons\n${frr.daemons}\n# ${node.id}: /etc/frr/frr.conf\n${frr.conf}`;
    })
    .join("\n");
}
