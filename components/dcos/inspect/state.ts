import type { DatastoreState } from "../../speakers/calico/inspect/state";
import type { SystemUnit } from "../api/system";

/** What a DC/OS cluster is like before it is joined, as far as joining it matters; plain data. */
export interface DcosState {
  /** As Admin Router has it. */
  readonly version: string;
  /** Those of DC/OS's own Calico; none before DC/OS 2.1. */
  readonly units: readonly SystemUnit[];
  /** Whether Admin Router turns away who shows no token; looked at where marathon-lb depends on it. */
  readonly asksForToken?: boolean;
  /**
   * Endpoints of Calico's datastore without TLS that no policy of the plan closes to containers; absent where there is none.
   */
  readonly openDatastore?: readonly string[];
  /** What Calico's datastore holds, or why it does not say. */
  readonly datastore: CalicoDatastore | { readonly unreachable: string };
}

export interface CalicoDatastore extends DatastoreState {
  /** The release that Calico's agents say they are; undefined where none has been at the datastore yet. */
  readonly version: string | undefined;
}

/** Name of a unit of DC/OS's own Calico. */
export function calicoUnit(part: "bird" | "felix"): string {
  return `dcos-calico-${part}.service`;
}
