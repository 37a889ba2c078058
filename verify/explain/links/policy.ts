import type { ObjectFault } from "../../../components/ask/types";
import type { CoePlan } from "../../../plan/types";
import type { Observation } from "../../types";
import type { Standing } from "../types";
import { coeOf, type Trip } from "../way";
import { policyLink as plannedPolicy } from "./planned";
import { unknownLink } from "./unknown";

/** Whom the COE of the other end lets in, by the plan and by what its objects say. */
export function policyIn(trip: Trip, seen: Observation): Standing {
  const planned = plannedPolicy(trip);
  if (planned.status === "broken" || trip.to.sort === "host") return planned;
  return withObjects(planned, seen);
}

/** What the COE of the sender lets out. Nothing is planned to keep it in. */
export function policyOut({ plan, from, to }: Trip, seen: Observation): Standing[] {
  if (from.sort === "host" || from.coe === to.coe) return [];
  const { name } = coeOf(plan, from);
  const says = `${name} lets out everything`;
  return [withObjects({ layer: "policy", at: name, says, status: "ok" }, seen)];
}

function withObjects(link: Standing, seen: Observation): Standing {
  const answer = seen.objects[link.at];
  if (!answer?.ok) return unknownLink(link, answer);
  const fault = answer.value.find(({ group }) => group === "policies");
  return fault === undefined ? link : { ...link, ...broken(fault) };
}

function broken({ object, found, effect, remedy }: ObjectFault): Partial<Standing> {
  return {
    ...{ says: `${object}: ${found}`, status: "broken", why: effect },
    remedy: remedy ?? "pulumi up --refresh, which writes the plan's objects again",
  };
}

/** A pool of the sender's COE that translates the addresses of its containers. */
export function translatingPool({ plan, from }: Trip, seen: Observation): Standing[] {
  if (from.sort === "host") return [];
  const coe: CoePlan = coeOf(plan, from);
  const answer = seen.objects[coe.name];
  const fault = (answer?.ok ? answer.value : []).find(
    ({ group, object, found }) =>
      group === "pools" && /natOutgoing/i.test(`${object} ${found}`) && !coe.natOutgoing,
  );
  if (fault === undefined) return [];
  return [
    {
      ...{ layer: "nat", at: coe.name, status: "broken" },
      says: `${fault.object}: ${fault.found}`,
      why: "packets of its containers leave with the address of their node",
      remedy: "pulumi up --refresh, which writes the plan's objects again",
    },
  ];
}
