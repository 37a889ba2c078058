import type { CoePlan, Plan } from "../../../plan/types";
import { holdsName } from "../../seen/answers";
import type { Observation } from "../../types";
import type { Standing } from "../types";
import { coeOf, type Trip } from "../way";
import { unknownLink } from "./unknown";

/** The COE whose zones hold a name, and the zone. */
export function zoneOf(
  plan: Plan,
  host: string,
): { readonly coe: CoePlan; readonly zone: string } | undefined {
  for (const coe of Object.values(plan.coes)) {
    const zone = coe.names?.zones.find((one) => holdsName([one], host));
    if (zone !== undefined) return { coe, zone };
  }
  return undefined;
}

/** How a name of the other end becomes an address, by the plan: whose zone it is, and who is asked. */
export function plannedName({ plan, from, to }: Trip): Standing[] {
  const { host } = to;
  const found = host === undefined ? undefined : zoneOf(plan, host);
  if (found === undefined) return [];
  const { coe, zone } = found;
  const servers = coe.names?.servers.join(", ");
  const own = { layer: "name", at: from.coe } as const;
  if (coe.name === from.coe)
    return [
      { ...own, says: `${host} is in the zone ${zone} of its own, at ${servers}`, status: "ok" },
    ];
  if (coeOf(plan, from).forwards[zone] === undefined)
    return [
      {
        ...{ ...own, says: `${host} is in the zone ${zone} of ${coe.name}`, status: "broken" },
        why: `name servers of ${from.coe} do not forward ${zone}`,
        remedy: "pulumi up, which writes the forwards of the plan",
      },
    ];
  const says = `${host}: ${from.coe} forwards the zone ${zone} to ${servers} of ${coe.name}`;
  return [{ ...own, says, status: "ok" }];
}

/** The same as it was seen: what the servers of the zone have, and whether those of the sender's COE have it from them. */
export function liveName(trip: Trip, seen: Observation): Standing[] {
  const [planned] = plannedName(trip);
  const { plan, from, to } = trip;
  const { host = "" } = to;
  const found = zoneOf(plan, host);
  if (planned === undefined || planned.status === "broken" || found === undefined)
    return planned === undefined ? [] : [planned];
  const answer = seen.answers?.[`${from.coe}/${host}`];
  if (!answer?.ok) return [unknownLink(planned, answer)];
  const of = (servers: readonly string[] = []) => servers.filter((one) => one in answer.value);
  const [zone, own] = [of(found.coe.names?.servers), of(coeOf(plan, from).names?.servers)];
  const silent = zone.filter((server) => answer.value[server]?.length === 0);
  if (silent.length === zone.length)
    return [
      {
        ...{
          ...planned,
          at: found.coe.name,
          says: `${zone.join(", ")} of ${found.coe.name} has no ${host}`,
          status: "broken",
        },
        why: `${found.coe.name} knows no such name, or its name servers do not answer`,
        remedy: `in ${found.coe.name}: see that ${host} is there and that its name servers run`,
      },
    ];
  const deaf = own.filter((server) => answer.value[server]?.length === 0);
  if (found.coe.name !== from.coe && deaf.length > 0)
    return [
      {
        ...{
          ...planned,
          says: `${deaf.join(", ")} of ${from.coe} has no ${host}`,
          status: "broken",
        },
        why: `the name servers of ${found.coe.name} have it, and those of ${from.coe} do not ask them for ${found.zone}`,
        remedy: "pulumi up, which writes the forwards of the plan",
      },
    ];
  return [{ ...planned, says: `${planned.says}; it is ${to.address}` }];
}
