import type { CoePlan, NodePlan } from "../../../plan/types";
import { messageOf } from "../../../util/errors";
import { contains } from "../../../util/net";
import { ask, parsed } from "../../ask/shell";
import type {
  Answer,
  CoeContainer,
  CoeNode,
  IpamBlock,
  ObjectFault,
  Workload,
} from "../../ask/types";
import {
  accessAs,
  curlSilence,
  fetchSeconds,
  type MakeProbe,
  probeName,
  probePort,
} from "../../contract/probe";
import { hostFaults, leftOnHost } from "../../linux/compare";
import { hostInputOf } from "../../linux/planned";
import { accessFrom, nomadSettings } from "../api/access";
import { NomadClient } from "../api/client";
import { stubsByName } from "../api/nodes";
import { agentMembers, allocations, nodeStubs } from "../api/shapes";
import { askClientFiles, type ClientFiles, parseClientFiles, rangesIn } from "../client-files";
import { leaseDir, networkPath } from "../cni";
import { networkMode, nomadPart } from "../model/plan";
import { byConsul } from "../probe-job";
import { addressesOf } from "../run-job";
import { leftOn, networkFaults } from "./objects";

const requestMs = 10_000;

/**
 * GETs the URL $3 in the network of the allocation $1, in $2 seconds at most. Its client has made the namespace, but for
 * Docker, where the pause container has it. A host may have no curl; the code of a time that is over is curl's.
 */
const getInside = `
alloc=$1 seconds=$2 url=$3
ns=/var/run/netns/$alloc
[ -e "$ns" ] || ns=$(docker inspect -f '{{.NetworkSettings.SandboxKey}}' "nomad_init_$alloc" 2>/dev/null || true)
[ -e "$ns" ] || { echo "no network namespace of allocation $alloc" >&2; exit 1; }
there() { command -v "$1" >/dev/null 2>&1; }
if there curl; then exec nsenter --net="$ns" curl -sS -f -m "$seconds" "$url"; fi
wget=wget; there wget || wget='busybox wget'
timeout "$seconds" nsenter --net="$ns" $wget -qO- "$url" && exit 0
code=$?
[ "$code" -ne 124 ] || code=${curlSilence}
exit "$code"
`;

/** Nomad is asked by its HTTP API, clients by SSH; a fetch runs in the allocation's own network namespace. */
export const nomadProbe: MakeProbe = async (coe, access) => {
  const settings = accessAs(nomadSettings, coe, access);
  const client = new NomadClient(accessFrom(settings), requestMs);
  const clients = Object.values(coe.nodes).filter(({ speaker }) => speaker);

  const beside = async (
    node: NodePlan,
    argv: readonly string[],
    silence?: number,
    input?: string,
  ): Promise<Answer<string>> => {
    const shell = access.nodes[node.name];
    if (shell !== undefined) return ask(shell, node.id, argv, undefined, silence, input);
    return {
      ...{ ok: false, asked: `${node.id}: ${argv[0]}`, unasked: true },
      error: "no access to the client in the stack outputs",
    };
  };
  const filesOf = async (node: NodePlan): Promise<Answer<ClientFiles>> => {
    const { cniConfigDir, network } = nomadPart(coe);
    const argv = askClientFiles(cniConfigDir, `${leaseDir}/${network}`);
    const said = await beside(node, argv);
    return parsed({ ...said, asked: `${node.id}: CNI files and leases` }, parseClientFiles);
  };

  const askOn = (node: NodePlan) => (argv: readonly string[], input?: string) =>
    beside(node, argv, undefined, input);
  /** What is wrong on clients, by their CNI files and more; without one of them nobody knows all. */
  const faultsOf = async (
    of: (node: NodePlan, files: ClientFiles) => Promise<readonly ObjectFault[]>,
  ): Promise<Answer<readonly ObjectFault[]>> => {
    const speaker = coe.speaker === "frr" ? "vtysh" : "birdcl";
    const asked = `${coe.name}: CNI files, ${speaker} and nft on clients`;
    const seen = await each(clients, filesOf);
    for (const [, files] of seen) if (!files.ok) return files;
    return told(asked, async () => {
      const all = await Promise.all(
        seen.map(([node, files]) => (files.ok ? of(node, files.value) : [])),
      );
      return all.flat();
    });
  };

  /** Running allocations of the plan's network, with the node that each is on. */
  const running = () =>
    told(`${coe.name}: GET ${client.url}/v1/node/…/allocations`, async () => {
      const stubs = await client.get("/v1/nodes", nodeStubs);
      const ids = new Map(
        [...stubsByName(coe, stubs)].map(([name, { ID }]) => [ID, coe.nodes[name]?.id ?? name]),
      );
      const mode = networkMode(coe);
      const found = await Promise.all(
        stubs
          .filter(({ Status }) => Status !== "down")
          .map(({ ID }) => client.get(`/v1/node/${ID}/allocations`, allocations)),
      );
      return found
        .flat()
        .filter(({ ClientStatus }) => ClientStatus === "running")
        .filter((alloc) => modeOf(alloc) === mode)
        .map((alloc) => ({ alloc, node: ids.get(alloc.NodeID) ?? alloc.NodeID }));
    });

  return {
    host: hostOf(coe),

    async workloads(): Promise<Answer<readonly Workload[]>> {
      const found = await running();
      if (!found.ok) return found;
      const value = found.value
        .filter(({ alloc }) => alloc.JobID === probeName)
        .flatMap(({ alloc, node }): Workload[] => {
          const [address, address6] = addressesOf(alloc);
          if (address === undefined) return [];
          const server = { name: alloc.ID, coe: coe.name, node, port: probePort };
          return [{ ...server, address, ...(address6 === undefined ? {} : { address6 }) }];
        });
      return { ...found, value: value.sort((a, b) => a.node.localeCompare(b.node)) };
    },

    async containers(): Promise<Answer<readonly CoeContainer[]>> {
      const found = await running();
      if (!found.ok) return found;
      const value = found.value.flatMap(({ alloc, node }) =>
        addressesOf(alloc).map((address) => ({ name: alloc.ID, node, address })),
      );
      return { ...found, value };
    },

    nodes: () =>
      told(`${coe.name}: GET ${client.url}/v1/nodes`, async () => {
        const stubs = await client.get("/v1/nodes", nodeStubs);
        const { Members } = await client.get("/v1/agent/members", agentMembers);
        const known = [...stubsByName(coe, stubs).values()];
        const others = stubs.filter(({ Status }) => Status !== "down");
        return (
          [...new Set([...known, ...others])]
            .map(({ Name, Address }): CoeNode => ({ name: Name, address: Address }))
            // A server that is a client as well is one node.
            .concat(
              Members.filter(({ Addr }) => !stubs.some(({ Address }) => Address === Addr)).map(
                ({ Name, Addr }) => ({ name: Name, address: Addr }),
              ),
            )
        );
      }),

    /** The ranges that host-local has on each client, and who has an address of them by its own leases. */
    async blocks(): Promise<Answer<readonly IpamBlock[]>> {
      const blocks: IpamBlock[] = [];
      const asked = `${coe.name}: CNI files and leases of clients`;
      for (const [node, files] of await each(clients, filesOf)) {
        if (!files.ok) return files;
        const file = files.value.files.find(({ path }) => path === networkPath(coe));
        if (file === undefined || file.problem !== undefined) continue;
        for (const cidr of rangesIn(file.text)) {
          const addresses = files.value.leases
            .filter(({ address }) => contains(cidr, address))
            .map(({ address, holder }) => ({ address, holder, node: node.id }));
          blocks.push({ cidr, owners: [node.id], addresses });
        }
      }
      return { ok: true, asked, value: blocks };
    },

    objects: (plan) =>
      faultsOf(async (node, files) => {
        const shell = access.nodes[node.name];
        if (shell === undefined) return [];
        const own = plan.coes[coe.name] ?? coe;
        const input = hostInputOf(plan, own, node, shell, "none");
        return [...networkFaults(own, node, files), ...(await hostFaults(askOn(node), input))];
      }),

    async left(plan) {
      const found = await faultsOf(async (node, files) => [
        ...leftOn(plan.coes[coe.name] ?? coe, node, files),
        ...(await leftOnHost(askOn(node), node.id)),
      ]);
      return found.ok ? { ...found, value: { faults: found.value, compared: [] } } : found;
    },

    async besideSpeaker(name, argv) {
      const node = coe.nodes[name];
      if (node !== undefined) return beside(node, argv);
      const asked = `${coe.name}/${name}: ${argv[0]}`;
      return { ok: false, asked, error: "no such node in the plan", unasked: true };
    },

    async fetch(from, target) {
      const node = Object.values(coe.nodes).find((one) => one.id === from.node);
      const asked = `${from.node}: GET ${target} (as ${from.name})`;
      if (node === undefined)
        return { ok: false, asked, error: `${from.node} is not in the plan`, unasked: true };
      const argv = ["sh", "-c", getInside, "sh", from.name, String(fetchSeconds), target];
      const reply = await beside(node, argv, curlSilence);
      return { ...reply, asked };
    },
  };
};

/** The mode of an allocation's network, in lower case as a client compares it. */
function modeOf({ Job, TaskGroup }: AllocationInJob): string | undefined {
  const group = Job?.TaskGroups.find(({ Name }) => Name === TaskGroup);
  return group?.Networks[0]?.Mode.toLowerCase();
}

type AllocationInJob = (typeof allocations)["_output"][number];

/** Nomad itself answers no DNS: Consul does, or a server of the user's with the records of native services. */
function hostOf(coe: CoePlan): string | undefined {
  const [zone] = coe.names?.zones ?? [];
  if (zone === undefined) return undefined;
  return byConsul(coe) ? `${probeName}.service.${zone}` : `${probeName}.${zone}`;
}

async function each<T>(
  nodes: readonly NodePlan[],
  of: (node: NodePlan) => Promise<T>,
): Promise<(readonly [NodePlan, T])[]> {
  return Promise.all(nodes.map(async (node) => [node, await of(node)] as const));
}

async function told<T>(asked: string, asking: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, asked, value: await asking() };
  } catch (thrown) {
    return { ok: false, asked, error: messageOf(thrown), unasked: true };
  }
}
