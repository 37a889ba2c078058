import type { CoePlan, NodePlan } from "../../../plan/types";
import type { Finding } from "../../speakers/calico/inspect/finding";
import type { ClientFiles } from "../client-files";
import { neededPlugins, networkFile, networkPath } from "../cni";
import { nomadPart } from "../model/plan";
import type { ClientState, ClusterNode, NomadState } from "./state";

/** Native services came with it, and `address_mode = "alloc"` for them (Nomad, "Upgrade guides"). */
const oldest = [1, 3, 0] as const;

/** In what a cluster and its clients stand in the way of the plan, or are changed by it. */
export function compareNomad(coe: CoePlan, state: NomadState): Finding[] {
  return [
    ...versionFindings("version", `the server is Nomad ${state.version}`, state.version),
    ...Object.entries(state.clients).flatMap(([name, client]) => {
      const node = coe.nodes[name];
      return node === undefined ? [] : clientFindings(coe, node, client);
    }),
    ...(state.others.length === 0
      ? []
      : [
          {
            id: "nodes",
            level: "notes",
            found: `the cluster has clients that the plan does not name: ${state.others.join(", ")}`,
            effect: "they do not offer the network, so no job that asks for it runs there",
          } satisfies Finding,
        ]),
  ];
}

function versionFindings(id: string, found: string, version: string): Finding[] {
  const parts = version.split(/[.+-]/).slice(0, 3).map(Number);
  const [major = 0, minor = 0] = parts;
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return [];
  return [
    {
      ...{ id, level: "blocks", found: `${found}; needed: ${oldest.join(".")} or later` },
      effect: "services of allocations have no addresses of their own in it",
      advice: "upgrade it",
    },
  ];
}

function clientFindings(
  coe: CoePlan,
  node: NodePlan,
  { node: known, files }: ClientState,
): Finding[] {
  return [
    ...(known === undefined ? missing(node) : clusterFindings(node, known)),
    ...("unreachable" in files
      ? [
          {
            id: `${node.name}/host`,
            level: "blocks",
            found: files.unreachable,
            effect: "its network and its BIRD cannot be written",
          } satisfies Finding,
        ]
      : fileFindings(coe, node, files)),
  ];
}

function missing(node: NodePlan): Finding[] {
  return [
    {
      id: `${node.name}/node`,
      level: "blocks",
      found: `the cluster has no client with the address ${node.address} or the name ${node.name}`,
      effect: "no job can run there",
      advice:
        "look whether its agent runs with client { enabled = true }, and at what address it advertises",
    },
  ];
}

function clusterFindings(node: NodePlan, known: ClusterNode): Finding[] {
  const { name } = node;
  const lacking = neededPlugins.filter((plugin) => known.plugins[plugin] === undefined);
  return [
    ...versionFindings(`${name}/version`, `its agent is Nomad ${known.version}`, known.version),
    ...(known.status === "ready"
      ? []
      : [
          {
            id: `${name}/status`,
            level: "blocks",
            found: `its status is ${known.status}`,
            effect: "no job runs there, and it cannot offer a network",
            advice: "look at its agent (nomad node status), or leave it out of the plan",
          } satisfies Finding,
        ]),
    ...(lacking.length === 0
      ? []
      : [
          {
            id: `${name}/plugins`,
            level: "blocks",
            found: `it tells no CNI plugin ${lacking.join(", ")}`,
            effect: "no allocation could be put on the network",
            advice:
              "install the CNI project's plugins in a folder of client.cni_path (/opt/cni/bin), and restart its agent",
          } satisfies Finding,
        ]),
  ];
}

function fileFindings(coe: CoePlan, node: NodePlan, { files }: ClientFiles): Finding[] {
  const { network } = nomadPart(coe);
  const own = networkPath(coe);
  const twin = files.find((file) => file.network === network && file.path !== own);
  const there = files.find(({ path }) => path === own);
  const broken = files.filter(({ path, problem }) => problem !== undefined && path !== own);
  return [
    ...broken.map(
      ({ path, problem }): Finding => ({
        ...{ id: `${node.name}/cni`, level: "blocks", found: `${path} cannot be read: ${problem}` },
        effect:
          "the agent would not start again with it, and every look-up of a network that comes to it fails",
        advice: "mend it, or remove it",
      }),
    ),
    ...(twin === undefined
      ? []
      : [
          {
            id: `${node.name}/cni`,
            level: "blocks",
            found: `${twin.path} has a network called ${network}`,
            effect: "the client takes the first of two files of a name",
            advice: `remove it, or write another name as coes.${coe.name}.network`,
          } satisfies Finding,
        ]),
    ...(there === undefined || there.text === networkFile(coe, node)
      ? []
      : [
          {
            id: `${node.name}/cni`,
            level: "changes",
            found: `${own} is there, with another text than the plan's`,
            effect: "it is overwritten; allocations keep their network until they are started anew",
          } satisfies Finding,
        ]),
  ];
}
