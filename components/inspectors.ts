import type { AccessConfig } from "../config/types";
import type { CoePlan } from "../plan/types";
import { inspectDcos } from "./dcos/inspect/command";
import { inspectKubernetes } from "./kubernetes/inspect/command";
import type { InspectionReport } from "./speakers/calico/inspect/finding";
import type { CalicoPlan } from "./speakers/calico/types";

/** What the command line says of how an engine is reached, in place of the configuration. */
export interface InspectFlags {
  /** File with a kubeconfig. */
  readonly kubeconfig?: string;
  /** Context in it. */
  readonly context?: string;
  /** URL of a DC/OS cluster. */
  readonly url?: string;
  /** Endpoints of the etcd that is Calico's datastore there. */
  readonly etcd?: readonly string[];
}

/** What an inspection is given. */
export interface InspectRequest {
  readonly coe: CoePlan;
  readonly calico: CalicoPlan;
  readonly access: AccessConfig;
  readonly flags: InspectFlags;
}

export interface Inspector {
  /** Whether the flags can be about such an engine; a flag that it does not know cannot. */
  readonly takes: (flags: InspectFlags) => boolean;
  /** Looks at a cluster and changes nothing. @throws SeamlessError when it does not answer */
  readonly inspect: (request: InspectRequest) => Promise<InspectionReport>;
}

/** By kind of engine: how one that is there is looked at before it is joined. */
export const inspectors: Readonly<Record<string, Inspector>> = {
  dcos: {
    takes: ({ kubeconfig, context }) => kubeconfig === undefined && context === undefined,
    inspect: inspectDcos,
  },
  kubernetes: {
    takes: ({ url, etcd }) => url === undefined && etcd === undefined,
    inspect: inspectKubernetes,
  },
};
