import { hostFindings } from "../../../components/linux/findings";
import type { HostInput } from "../../../components/linux/input";
import { parseHost } from "../../../components/linux/look";

const input: HostInput = {
  name: "plain/one",
  shell: { via: "ssh", target: "ssh://root@10.1.1.21" },
  addresses: ["10.1.1.21"],
  ranges: ["10.65.1.0/24"],
  planned: ["10.64.0.0/16", "10.65.0.0/16"],
  containers: "docker",
  bird: "",
  firewall: "",
};

/** What a Debian host with Docker and nothing else prints. */
const parts: Readonly<Record<string, string>> = {
  system: 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
  programs: "apt-get\ndocker\niptables\nsystemctl\nss",
  addresses: '[{"addr_info":[{"local":"127.0.0.1"}]},{"addr_info":[{"local":"10.1.1.21"}]}]',
  routes:
    '[{"dst":"default","gateway":"10.1.1.1","dev":"eth0"},{"dst":"10.1.1.0/24","dev":"eth0","protocol":"kernel"},{"type":"local","dst":"10.65.1.1","dev":"lo","table":"local"}]',
  listeners: "",
  processes: "systemd\ndockerd\nsshd",
  bird: "",
  docker: "20.10.24",
  networks: '[{"Name":"bridge","IPAM":{"Config":[{"Subnet":"172.17.0.0/16"}]},"Containers":{}}]',
  systemd: "",
};
const seen = (changes: Readonly<Record<string, string>> = {}) =>
  parseHost(
    Object.entries({ ...parts, ...changes })
      .map(([name, text]) => `\n@@ ${name}\n${text}\n`)
      .join(""),
  );
const found = (changes: Readonly<Record<string, string>>, given: Partial<HostInput> = {}) =>
  hostFindings({ ...input, ...given }, seen(changes)).map(
    ({ level, id, found: what }) => `${level} ${id}: ${what}`,
  );

const package2 = "changes bird/package: no BIRD";
const stock =
  "# The package's own.\nprotocol device {\n}\nprotocol kernel {\n  ipv4 { export all; };\n}";

test.each([
  ["a host as Debian makes it", {}, [package2]],
  [
    "another address",
    { addresses: '[{"addr_info":[{"local":"10.1.1.99"}]}]' },
    ["blocks host/address: the host has 10.1.1.99; the plan says 10.1.1.21", package2],
  ],
  [
    "no tool for packages",
    { programs: "docker", system: "" },
    [
      "blocks host/system: a Linux without /etc/os-release, with none of the tools for packages that are known here",
    ],
  ],
  [
    "BIRD 1.6",
    { bird: "BIRD version 1.6.8" },
    ["blocks bird/version: BIRD 1.6.8; needed: 2.0.8 or later"],
  ],
  [
    "somebody at port 179",
    { listeners: 'LISTEN 0 100 *:179 *:* users:(("bgpd",pid=7,fd=9))' },
    ["blocks bgp/port: bgpd listens at TCP port 179", package2],
  ],
  [
    "a BIRD of somebody else",
    { bird: "BIRD version 2.0.12", path: "/etc/bird/bird.conf", file: "protocol bgp up {\n}" },
    [
      "blocks bird/file: /etc/bird/bird.conf is somebody else's, with protocols that speak to others",
    ],
  ],
  [
    "the package's own file",
    { bird: "BIRD version 2.0.12", path: "/etc/bird/bird.conf", file: stock },
    ["changes bird/file: /etc/bird/bird.conf, with no protocol that speaks to others"],
  ],
  [
    "flannel and kube-router",
    { processes: "flanneld\nkube-router" },
    [
      "blocks routes/flanneld: flanneld runs",
      "blocks routes/kube-router: kube-router runs",
      package2,
    ],
  ],
  ["no Docker", { docker: "", programs: "apt-get" }, ["blocks docker/daemon: no Docker", package2]],
  [
    "a bridge in the plan",
    { networks: '[{"Name":"bridge","IPAM":{"Config":[{"Subnet":"10.64.0.0/20"}]}}]' },
    [
      "blocks range/bridge: Docker's network bridge has 10.64.0.0/20, which overlaps 10.64.0.0/16 of the plan",
      package2,
    ],
  ],
  [
    "our network with another range, in use",
    {
      networks:
        '[{"Name":"seamless","IPAM":{"Config":[{"Subnet":"10.65.9.0/24"}]},"Containers":{"a":{"Name":"web"}}}]',
    },
    [
      "blocks range/seamless: Docker's network seamless has 10.65.9.0/24 and the containers web; the plan says 10.65.1.0/24",
      package2,
    ],
  ],
])("%s", (_, changes, expected) => {
  expect(found(changes)).toEqual(expected);
});

test("without Docker in the configuration nobody looks for it", () => {
  expect(found({ docker: "", programs: "dnf" }, { containers: "none" })).toEqual([package2]);
});

test("our own routes and files are no findings", () => {
  const routes =
    '[{"dst":"10.64.3.0/24","dev":"eth0","protocol":"bird"},{"dst":"10.65.1.0/24","dev":"seamless0","protocol":"kernel"}]';
  const file =
    "# Made by seamless. The next update puts back what is changed here.\nprotocol bgp x {\n}";
  const listeners = 'LISTEN 0 8 10.1.1.21:179 *:* users:(("bird",pid=7,fd=9))';
  const bird = "BIRD version 2.0.12";
  expect(found({ bird, routes, file, listeners, path: "/etc/bird/bird.conf" })).toEqual([]);
});

const frr = { conf: "", daemons: "" };
const { bird: _, ...withoutBird } = input;
const foundFor = (changes: Readonly<Record<string, string>>) =>
  hostFindings({ ...withoutBird, frr }, seen(changes)).map(
    ({ level, id, found: what }) => `${level} ${id}: ${what}`,
  );
const has = { programs: "apt-get\ndocker\nvtysh", frr: "bgpd version 8.4.4\nCopyright 1996" };
const ours = "! Made by seamless. The next update puts back what is changed here.\nrouter bgp 1";
const listens = (name: string) => ({
  listeners: `LISTEN 0 100 10.1.1.21:179 *:* users:(("${name}",pid=7,fd=9))`,
});
const stockFrr = "# default to using syslog\nlog syslog informational";

test.each([
  ["no FRR", {}, ["changes frr/package: no FRR"]],
  [
    "FRR as Debian installs it",
    { ...has, "frr.conf": stockFrr, daemons: "bgpd=no\nvtysh_enable=yes" },
    ["changes frr/file: /etc/frr/frr.conf, with nothing of its own"],
  ],
  [
    "an older FRR",
    { ...has, frr: "bgpd version 7.5.1" },
    ["blocks frr/version: FRR 7.5.1; needed: 8.4 or later"],
  ],
  [
    "an FRR of somebody else",
    { ...has, "frr.conf": `${stockFrr}\nrouter bgp 65000`, daemons: "", ...listens("bgpd") },
    ['blocks frr/file: /etc/frr/frr.conf is somebody else\'s: it has "router bgp 65000"'],
  ],
  [
    "an FRR with OSPF",
    { ...has, "frr.conf": stockFrr, daemons: "bgpd=no\nospfd=yes" },
    ["blocks frr/file: /etc/frr/frr.conf is somebody else's: daemons has ospfd=yes"],
  ],
  [
    "a bgpd in a container that has the network of the host",
    { ...listens("bgpd"), processes: "bgpd\nzebra" },
    ["blocks routes/bgpd: bgpd runs", "changes frr/package: no FRR"],
  ],
  [
    "a BIRD with sessions",
    { ...has, "frr.conf": ours, ...listens("bird") },
    ["blocks bgp/port: bird listens at TCP port 179"],
  ],
  [
    "the BIRD of an earlier update",
    {
      ...has,
      ...{ "frr.conf": stockFrr, daemons: "", bird: "BIRD version 2.0.12" },
      ...{ path: "/etc/bird/bird.conf", file: "# Made by seamless.\nprotocol bgp x {" },
      ...listens("bird"),
      routes: '[{"dst":"10.64.3.0/24","dev":"eth0","protocol":"bird"}]',
    },
    [
      "changes frr/file: /etc/frr/frr.conf, with nothing of its own",
      "changes bird/file: BIRD with what an earlier update has written",
    ],
  ],
  [
    "our own after `write memory` in vtysh",
    {
      ...has,
      ...{ "frr.conf": "frr version 8.4.4\nrouter bgp 64511", processes: "bgpd" },
      ...{ daemons: "# Made by seamless.\nbgpd=yes", ...listens("bgpd") },
    },
    [],
  ],
  [
    "our own",
    {
      ...has,
      ...{ "frr.conf": ours, daemons: "", processes: "bgpd\nzebra", ...listens("bgpd") },
      routes:
        '[{"dst":"10.64.3.0/24","dev":"eth0","protocol":"bgp"},{"dst":"10.65.1.0/24","protocol":"static","type":"blackhole"}]',
    },
    [],
  ],
])("with speaker frr: %s", (_, changes, expected) => {
  expect(foundFor(changes)).toEqual(expected);
});

test("with BIRD, the FRR of an earlier update goes", () => {
  const changes = { ...has, "frr.conf": ours, processes: "bgpd\nzebra", ...listens("bgpd") };
  expect(found(changes)).toEqual([
    package2,
    "changes frr/file: FRR with what an earlier update has written",
  ]);
});
