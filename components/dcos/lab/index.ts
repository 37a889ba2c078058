import {
  type HostFile,
  type HostFiles,
  type HostUnit,
  hostRoot,
  type LabKind,
  portOf,
  programRoot,
  projectRoot,
} from "../../../lab/contract";
import { environmentFile, etcdData, etcdUnit, routesUnit } from "../../../lab/hosts/common";
import { renderJson, renderService } from "../../../lab/hosts/render";
import type { CoePlan, NodePlan } from "../../../plan/types";
import type { AgentConfig, MasterConfig } from "../../../standins/dcos/config";
import { exitCode, SeamlessError } from "../../../util/errors";
import { withPort } from "../../../util/net";
import { calicoHost, calicoHostFiles } from "../../speakers/calico/lab/host";
import { renderCalicoNetwork } from "../calico-cni";
import { dcosPart } from "../model/plan";
import { etcdPort } from "../model/ports";
import { etcdMembers } from "../model/services";
import { agentNames, masterNames } from "./names";

/** Ports of the master, as on DC/OS: Admin Router, Marathon, the Mesos master, and the etcd that is Calico's datastore. */
const ports = { adminRouter: 80, marathon: 8080, mesos: 5050, etcd: etcdPort } as const;

/** The container network of Calico, as apps name it. */
const network = "calico-open";

/** What runs in place of the images that packages ask for. */
const images: NonNullable<AgentConfig["images"]> = {
  "mesosphere/marathon": program("marathon-user"),
  "mesosphere/marathon-lb": program("marathon-lb"),
  "seamless/etcd-scheduler": program("etcd-scheduler"),
};

function program(name: string): string[] {
  return ["/usr/bin/node", `${projectRoot}/standins/dcos/${name}.js`];
}

const workDir = "/var/lib/dcos-agent";
const stateDir = "/var/lib/dcos-master";
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** DC/OS: a master with Calico's datastore; agents with Calico as a service and a stand-in for Mesos and Marathon. */
export const dcosLab: LabKind = {
  certificates: () => ({}),
  files(coe, node) {
    const master = masterOf(coe);
    return node.name === master.name ? masterFiles(coe, node) : agentFiles(coe, node, master);
  },
  volumes: (node) => (node.role === "master" ? [etcdData, stateDir] : [workDir]),
  forwards(coe) {
    const { address } = masterOf(coe);
    const members = etcdMembers(coe) ?? [withPort(address, ports.etcd)];
    return { dcos: withPort(address, ports.adminRouter), etcd: members.join(",") };
  },
  endpoints: (forwarded) => ({
    url: `http://127.0.0.1:${portOf(forwarded, "dcos")}`,
    etcdEndpoints: [`http://127.0.0.1:${portOf(forwarded, "etcd")}`],
  }),
  start: async (context) => (await import("./start.js")).startDcos(context),
  images: {
    packages: [
      ...calicoHost.packages,
      ...["etcd-server", "etcd-client", "haproxy", "nginx-light", "nodejs"],
    ],
    masked: [...calicoHost.masked, "etcd.service", "haproxy.service", "nginx.service"],
    programs: calicoHost.programs,
    files: calicoHostFiles,
    systems: [],
    tags: [],
    pods: async () => [],
  },
};

/** @throws SeamlessError unless there is exactly one: the lab's etcd and Marathon are not replicated. */
function masterOf(coe: CoePlan): NodePlan {
  const masters = Object.values(coe.nodes).filter((node) => node.role === "master");
  const [master] = masters;
  if (master !== undefined && masters.length === 1) return master;
  const found = masters.map((node) => node.name).join(", ") || "none";
  throw new SeamlessError(
    `coes.${coe.name}.nodes: found ${found} with role master; the lab runs exactly one`,
    exitCode.usage,
  );
}

function masterFiles(coe: CoePlan, node: NodePlan): HostFiles {
  const config: MasterConfig = {
    marathon: { address: node.address, port: ports.marathon },
    mesos: { address: node.address, port: ports.mesos },
    adminRouter: { address: node.address, port: ports.adminRouter },
    stateDir,
  };
  const file: HostFile = { path: "dcos-master.json", text: renderJson(config) };
  const unit: HostUnit = {
    name: "dcos-master.service",
    reads: [file.path],
    text: renderService({
      description: "Marathon and the Mesos master, stood in for",
      after: ["network.target"],
      start: [[...program("master"), `${hostRoot}/${file.path}`]],
    }),
  };
  const names = masterNames(coe, withPort(node.address, ports.mesos));
  const calico = node.speaker ? calicoFiles(coe, node, node) : { files: [], units: [] };
  return {
    files: [file, ...calico.files, ...names.files],
    units: [
      routesUnit([]),
      ...(etcdMembers(coe) === undefined ? [etcdUnit(node.name, node.address)] : []),
      unit,
      ...calico.units,
      ...names.units,
    ],
  };
}

/** Calico's datastore: the package on the agents where there is one, else one of the master's own. */
function etcdOf(coe: CoePlan, master: NodePlan): string[] {
  const members = dcosPart(coe).datastore ?? [withPort(master.address, ports.etcd)];
  return members.map((member) => `http://${member}`);
}

function calicoFiles(coe: CoePlan, node: NodePlan, master: NodePlan): HostFiles {
  const file = environmentFile("calico.env", calicoEnvironment(node, etcdOf(coe, master)));
  return { files: [file], units: [calicoUnit(file.path)] };
}

function agentFiles(coe: CoePlan, node: NodePlan, master: NodePlan): HostFiles {
  const calico = calicoFiles(coe, node, master);
  const cni: HostFile = {
    path: `cni/${network}.conf`,
    text: renderCalicoNetwork({ name: network, etcdEndpoints: etcdOf(coe, master) }),
  };
  const config: AgentConfig = {
    name: node.name,
    address: node.address,
    role: node.role === "public" ? "public" : "private",
    master: `http://${withPort(master.address, ports.mesos)}`,
    workDir,
    cniConfigDir: `${hostRoot}/cni`,
    images,
  };
  const agent: HostFile = { path: "dcos-agent.json", text: renderJson(config) };
  const names = agentNames(coe, master.address);
  return {
    files: [...calico.files, cni, agent, ...names.files],
    units: [routesUnit([]), ...calico.units, agentUnit(agent.path, cni.path), ...names.units],
  };
}

/** What calico-node needs to know ("Configuring calico/node"); the AS comes from the datastore. */
function calicoEnvironment(
  node: NodePlan,
  etcdEndpoints: readonly string[],
): Readonly<Record<string, string>> {
  return {
    CALICO_DISABLE_FILE_LOGGING: "true",
    CALICO_MANAGE_CNI: "false",
    CALICO_NETWORKING_BACKEND: "bird",
    CLUSTER_TYPE: "mesos,bgp",
    DATASTORE_TYPE: "etcdv3",
    ETCD_ENDPOINTS: etcdEndpoints.join(","),
    FELIX_DEFAULTENDPOINTTOHOSTACTION: "ACCEPT",
    // Built without cgo, Calico has no libbpf; Felix would stop at the clean-up of what it never set up.
    FELIX_DebugSkipCTLBCleanup: "true",
    FELIX_HEALTHENABLED: "true",
    FELIX_IPV6SUPPORT: "false",
    FELIX_LOGSEVERITYSCREEN: "Warning",
    FELIX_USAGEREPORTINGENABLED: "false",
    IP: "autodetect",
    IP6: "none",
    IP_AUTODETECTION_METHOD: "interface=eth0",
    NODENAME: node.name,
    NO_DEFAULT_POOLS: "true",
    WAIT_FOR_DATASTORE: "true",
  };
}

/** SIGKILL, because BIRD would tell its peers on SIGTERM that its routes are gone; so does Calico's DaemonSet. */
function calicoUnit(environment: string): HostUnit {
  return {
    name: "calico-node.service",
    reads: [environment],
    text: renderService({
      description: "Calico: Felix, confd and BIRD under runit",
      after: ["lab-routes.service", "network.target"],
      environment: { PATH: systemPath, SVDIR: "/etc/service/enabled" },
      environmentFile: `${hostRoot}/${environment}`,
      start: [["/usr/local/sbin/start-calico-node"]],
      settings: { KillSignal: "SIGKILL" },
    }),
  };
}

/** Tasks are the agent's children and outlive its restart. */
function agentUnit(config: string, cni: string): HostUnit {
  const plugins = ["calico", "calico-ipam"];
  return {
    name: "dcos-agent.service",
    reads: [config, cni],
    text: renderService({
      description: "Mesos agent, stood in for",
      after: ["calico-node.service"],
      environment: { PATH: systemPath },
      prepare: plugins.map((name) => ["/bin/ln", "-sf", `${programRoot}/${name}`, "/opt/cni/bin/"]),
      start: [[...program("agent"), `${hostRoot}/${config}`]],
      settings: { KillMode: "process" },
    }),
  };
}
