import type { CoePlan } from "../../../plan/types";
import { messageOf } from "../../../util/errors";
import type { RemoteHost } from "../../ask/host";
import type { InspectionReport } from "../../speakers/calico/inspect/finding";
import { inOrderOfWeight } from "../../speakers/calico/inspect/finding";
import type { NomadClient } from "../api/client";
import { plannedNode, stubsByName } from "../api/nodes";
import { agentSelf, type NodeStub, nodeStubs, nomadNode } from "../api/shapes";
import { askClientFiles, parseClientFiles } from "../client-files";
import { leaseDir } from "../cni";
import { nomadPart } from "../model/plan";
import { compareNomad } from "./compare";
import type { ClientState, ClusterNode, NomadState } from "./state";

const pluginAttribute = "plugins.cni.version.";

/**
 * Looks at a cluster and at the CNI files of its clients, and changes nothing.
 * @param hosts by name of the node; one that is not there is not reached
 * @throws SeamlessError when the cluster does not answer
 */
export async function inspectNomad(
  client: NomadClient,
  coe: CoePlan,
  hosts: Readonly<Record<string, RemoteHost>>,
): Promise<InspectionReport> {
  const { config } = await client.get("/v1/agent/self", agentSelf);
  const stubs = await client.get("/v1/nodes", nodeStubs);
  const known = stubsByName(coe, stubs);
  const clients = await Promise.all(
    Object.values(coe.nodes)
      .filter(({ speaker }) => speaker)
      .map(async ({ name }): Promise<[string, ClientState]> => {
        const stub = known.get(name);
        const node = stub === undefined ? undefined : await clusterNode(client, stub);
        const files = await filesOf(coe, hosts[name]);
        return [name, { ...(node === undefined ? {} : { node }), files }];
      }),
  );
  const state: NomadState = {
    version: config.Version.Version,
    region: config.Region,
    others: stubs
      .filter((stub) => stub.Status !== "down" && plannedNode(coe, stub) === undefined)
      .map(({ Name, Address }) => `${Name} (${Address})`)
      .sort(),
    clients: Object.fromEntries(clients),
  };
  return {
    about: `Nomad ${state.version} at ${client.url}, region ${state.region}, ${stubs.length} clients`,
    seen: state,
    findings: inOrderOfWeight(compareNomad(coe, state)),
  };
}

async function clusterNode(client: NomadClient, stub: NodeStub): Promise<ClusterNode> {
  const { Attributes, NodeResources } = await client.get(`/v1/node/${stub.ID}`, nomadNode);
  const plugins = Object.entries(Attributes)
    .filter(([name]) => name.startsWith(pluginAttribute))
    .map(([name, version]) => [name.slice(pluginAttribute.length), version]);
  return {
    ...{ name: stub.Name, status: stub.Status, version: stub.Version },
    plugins: Object.fromEntries(plugins),
    modes: NodeResources.Networks.map(({ Mode }) => Mode).sort(),
  };
}

async function filesOf(coe: CoePlan, host: RemoteHost | undefined): Promise<ClientState["files"]> {
  if (host === undefined) return { unreachable: "no access to it by SSH" };
  const { cniConfigDir, network } = nomadPart(coe);
  try {
    return parseClientFiles(
      await host.need(askClientFiles(cniConfigDir, `${leaseDir}/${network}`)),
    );
  } catch (thrown) {
    return { unreachable: messageOf(thrown) };
  }
}
