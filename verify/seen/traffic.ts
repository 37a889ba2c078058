import type { Access } from "../../plan/access";
import { familiesIn, planIn } from "../../plan/one-family";
import type { Plan } from "../../plan/types";
import type { Family } from "../../util/net";
import { deployedCoes } from "../coes";
import { type Ends, endsSeen, keyedIn, neededIn } from "../one-family";
import type { Observation } from "../types";
import { answersOf } from "./answers";
import type { Needed, Probes } from "./each";
import { fetchAll, fetchNames, fetchServices, intrudeAll } from "./fetches";
import { collectTrips } from "./trips";

type Traffic = Pick<
  Observation,
  "fetches" | "serviceFetches" | "nameFetches" | "intrusions" | "trips"
>;

/** What becomes of packets between containers, in each family of the plan. */
export async function collectTraffic(
  plan: Plan,
  access: Access,
  probes: Probes,
  seen: Ends,
  needed: Needed,
): Promise<Traffic> {
  const all = await Promise.all(
    familiesIn(plan).map((family) => collectIn(plan, access, probes, seen, needed, family)),
  );
  const none = { fetches: {}, serviceFetches: {}, nameFetches: {}, intrusions: {}, trips: {} };
  return all.reduce<Traffic>(
    (one, other) => ({
      fetches: { ...one.fetches, ...other.fetches },
      serviceFetches: { ...one.serviceFetches, ...other.serviceFetches },
      nameFetches: { ...one.nameFetches, ...other.nameFetches },
      intrusions: { ...one.intrusions, ...other.intrusions },
      trips: { ...one.trips, ...other.trips },
    }),
    none,
  );
}

async function collectIn(
  both: Plan,
  access: Access,
  probes: Probes,
  seen: Ends,
  all: Needed,
  family: Family,
): Promise<Traffic> {
  const plan = planIn(both, family);
  const coes = deployedCoes(plan);
  const needed = neededIn(all, family);
  const { workloads, containers, services } = endsSeen(both, seen, family);
  // By IPv6 a name is asked for first: a program would take its IPv4 address.
  const resolve = (coe: string, host: string) => answersOf(both, access, probes, coe, host);
  const [trips, fetches, serviceFetches, nameFetches, intrusions] = await Promise.all([
    collectTrips(plan, access, probes, { workloads, containers }, needed),
    fetchAll(coes, probes, workloads, needed),
    fetchServices(coes, probes, workloads, services, needed),
    fetchNames(coes, probes, workloads, needed, family === 6 ? resolve : undefined),
    intrudeAll(coes, access, workloads, needed),
  ]);
  return {
    trips: keyedIn(trips, family),
    fetches: keyedIn(fetches, family),
    serviceFetches: keyedIn(serviceFetches, family),
    nameFetches: keyedIn(nameFetches, family),
    intrusions: keyedIn(intrusions, family),
  };
}
