import type { CoePlan, Plan } from "../../../plan/types";
import { messageOf } from "../../../util/errors";
import { containedIn, podRanges } from "../../../util/ranges";
import type { Answer, CoeContainer, CoeNode } from "../../ask/types";
import type { KindProbe } from "../../contract/probe";
import { objectFaults } from "../../speakers/calico/faults";
import { type CalicoPast, leftBehind } from "../../speakers/calico/left";
import { calicoPlan, profileName } from "../../speakers/calico/objects";
import type { CalicoObject } from "../../speakers/calico/types";
import { calicoV1Documents } from "../../speakers/calico/v1";
import type { DcosSession } from "../api/session";
import { type MesosContainers, mesosContainers } from "../api/shapes";
import { calicoEtcdResult } from "../calico-etcd";
import { refOf } from "../calicoctl";
import { etcdKeys, etcdV2Keys } from "../etcd";
import { look } from "../inspect";
import { compareDcos, planNames } from "../inspect/compare";
import { readIpam } from "./ipam";
import type { Get } from "./packages";

/** Calico's networks of containers: ours, and DC/OS's own from 2.1 on. */
const calicoNetworks = [profileName, "calico"];

/** What a cluster says of itself: Mesos of its tasks and agents, Calico's etcd of blocks and objects. */
export function ownWord(
  coe: CoePlan,
  get: Get,
  session: DcosSession,
  etcdEndpoints: readonly string[],
): Pick<KindProbe, "containers" | "blocks" | "nodes" | "objects" | "left"> {
  const state = () => get("/mesos/state", mesosContainers);
  const ids = new Map(Object.values(coe.nodes).map(({ address, id }) => [address, id]));

  return {
    async containers() {
      const found = await state();
      if (!found.ok) return found;
      const agents = new Map(
        found.value.slaves.map((agent) => [
          agent.id,
          ids.get(addressOf(agent)) ?? coe.nodes[agent.hostname]?.id ?? agent.hostname,
        ]),
      );
      const value = found.value.frameworks
        .flatMap(({ tasks }) => tasks)
        .flatMap((task) => containersOf(task, agents.get(task.slave_id) ?? task.slave_id))
        .filter(({ network, address }) =>
          network === undefined
            ? containedIn(podRanges(coe), address)
            : calicoNetworks.includes(network),
        )
        .map(({ network: _, ...container }) => container);
      return { ...found, value };
    },

    blocks() {
      const read = coe.calicoApi === "v1" ? etcdV2Keys(etcdEndpoints) : etcdKeys(etcdEndpoints);
      return told(`${coe.name}: etcd /calico/ipam/v2/`, () => readIpam(coe, read));
    },

    async nodes() {
      const found = await state();
      if (!found.ok) return found;
      const agents = found.value.slaves.map(
        (agent): CoeNode => ({ name: agent.hostname, address: addressOf(agent) }),
      );
      // Mesos knows its agents, and of its masters only the one that leads.
      const masters = Object.values(coe.nodes)
        .filter(({ role }) => role === "master")
        .map(({ name, address }) => ({ name, address }));
      return { ...found, value: [...agents, ...masters] };
    },

    left(plan: Plan, printed) {
      const calico = calicoPlan(plan, coe.name);
      return told(`${coe.name}: calicoctl get`, async () => {
        const { datastore: state } = await look(session, { coe, calico, etcdEndpoints });
        if ("unreachable" in state) throw new Error(state.unreachable);
        return leftBehind({ coe, plan: calico, state, past: pastOf(printed.calico) });
      });
    },

    objects(plan: Plan) {
      const calico = calicoPlan(plan, coe.name);
      return told(`${coe.name}: calicoctl get`, async () => {
        const seen = await look(session, { coe, calico, etcdEndpoints });
        const findings = compareDcos(coe, calico, seen);
        if ("unreachable" in seen.datastore) throw new Error(seen.datastore.unreachable);
        const state = planNames(coe, seen.datastore);
        const putBack = `run: seamless render calico --coe ${coe.name} | calicoctl apply -f -`;
        const joined = { coe, plan: calico, state, findings, putBack };
        return objectFaults(coe.calicoApi === "v1" ? { ...joined, stored: asV1 } : joined);
      });

      function asV1({ kind, metadata, spec }: CalicoObject) {
        const written = calicoV1Documents(calico).find((one) => one.kind === "policy");
        const policy = kind === "GlobalNetworkPolicy" && written !== undefined;
        return { kind, metadata, spec: policy ? { ...written.spec } : { ...spec } };
      }
    },
  };
}

/** What was there before by the step that applies the objects; undefined where it has not said it. */
function pastOf(printed: string | undefined): CalicoPast | undefined {
  if (printed === undefined) return undefined;
  const { before } = calicoEtcdResult.parse(JSON.parse(printed));
  const [bgp] = before.filter(({ kind }) => kind === "BGPConfiguration");
  const pools = before.filter(({ kind }) => kind === "IPPool");
  return {
    pools: Object.fromEntries(pools.map(({ metadata, spec = {} }) => [metadata.name, spec])),
    ...(bgp === undefined ? {} : { bgp: bgp.spec ?? {} }),
    others: before.map(refOf),
  };
}

type Task = MesosContainers["frameworks"][number]["tasks"][number];

/** The addresses of a running task, by what its agent has said last. */
function containersOf(
  { id, state, statuses }: Task,
  node: string,
): (CoeContainer & { readonly network?: string | undefined })[] {
  if (state !== "TASK_RUNNING") return [];
  const last = [...statuses].sort((a, b) => a.timestamp - b.timestamp).at(-1);
  return (last?.container_status?.network_infos ?? []).flatMap(({ name, ip_addresses }) =>
    ip_addresses
      .filter(({ ip_address: address }) => address !== "")
      .map(({ ip_address: address }) => ({ name: id, node, address, network: name })),
  );
}

/** `slave(1)@10.0.0.1:5051`: by what address the master knows an agent. */
function addressOf({ pid, hostname }: MesosContainers["slaves"][number]): string {
  return /@(.+):\d+$/.exec(pid)?.[1] ?? hostname;
}

async function told<T>(asked: string, ask: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, asked, value: await ask() };
  } catch (thrown) {
    return { ok: false, asked, error: messageOf(thrown), unasked: true };
  }
}
