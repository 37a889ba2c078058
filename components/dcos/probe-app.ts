import type { Plan } from "../../plan/types";
import { SeamlessError } from "../../util/errors";
import { activeRanges } from "../../util/ranges";
import type { Probe } from "../contract/deploy";
import { profileName } from "../speakers/calico/objects";
import type { ProbeForm } from "./model/config";
import { acceptedRoles, appAgents, offeredPublic } from "./roles";

/** The probe, and how its app names the container network. Default: networks. */
export interface DcosProbe extends Probe {
  readonly form?: ProbeForm;
}

/** Id of the app, and the port its servers listen on; `seamless verify` looks for these. */
export const probeAppId = "/seamless-probe";
const probePort = 8080;

/** The label that says from which ranges its tasks have got addresses. */
export const rangeLabel = "SEAMLESS_POD_CIDR";

/** The part of a Marathon app (API v2) that the probe needs. */
export interface MarathonApp {
  readonly id: string;
  readonly instances: number;
  readonly [field: string]: unknown;
}

/**
 * Writes nginx's configuration into the task's sandbox and becomes nginx. The shell fills in the name of the
 * task; `$remote_addr` is nginx's, and is the proof that no address was translated on the way.
 */
const command = `cat > nginx.conf <<END
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path temp-body;
  proxy_temp_path temp-proxy;
  fastcgi_temp_path temp-fastcgi;
  uwsgi_temp_path temp-uwsgi;
  scgi_temp_path temp-scgi;
  server {
    listen ${probePort};
    location / {
      default_type application/json;
      return 200 '{"server":"$MESOS_TASK_ID","client":"\\$remote_addr"}';
    }
  }
}
END
exec nginx -e stderr -p "$PWD" -c "$PWD/nginx.conf"
`;

/** Labels of the probe's endpoints in Calico, by which policies can select them. */
const endpointLabels = { app: "seamless-probe" };

/** The container network in the words of Marathon 1.5 and later, or of those before ("Upgrading to Marathon 1.5"). */
function network(probe: DcosProbe): Readonly<Record<string, unknown>> {
  const image = probe.image === undefined ? {} : { docker: { image: probe.image } };
  const port = { protocol: "tcp", name: "http" };
  if (probe.form === "ipAddress") {
    return {
      container: { type: "MESOS", ...image },
      ipAddress: {
        networkName: profileName,
        labels: endpointLabels,
        discovery: { ports: [{ number: probePort, ...port }] },
      },
    };
  }
  return {
    networks: [{ mode: "container", name: profileName, labels: endpointLabels }],
    container: {
      type: "MESOS",
      ...image,
      portMappings: [{ containerPort: probePort, ...port }],
    },
  };
}

/**
 * The app by which `seamless verify` proves traffic: nginx on the Calico network, at most one on each agent, public
 * agents included where its Marathon is offered them.
 * @param balancerGroup the group of the load balancer that serves it, if any
 * @throws SeamlessError when more servers are asked for than there are agents.
 */
export function probeApp(
  plan: Plan,
  coe: string,
  probe: DcosProbe,
  balancerGroup?: string,
): MarathonApp {
  const planned = plan.coes[coe];
  if (planned === undefined) throw new SeamlessError(`coes.${coe}: not in the plan`);
  const agents = appAgents(planned).length;
  if (probe.instances > agents) {
    const way = offeredPublic(planned)
      ? ""
      : "; public agents take only apps of Marathons with the role slave_public: set packages.marathon-user.publicAgents: true to give it that role";
    throw new SeamlessError(
      `coes.${coe}.probe.instances: found ${probe.instances}, allowed 0 to ${agents}: one for each agent, for no agent runs two${way}`,
    );
  }
  return {
    id: probeAppId,
    cmd: command,
    instances: probe.instances,
    cpus: 0.1,
    mem: 32,
    constraints: [["hostname", "UNIQUE"]],
    acceptedResourceRoles: acceptedRoles(planned),
    ...network(probe),
    healthChecks: [
      {
        protocol: "MESOS_HTTP",
        path: "/",
        port: probePort,
        gracePeriodSeconds: 60,
        intervalSeconds: 10,
        timeoutSeconds: 5,
        maxConsecutiveFailures: 3,
      },
    ],
    // Right after the start of an agent its network may not be ready yet.
    maxLaunchDelaySeconds: 5,
    // With a task on every agent there is no room for a new one until an old one is gone.
    upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
    labels: {
      ...(balancerGroup === undefined ? {} : { HAPROXY_GROUP: balancerGroup }),
      [rangeLabel]: activeRanges(planned).join(","),
    },
  };
}
