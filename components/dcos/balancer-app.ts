import { balancerAddress } from "../../plan";
import type { CoePlan } from "../../plan/types";
import { prefix } from "../../util/net";
import { listOf } from "../../util/ranges";
import type { MarathonApp } from "./probe-app";
import { publicRole } from "./roles";

/** Id of the app that makes load balancers reachable at an address of the plan. */
export const balancerAppId = "/seamless-load-balancer";

/**
 * Where HAProxy answers for itself on the host network (marathon-lb, "Health checks and metrics").
 */
const health = "http://127.0.0.1:9090/_haproxy_health_check";

/**
 * The address is the host's own, on loopback, as long as HAProxy answers: Calico's BIRD announces the range of it, and
 * a load balancer that is gone leaves no path behind. All that varies is in the environment.
 */
const command = `give_back() { ip address delete "$SEAMLESS_ADDRESS" dev lo 2>/dev/null; }
trap 'give_back; exit 0' TERM INT
while :; do
  if curl -sf -m 2 -o /dev/null "$SEAMLESS_HEALTH"; then
    ip address replace "$SEAMLESS_ADDRESS" dev lo || exit 1
  else
    give_back
  fi
  sleep 1 &
  wait $!
done
`;

/**
 * An app of the first Marathon, since it has to be root on the public agents: it gives the nodes of the load balancers
 * their common address. Undefined where the plan has no range for them.
 */
export function balancerApp(coe: CoePlan): MarathonApp | undefined {
  const address = balancerAddress(coe);
  const [range] = listOf(coe.announced.loadBalancerIPs);
  if (address === undefined || range === undefined) return undefined;
  return {
    id: balancerAppId,
    cmd: command,
    user: "root",
    env: { SEAMLESS_ADDRESS: `${address}/${prefix(range).length}`, SEAMLESS_HEALTH: health },
    instances: coe.balancers?.length ?? 0,
    cpus: 0.05,
    mem: 16,
    constraints: [["hostname", "UNIQUE"]],
    acceptedResourceRoles: [publicRole],
    networks: [{ mode: "host" }],
    healthChecks: [
      {
        protocol: "COMMAND",
        command: { value: 'ip -4 -o address show dev lo | grep -qF " $SEAMLESS_ADDRESS "' },
        gracePeriodSeconds: 60,
        intervalSeconds: 5,
        timeoutSeconds: 5,
        // It waits for HAProxy as long as it takes, and is not to be started again for that.
        maxConsecutiveFailures: 0,
      },
    ],
    // An address of its own for each host: there is no room for a second one.
    upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
  };
}
