import { calico } from "../speakers/calico";
import type { Speaker } from "../speakers/contract";
import type { KindName } from "./names";

/** By kind of COE, how its nodes speak BGP. */
export const speakers = { dcos: calico, kubernetes: calico } satisfies Record<KindName, Speaker>;
