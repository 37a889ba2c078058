import { type ObjectGroup, objectGroups } from "../../components/ask/types";
import type { CoePlan, Plan } from "../../plan/types";
import { deployedCoes } from "../coes";
import type { Judged, Observation, Verdict } from "../types";
import { type About, fail, pass, refused, unreachable } from "../verdict";

const titles: Readonly<Record<ObjectGroup, string>> = {
  agents: "the agents that give containers addresses and routes run as the plan needs them",
  bgp: "AS, sessions between nodes and announced ranges are those of the plan",
  nodes: "each node has its session and its AS as planned",
  peers: "the nodes' peers are those of the plan",
  policies: "who is let in is what the plan says, and nothing denies before it",
  pools:
    "containers get addresses of the plan's pools alone, without NAT and tunnels but as planned",
};

/** The objects by which nodes speak BGP and let others in, read back from each COE. */
export function objectChecks(plan: Plan): Judged[] {
  return deployedCoes(plan).flatMap((coe) =>
    objectGroups.map(
      (group): Judged => ({
        id: `objects/${coe.name}/${group}`,
        group: "object",
        title: `${coe.name}: ${titles[group]}`,
        needs: [`objects/${coe.name}`],
        judge: (seen) => judgeObjects(coe, group, seen),
      }),
    ),
  );
}

function judgeObjects(coe: CoePlan, group: ObjectGroup, seen: Observation): Verdict {
  const about: About = {
    at: coe.name,
    expected: "as the plan has them",
    source: `plan: coes.${coe.name}`,
    cause: "somebody else has changed them since the last `pulumi up`",
    remedy: "run: pulumi up --refresh",
  };
  const answer = seen.objects[coe.name];
  if (answer === undefined) return unreachable(about);
  if (!answer.ok) return refused(answer, about);
  const faults = answer.value.filter((fault) => fault.group === group);
  if (faults.length === 0) return pass(answer.asked, "as planned");
  const distinct = (texts: readonly string[]) => [...new Set(texts)].join("; ");
  const remedy = distinct(faults.flatMap((fault) => fault.remedy ?? []));
  return fail(
    answer.asked,
    faults.map(({ object, found, effect }) => `${object}: ${found} (${effect})`).join("; "),
    {
      ...about,
      expected: distinct(faults.map(({ expected }) => expected)),
      ...(remedy === "" ? {} : { remedy }),
    },
  );
}
