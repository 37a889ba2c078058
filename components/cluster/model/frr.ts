import type { CoeDraft } from "../../../config/draft";
import type { Around } from "../../../config/kind";
import type { Path, Problem } from "../../../config/problems";
import { blindReflector } from "../../speakers/model/link-local";

/** The highest port that FRR-K8s dials (FRRConfiguration, spec.bgp.routers.neighbors.port). */
const highestPort = 16384;

/** What FRR-K8s cannot do of what a COE's record, or the network, asks for. */
export function* frrProblems(coe: CoeDraft, at: Path, { config }: Around): Iterable<Problem> {
  const { network, reflectors } = config;
  const speaker = [...at, "speaker"];
  const says = `found ${coe.speaker ?? "frr-k8s"} with`;
  if (network.topology === "mesh")
    yield {
      path: speaker,
      message: `${says} network.topology mesh; nodes with FRR-K8s take no sessions, they only dial: give the network reflectors`,
    };
  if (network.ttlSecurity === true)
    yield {
      path: speaker,
      message: `${says} network.ttlSecurity true, for which FRR-K8s has no field; allowed: network.ttlSecurity false`,
    };
  const blind = blindReflector(coe, config);
  if (blind !== undefined) yield { path: speaker, message: `${says} ${blind}` };
  for (const [name, { port }] of Object.entries(reflectors))
    if (port !== undefined && port > highestPort)
      yield {
        path: ["reflectors", name, "port"],
        message: `found ${port}; ${at.join(".")} has FRR-K8s, which dials ports up to ${highestPort}: choose a lower one`,
      };
  if (coe.policy === "cross-coe" || coe.policy === "closed")
    yield {
      path: [...at, "policy"],
      message: `found ${coe.policy}; without Calico nothing of the plan writes policies into the cluster: allowed: open, beside NetworkPolicy objects of your own`,
    };
  if (coe.natOutgoing === true)
    yield {
      path: [...at, "natOutgoing"],
      message:
        "found true; without Calico the CNI plugin decides about NAT: leave it out, and have the plugin spare the other COEs' ranges",
    };
  for (const key of [
    "loadBalancerCidr",
    "loadBalancerPool",
    "policyOverrides",
    "calicoNamespace",
    "strictAffinity",
    "ipipMode",
  ])
    if (coe.written[key] !== undefined)
      yield {
        path: [...at, key],
        message: `means nothing with speaker frr-k8s; leave it out${key === "loadBalancerCidr" ? ", and have MetalLB announce these addresses" : ""}`,
      };
}
