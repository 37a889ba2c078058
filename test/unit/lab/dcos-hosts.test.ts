import { dcosLab } from "../../../components/dcos/lab";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import type { HostFiles, Pki } from "../../../lab/contract";
import type { CoePlan, NodePlan } from "../../../plan/types";
import { withoutPackages } from "../../helpers/plain-lab";

const lab = readStackConfig("Pulumi.lab.yaml");
const { dcos: packaged } = makePlan(lab).coes;
const { dcos } = makePlan(withoutPackages(lab)).coes;
if (packaged === undefined || dcos === undefined) throw new Error("no dcos in the lab");

function nodeOf(coe: CoePlan, name: string): NodePlan {
  const node = coe.nodes[name];
  if (node === undefined) throw new Error(`no ${name} in the plan`);
  return node;
}

const pki: Pki = { authority: "", leaves: {}, serviceAccount: { privateKey: "", publicKey: "" } };
const hostOf = (coe: CoePlan, name: string) => dcosLab.files(coe, nodeOf(coe, name), pki);
const [agent, master] = [hostOf(dcos, "agent-1"), hostOf(dcos, "master")];

const fileOf = ({ files }: HostFiles, path: string) => files.find((one) => one.path === path)?.text;
const unitOf = ({ units }: HostFiles, name: string) => units.find((one) => one.name === name);
const namesOf = ({ files, units }: HostFiles) => ({
  files: files.map(({ path, secret }) => (secret === true ? `${path} (secret)` : path)),
  units: units.map(({ name }) => name),
});

test("a DC/OS agent's files and units", () => {
  expect(namesOf(agent)).toEqual({
    files: ["calico.env", "cni/calico-open.conf", "dcos-agent.json"],
    units: ["lab-routes.service", "calico-node.service", "dcos-agent.service"],
  });
  expect(fileOf(agent, "calico.env")).toBe(`CALICO_DISABLE_FILE_LOGGING=true
CALICO_MANAGE_CNI=false
CALICO_NETWORKING_BACKEND=bird
CLUSTER_TYPE=mesos,bgp
DATASTORE_TYPE=etcdv3
ETCD_ENDPOINTS=http://172.16.18.42:2379
FELIX_DEFAULTENDPOINTTOHOSTACTION=ACCEPT
FELIX_DebugSkipCTLBCleanup=true
FELIX_HEALTHENABLED=true
FELIX_IPV6SUPPORT=false
FELIX_LOGSEVERITYSCREEN=Warning
FELIX_USAGEREPORTINGENABLED=false
IP=autodetect
IP6=none
IP_AUTODETECTION_METHOD=interface=eth0
NODENAME=agent-1
NO_DEFAULT_POOLS=true
WAIT_FOR_DATASTORE=true
`);
  expect(JSON.parse(fileOf(agent, "cni/calico-open.conf") ?? "")).toEqual({
    cniVersion: "0.1.0",
    datastore_type: "etcdv3",
    etcd_endpoints: "http://172.16.18.42:2379",
    ipam: { type: "calico-ipam" },
    log_file_path: "/var/log/calico/cni/cni.log",
    log_level: "info",
    name: "calico-open",
    type: "calico",
  });
  expect(fileOf(agent, "dcos-agent.json")).toBe(`{
  "name": "agent-1",
  "address": "172.16.18.43",
  "role": "private",
  "master": "http://172.16.18.42:5050",
  "workDir": "/var/lib/dcos-agent",
  "cniConfigDir": "/etc/lab/cni",
  "images": {
    "mesosphere/marathon": [
      "/usr/bin/node",
      "/opt/lab/dist/standins/dcos/marathon-user.js"
    ],
    "mesosphere/marathon-lb": [
      "/usr/bin/node",
      "/opt/lab/dist/standins/dcos/marathon-lb.js"
    ],
    "seamless/etcd-scheduler": [
      "/usr/bin/node",
      "/opt/lab/dist/standins/dcos/etcd-scheduler.js"
    ]
  }
}
`);
  const other = dcosLab.files(dcos, nodeOf(dcos, "public-1"), pki);
  expect(JSON.parse(fileOf(other, "dcos-agent.json") ?? "")).toMatchObject({ role: "public" });
});

test("Calico and the agent as services", () => {
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  expect(unitOf(agent, "calico-node.service")).toEqual({
    name: "calico-node.service",
    reads: ["calico.env"],
    text: `[Unit]
Description=Calico: Felix, confd and BIRD under runit
After=lab-routes.service network.target
StartLimitIntervalSec=0

[Service]
Type=simple
Restart=always
RestartSec=1
Environment=PATH=${path}
Environment=SVDIR=/etc/service/enabled
EnvironmentFile=/etc/lab/calico.env
ExecStart=/usr/local/sbin/start-calico-node
KillSignal=SIGKILL
`,
  });
  expect(unitOf(agent, "dcos-agent.service")).toEqual({
    name: "dcos-agent.service",
    reads: ["dcos-agent.json", "cni/calico-open.conf"],
    text: `[Unit]
Description=Mesos agent, stood in for
After=calico-node.service
StartLimitIntervalSec=0

[Service]
Type=simple
Restart=always
RestartSec=1
Environment=PATH=${path}
ExecStartPre=/bin/ln -sf /opt/lab/bin/calico /opt/cni/bin/
ExecStartPre=/bin/ln -sf /opt/lab/bin/calico-ipam /opt/cni/bin/
ExecStart=/usr/bin/node /opt/lab/dist/standins/dcos/agent.js /etc/lab/dcos-agent.json
KillMode=process
`,
  });
});

test("a DC/OS master holds Calico's datastore", () => {
  expect(namesOf(master)).toEqual({
    files: ["dcos-master.json"],
    units: ["lab-routes.service", "lab-etcd.service", "dcos-master.service"],
  });
  expect(JSON.parse(fileOf(master, "dcos-master.json") ?? "")).toEqual({
    marathon: { address: "172.16.18.42", port: 8080 },
    mesos: { address: "172.16.18.42", port: 5050 },
    adminRouter: { address: "172.16.18.42", port: 80 },
    stateDir: "/var/lib/dcos-master",
  });
  expect(unitOf(master, "lab-etcd.service")?.text).toContain(
    "--advertise-client-urls=http://172.16.18.42:2379 ",
  );
});

test("a master that speaks BGP runs Calico as the agents do", () => {
  const speaking = { ...nodeOf(dcos, "master"), speaker: true };
  const host = dcosLab.files(dcos, speaking, pki);
  expect(unitOf(host, "calico-node.service")).toEqual(unitOf(agent, "calico-node.service"));
  expect(fileOf(host, "calico.env")).toBe(
    fileOf(agent, "calico.env")?.replace("NODENAME=agent-1", "NODENAME=master"),
  );
});

test("refuses two masters", () => {
  const agent1 = { ...nodeOf(dcos, "agent-1"), role: "master" };
  const nodes = { ...dcos.nodes, "agent-1": agent1 };
  expect(() => dcosLab.forwards({ ...dcos, nodes })).toThrow(
    "coes.dcos.nodes: found agent-1, master with role master; the lab runs exactly one",
  );
});

test("without the package etcd the master's own is forwarded to", () => {
  expect(dcosLab.forwards(dcos)).toEqual({
    dcos: "172.16.18.42:80",
    etcd: "172.16.18.42:2379",
  });
});

test("the package etcd is Calico's datastore, by names that stay wherever its members are", () => {
  const endpoints = [0, 1, 2].map((index) => `http://etcd-${index}-node.etcd.mesos:2379`).join();
  const [own, other] = [hostOf(packaged, "agent-1"), hostOf(packaged, "public-1")];
  expect(fileOf(own, "calico.env")).toBe(
    fileOf(agent, "calico.env")?.replace("http://172.16.18.42:2379", endpoints),
  );
  expect(fileOf(other, "calico.env")).toBe(
    fileOf(own, "calico.env")?.replace("NODENAME=agent-1", "NODENAME=public-1"),
  );
  expect(JSON.parse(fileOf(own, "cni/calico-open.conf") ?? "")).toMatchObject({
    etcd_endpoints: endpoints,
  });
  expect(fileOf(own, "dcos-agent.json")).toBe(fileOf(agent, "dcos-agent.json"));
  expect(dcosLab.forwards(packaged)).toEqual({
    dcos: "172.16.18.42:80",
    etcd: "172.16.18.43:2379,172.16.18.44:2379,172.16.18.46:2379",
  });
});

test("with packages every host has a name server, and the master no etcd", () => {
  expect(namesOf(hostOf(packaged, "agent-1"))).toEqual({
    files: ["calico.env", "cni/calico-open.conf", "dcos-agent.json", "Corefile", "resolv.conf"],
    units: ["lab-routes.service", "calico-node.service", "dcos-agent.service", "lab-names.service"],
  });
  const served = hostOf(packaged, "master");
  expect(namesOf(served)).toEqual({
    files: [
      ...["dcos-master.json", "Corefile", "resolv.conf"],
      ...["mesos-dns-61053.json", "mesos-dns-61054.json"],
    ],
    units: [
      "lab-routes.service",
      "dcos-master.service",
      "lab-names.service",
      "mesos-dns-61053.service",
      "mesos-dns-61054.service",
    ],
  });
  expect(fileOf(served, "dcos-master.json")).toBe(fileOf(master, "dcos-master.json"));
});
