import { dcosLab } from "../../../components/dcos/lab";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import type { CoeConfig } from "../../../config/types";
import type { HostFiles, Pki } from "../../../lab/contract";
import type { CoePlan } from "../../../plan/types";
import { coeOf } from "../../helpers/coe";
import { withoutPackages } from "../../helpers/plain-lab";

const lab = readStackConfig("Pulumi.lab.yaml");
const { dcos: packaged } = makePlan(lab).coes;
const { dcos } = makePlan(withoutPackages(lab)).coes;
if (packaged === undefined || dcos === undefined) throw new Error("no dcos in the lab");

const pki: Pki = { authority: "", leaves: {}, serviceAccount: { privateKey: "", publicKey: "" } };
const hostOf = (coe: CoePlan, name: string): HostFiles => {
  const node = coe.nodes[name];
  if (node === undefined) throw new Error(`no ${name} in the plan`);
  return dcosLab.files(coe, node, pki);
};
const fileOf = ({ files }: HostFiles, path: string) => files.find((one) => one.path === path)?.text;
const unitOf = ({ units }: HostFiles, name: string) => units.find((one) => one.name === name);

test("without names for others, or of others, or packages, no host has a name server", () => {
  for (const name of ["agent-1", "master"])
    expect(hostOf(dcos, name).units.map(({ name }) => name)).not.toContain("lab-names.service");
});

/** DC/OS of the lab without packages, beside a cluster that resolves its names for it. */
function beside(changes: Pick<CoeConfig, "names">): CoePlan {
  const plain = withoutPackages(lab);
  const kubernetes = {
    ...coeOf(plain, "kubernetes"),
    names: { zones: ["cluster.local"], servers: ["10.96.0.10"] },
  };
  const coes = { kubernetes, dcos: { ...coeOf(plain, "dcos"), ...changes } };
  const { dcos } = makePlan({ ...plain, coes }).coes;
  if (dcos === undefined) throw new Error("no dcos in the plan");
  return dcos;
}

const nameful = beside({ names: { zones: ["mesos", "thisdcos.directory"] } });
const zoneTo = (zone: string, server: string) =>
  `${zone}:53 {\n    errors\n    cache 5\n    forward . ${server}\n}\n`;

test("a master answers for its tasks by Mesos-DNS, and an agent's tasks ask by way of the agent", () => {
  const server = hostOf(nameful, "master");
  const client = hostOf(nameful, "agent-1");
  const foreign = zoneTo("cluster.local", "10.96.0.10:53");
  expect(fileOf(server, "Corefile")).toBe(
    `${zoneTo("mesos", "127.0.0.1:61053")}${zoneTo("thisdcos.directory", "127.0.0.1:61054")}${foreign}`,
  );
  expect(fileOf(client, "Corefile")).toBe(
    `${zoneTo("mesos", "172.16.18.42:53")}${zoneTo("thisdcos.directory", "172.16.18.42:53")}${foreign}`,
  );
  expect(fileOf(client, "resolv.conf")).toBe("nameserver 198.51.100.1\n");
  expect(JSON.parse(fileOf(server, "mesos-dns-61054.json") ?? "")).toEqual({
    masters: ["172.16.18.42:5050"],
    refreshSeconds: 2,
    ttl: 5,
    domain: "containerip.dcos.thisdcos.directory",
    listener: "127.0.0.1",
    port: 61054,
    HttpOn: false,
    externalOn: false,
    IPSources: ["netinfo"],
  });
  expect(unitOf(server, "mesos-dns-61053.service")).toEqual({
    name: "mesos-dns-61053.service",
    reads: ["mesos-dns-61053.json"],
    text: `[Unit]
Description=Mesos-DNS for mesos
After=dcos-master.service
StartLimitIntervalSec=0

[Service]
Type=simple
Restart=always
RestartSec=1
ExecStart=/opt/lab/bin/mesos-dns -config=/etc/lab/mesos-dns-61053.json
`,
  });
  expect(unitOf(client, "lab-names.service")).toEqual({
    name: "lab-names.service",
    reads: ["Corefile", "resolv.conf"],
    text: `[Unit]
Description=Name server, in place of dcos-net
After=network.target
StartLimitIntervalSec=0

[Service]
Type=simple
Restart=always
RestartSec=1
ExecStartPre=/sbin/ip address replace 198.51.100.1/32 dev lo
ExecStartPre=/bin/cp /etc/lab/resolv.conf /etc/resolv.conf
ExecStart=/opt/lab/bin/coredns -conf /etc/lab/Corefile
`,
  });
});

test("tasks resolve others' names where their own are nobody's", () => {
  const host = hostOf(beside({}), "master");
  expect(fileOf(host, "Corefile")).toBe(zoneTo("cluster.local", "10.96.0.10:53"));
  expect(host.units.map(({ name }) => name).filter((name) => name.startsWith("mesos"))).toEqual([]);
});

test("packages find the masters by the names of DC/OS, though nobody else resolves them", () => {
  expect(fileOf(hostOf(packaged, "master"), "Corefile")).toBe(
    `${zoneTo("mesos", "127.0.0.1:61053")}${zoneTo("thisdcos.directory", "127.0.0.1:61054")}`,
  );
  expect(fileOf(hostOf(packaged, "agent-1"), "Corefile")).toBe(
    `${zoneTo("mesos", "172.16.18.42:53")}${zoneTo("thisdcos.directory", "172.16.18.42:53")}`,
  );
});
