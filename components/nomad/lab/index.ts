import {
  type HostFile,
  type HostFiles,
  hostRoot,
  type LabKind,
  type LabMachine,
  portOf,
  programRoot,
  projectRoot,
} from "../../../lab/contract";
import { renderJson, renderService } from "../../../lab/hosts/render";
import type { CoePlan, NodePlan } from "../../../plan/types";
import type { ClientConfig, ServerConfig } from "../../../standins/nomad/config";
import { exitCode, SeamlessError } from "../../../util/errors";
import { withPort } from "../../../util/net";
import { dockerMachine, noImages } from "../../linux/lab/machine";
import { neededPlugins } from "../cni";
import { nomadPart } from "../model/plan";

/** Ports of a server, as on a real one. */
const ports = { http: 4646, rpc: 4647 } as const;

const dataDir = "/var/lib/nomad";
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Debian 12 with Node.js for the stand-in; BIRD 2 and nft, for nothing leads to a mirror from there. */
const nomadMachine: LabMachine = {
  system: {
    name: "nomad-host",
    suite: "bookworm",
    variant: "minbase",
    packages: [
      ...["systemd", "systemd-sysv", "dbus", "kmod", "procps", "iproute2", "iputils-ping"],
      ...["curl", "ca-certificates", "busybox-static", "iptables", "nodejs"],
      ...["bird2", "nftables"],
    ],
  },
  masked: dockerMachine.masked,
};

/**
 * Nomad: a server and clients that are stood in for, on machines with BIRD 2 of their own. What joins them to the plan is the
 * update's, as on anybody's cluster.
 */
export const nomadLab: LabKind = {
  certificates: () => ({}),
  files(coe, node) {
    const server = serverOf(coe);
    return node.name === server.name ? serverFiles(node) : clientFiles(coe, node, server);
  },
  volumes: () => [dataDir],
  forwards: (coe) => ({ nomad: withPort(serverOf(coe).address, ports.http) }),
  endpoints: (forwarded) => ({
    url: `http://127.0.0.1:${portOf(forwarded, "nomad")}`,
    // The lab's own image is for kinds that run images.
    probe: { driver: "raw_exec", command: [`${programRoot}/lab-probe`] },
  }),
  start: async (context) => (await import("./start.js")).startNomad(context),
  images: noImages,
  machine: nomadMachine,
};

/** @throws SeamlessError unless there is exactly one: the stand-in has no Raft. */
function serverOf(coe: CoePlan): NodePlan {
  const [server, ...more] = Object.values(coe.nodes).filter(({ role }) => role === "server");
  if (server !== undefined && more.length === 0) return server;
  throw new SeamlessError(
    `coes.${coe.name}.nodes: found ${server === undefined ? 0 : more.length + 1} nodes with role server; the lab runs exactly one`,
    exitCode.usage,
  );
}

function serverFiles({ name, address }: NodePlan): HostFiles {
  const config: Partial<ServerConfig> = {
    http: { address, port: ports.http },
    rpc: { address, port: ports.rpc },
    ...{ name, stateDir: dataDir },
  };
  return agentFiles("server", "nomad.service", config, []);
}

function clientFiles(coe: CoePlan, { name, address }: NodePlan, server: NodePlan): HostFiles {
  const { cniConfigDir, unit } = nomadPart(coe);
  const config: Partial<ClientConfig> = {
    ...{ name, address, dataDir, cniConfigDir },
    server: `http://${withPort(server.address, ports.rpc)}`,
    cniPath: "/opt/cni/bin",
    cniProgram: `${programRoot}/nomad-cni`,
  };
  const plugins = neededPlugins.map((plugin) => [
    ...["/bin/ln", "-sf", `${programRoot}/cni-${plugin}`, `/opt/cni/bin/${plugin}`],
  ]);
  const prepare = [["/bin/mkdir", "-p", "/opt/cni/bin", cniConfigDir], ...plugins];
  return agentFiles("client", unit, config, prepare);
}

/** Allocations are the agent's children and outlive its restart. */
function agentFiles(
  program: string,
  unit: string,
  config: object,
  prepare: readonly (readonly string[])[],
): HostFiles {
  const file: HostFile = { path: "nomad.json", text: renderJson(config) };
  const start = [
    ...["/usr/bin/node", `${projectRoot}/standins/nomad/${program}.js`],
    `${hostRoot}/${file.path}`,
  ];
  return {
    files: [file],
    units: [
      {
        name: unit,
        reads: [file.path],
        text: renderService({
          description: `Nomad, a ${program} that is stood in for`,
          after: ["network.target"],
          environment: { PATH: systemPath },
          prepare,
          start: [start],
          settings: { ExecReload: "/bin/kill -HUP $MAINPID", KillMode: "process" },
        }),
      },
    ],
  };
}
