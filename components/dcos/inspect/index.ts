import type { CoePlan } from "../../../plan/types";
import { podRanges } from "../../../util/ranges";
import { isReadable } from "../../../util/urls";
import { type InspectionReport, refuseBlocking } from "../../speakers/calico/inspect/finding";
import { trafficOf } from "../../speakers/calico/inspect/traffic";
import type { CalicoPlan } from "../../speakers/calico/types";
import type { DcosSession } from "../api/session";
import { asksForToken } from "../api/system";
import { Calicoctl } from "../calicoctl";
import { CalicoctlV1 } from "../calicoctl-v1";
import { openBalancer } from "../model/services";
import { compareDcos, planNames } from "./compare";
import { type ReadDatastore, readCalico, readDcos } from "./read";
import { readCalicoV1 } from "./read-v1";
import { calicoUnit, type DcosState } from "./state";

/** What is compared, and where its parts are. */
export interface DcosInspection {
  readonly coe: CoePlan;
  readonly calico: CalicoPlan;
  readonly etcdEndpoints: readonly string[];
  /** Milliseconds for the datastore to answer. Default: 15000, and one try where it is still to be installed. */
  readonly timeoutMs?: number;
}

/** Compares a cluster with its part of the plan, and changes nothing. @throws SeamlessError when it does not answer */
export async function inspect(
  session: DcosSession,
  inspection: DcosInspection,
): Promise<InspectionReport> {
  const seen = await look(session, inspection);
  return report(inspection.coe, inspection.calico, seen);
}

/** What {@link inspect} goes by. @throws SeamlessError when the cluster does not answer */
export async function look(session: DcosSession, inspection: DcosInspection): Promise<DcosState> {
  const { coe } = inspection;
  const state = await readDcos(session, reader(inspection));
  const open = openDatastore(inspection);
  return {
    ...state,
    ...(open.length === 0 ? {} : { openDatastore: open }),
    ...(openBalancer(coe) === undefined ? {} : { asksForToken: await asksForToken(session) }),
  };
}

/** Calico 2.x has no such policy, and an etcd that is not of the plan gets none. */
export function openDatastore({
  coe,
  etcdEndpoints,
}: Pick<DcosInspection, "coe" | "etcdEndpoints">): readonly string[] {
  const closed = coe.calicoApi !== "v1" && coe.packages?.includes("etcd") === true;
  return closed ? [] : etcdEndpoints.filter(isReadable);
}

function reader({ coe, etcdEndpoints, timeoutMs }: DcosInspection): ReadDatastore {
  const expected = coe.packages?.includes("etcd") !== true;
  const patience = timeoutMs ?? (expected ? 15_000 : 0);
  if (coe.calicoApi === "v1")
    return () => readCalicoV1(new CalicoctlV1(etcdEndpoints), podRanges(coe), patience);
  return () => readCalico(new Calicoctl(etcdEndpoints), patience);
}

/** @throws SeamlessError that names everything that stands in the way of the plan, with the way out */
export async function refuseUnsafe(
  session: DcosSession,
  inspection: DcosInspection,
): Promise<void> {
  const { findings } = await inspect(session, inspection);
  refuseBlocking(inspection.coe.name, findings);
}

/** What was seen of a cluster, in a few words, with what is found about it. */
export function report(coe: CoePlan, plan: CalicoPlan, seen: DcosState): InspectionReport {
  const { version, units, datastore } = seen;
  const own = units.some(({ id }) => id === calicoUnit("felix"));
  const held =
    "pools" in datastore
      ? `${datastore.pools.length} pools, ${datastore.blocks.length} blocks in use`
      : "its datastore does not answer";
  const release =
    "pools" in datastore && datastore.version !== undefined ? ` ${datastore.version}` : "";
  return {
    about: `DC/OS ${version}, Calico${release} ${own ? "of its own" : "not of its own"}, ${held}`,
    seen,
    findings: compareDcos(coe, plan, seen),
    ...("pools" in datastore && datastore.nodes.length > 0
      ? { traffic: trafficOf(coe, plan, planNames(coe, datastore)) }
      : {}),
  };
}
