import { z } from "zod";
import { balancerAddress } from "../../../plan/services";
import type { CoePlan } from "../../../plan/types";
import { messageOf } from "../../../util/errors";
import { ask } from "../../ask/shell";
import type { Answer, ServiceAddress, Workload } from "../../ask/types";
import {
  accessAs,
  curl,
  curlSilence,
  type MakeProbe,
  probeName,
  probePort,
} from "../../contract/probe";
import { accessFrom, dcosSettings } from "../api/access";
import { DcosSession, jsonOf } from "../api/session";
import { appsService } from "../model/services";
import { ownWord } from "./own-word";
import { type Get, usePackage } from "./packages";

const requestMs = 10_000;

const appReply = z.object({
  app: z.object({
    container: z
      .object({ portMappings: z.array(z.object({ servicePort: z.number() })).default([]) })
      .optional(),
    tasks: z
      .array(
        z.object({
          id: z.string(),
          state: z.string().default(""),
          host: z.string().default(""),
          ipAddresses: z.array(z.object({ ipAddress: z.string() })).default([]),
        }),
      )
      .default([]),
  }),
});

/**
 * Finds the network namespace that holds the address given as $1 and runs the rest of the arguments in it.
 * Mesos binds a container's namespace below its CNI isolator's folder; `ip netns` keeps its own in /var/run/netns.
 */
const insideNamespaceOf = `
address=$1; shift
for ns in /var/run/netns/* /var/run/mesos/isolators/network/cni/*/ns; do
  [ -e "$ns" ] || continue
  if nsenter --net="$ns" ip -4 -o address show 2>/dev/null | grep -qF " $address/"; then
    exec nsenter --net="$ns" "$@"
  fi
done
echo "no container with address $address" >&2
exit 1
`;

/** DC/OS 2.1 and later has the programs of its own Calico in a folder of its own, last for whoever has others. */
const withOwnPrograms = ["sh", "-c", 'PATH="$PATH:/opt/mesosphere/bin" exec "$@"', "sh"];

/** How a cluster is reached, as the stack outputs have it. */
const settings = dcosSettings.extend({
  etcdEndpoints: z.array(z.string()).default([]),
  url: z.string().default(""),
});

/** DC/OS is asked through Admin Router; a fetch runs in the task's own network namespace on its agent. */
export const dcosProbe: MakeProbe = async (coe, access) => {
  const { etcdEndpoints, ...reached } = accessAs(settings, coe, access);
  const session = new DcosSession(accessFrom(reached), {
    say: () => undefined,
    patienceMs: 0,
    timeoutMs: requestMs,
  });
  const nodeOf = (host: string) =>
    Object.values(coe.nodes).find((node) => node.address === host || node.name === host);

  const get: Get = async (path, shape) => {
    const asked = `${coe.name}: GET ${session.url}${path}`;
    try {
      const answer = await session.send({ method: "GET", path });
      if (answer.status !== 200) return { ok: false, asked, error: `HTTP ${answer.status}` };
      return { ok: true, asked, value: shape.parse(jsonOf(answer.text)) };
    } catch (thrown) {
      return { ok: false, asked, error: messageOf(thrown), unasked: true };
    }
  };
  const app = async (): Promise<Answer<z.infer<typeof appReply>["app"]>> => {
    const path = `/service/${appsService(coe)}/v2/apps//${probeName}?embed=app.tasks`;
    const found = await get(path, appReply);
    return found.ok ? { ...found, value: found.value.app } : found;
  };

  return {
    host: hostOf(coe),

    addon: (name) => usePackage(name, coe, access, get, session),

    async workloads(): Promise<Answer<readonly Workload[]>> {
      const found = await app();
      if (!found.ok) return found;
      const value = found.value.tasks.flatMap((task): Workload[] => {
        const address = task.ipAddresses[0]?.ipAddress;
        const node = nodeOf(task.host);
        if (task.state !== "TASK_RUNNING" || address === undefined || node === undefined) return [];
        return [{ name: task.id, coe: coe.name, node: node.id, address, port: probePort }];
      });
      return { ...found, value: value.sort((a, b) => a.node.localeCompare(b.node)) };
    },

    async services(): Promise<Answer<readonly ServiceAddress[]>> {
      const found = await app();
      if (!found.ok) return found;
      const address = balancerAddress(coe);
      const port = found.value.container?.portMappings[0]?.servicePort;
      if (address === undefined || port === undefined) return { ...found, value: [] };
      return { ...found, value: [{ range: "loadBalancerIPs", address, port }] };
    },

    ...ownWord(coe, get, session, etcdEndpoints),

    async besideSpeaker(name, argv) {
      const shell = access.nodes[name];
      const id = `${coe.name}/${name}`;
      const asked = `${id}: ${argv[0]}`;
      if (shell === undefined)
        return {
          ...{ ok: false, asked, unasked: true },
          error: "no access to the agent in the stack outputs",
        };
      return ask(shell, id, [...withOwnPrograms, ...argv]);
    },

    async fetch(from, target) {
      const node = Object.values(coe.nodes).find((one) => one.id === from.node);
      const shell = node === undefined ? undefined : access.nodes[node.name];
      const get = curl(target);
      const asked = `${from.node}: ${get.join(" ")} (as ${from.name})`;
      if (shell === undefined)
        return {
          ...{ ok: false, asked, unasked: true },
          error: "no access to the agent in the stack outputs",
        };
      const argv = ["sh", "-c", insideNamespaceOf, "sh", from.address, ...get];
      const reply = await ask(shell, from.node, argv, undefined, curlSilence);
      return { ...reply, asked };
    },
  };
};

/**
 * The name of the probe's tasks: by dcos-net their own addresses, by Mesos-DNS what that is configured to tell, on
 * DC/OS the addresses of their agents first ("Service Naming").
 */
function hostOf(coe: CoePlan): string | undefined {
  const zones = coe.names?.zones ?? [];
  const directory = zones.find((zone) => zone === "thisdcos.directory");
  const zone = directory === undefined ? zones[0] : `containerip.dcos.${directory}`;
  return zone === undefined ? undefined : `${probeName}.${appsService(coe)}.${zone}`;
}
