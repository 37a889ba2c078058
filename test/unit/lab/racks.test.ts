import { readFileSync } from "node:fs";
import { labKinds, labRouters } from "../../../components/kinds/lab";
import { makePlan, parseStackConfig, readStackConfig } from "../../../components/kinds/planning";
import { renderExternal } from "../../../components/reflector/external/render";
import type { HostFiles } from "../../../lab/contract";
import { filesOfHost, filesOfRouter } from "../../../lab/hosts/racks";
import { fabricNetwork, hostNetworks, separateRacks } from "../../../lab/networks";
import type { Plan } from "../../../plan/types";

const file = "Pulumi.racks.yaml";
const plan = makePlan(readStackConfig(file));
/** The same without the line that makes it dual stack. */
const only4 = makePlan(
  parseStackConfig(readFileSync(file, "utf8").replace(/^ *ipv6: .*\n/m, ""), file),
);
const reference = makePlan(readStackConfig("Pulumi.lab.yaml"));

const textOf = ({ files }: HostFiles, path: string) => files.find((one) => one.path === path)?.text;

function hostFiles(of: Plan, coeName: string, node: string): HostFiles {
  const coe = of.coes[coeName];
  const host = coe?.nodes[node];
  const kind = Object.entries(labKinds).find(([name]) => name === coe?.kind)?.[1];
  if (coe === undefined || host === undefined || kind === undefined) throw new Error("no host");
  const none = { certificate: "", privateKey: "" };
  const leaves = Object.fromEntries(Object.keys(kind.certificates(coe)).map((one) => [one, none]));
  const pki = { authority: "", leaves, serviceAccount: { privateKey: "", publicKey: "" } };
  const own = kind.files(coe, host, pki);
  return filesOfHost(own, host, separateRacks(of), Object.values(of.coes));
}

function routerFiles(of: Plan, name: string): HostFiles {
  const router = of.reflectors[name];
  if (router === undefined) throw new Error(`no ${name}`);
  return filesOfRouter(labRouters.external, of, router);
}

test("each of several racks has a network of its own, and all routers share one that no plan can have", () => {
  const options = { "com.docker.network.bridge.enable_ip_masquerade": "false" };
  const ofRack = (name: string, subnets: readonly string[]) => ({
    resource: `network-${name}`,
    docker: `seamless-racks-${name}`,
    subnets,
    options,
  });
  const fabric = { resource: "fabric", docker: "seamless-racks_fabric", options };
  expect(hostNetworks("racks", plan)).toEqual([
    ofRack("rack-1", ["172.16.1.0/24", "2001:db8:18::ac10:100/120"]),
    ofRack("rack-2", ["172.16.2.0/24", "2001:db8:18::ac10:200/120"]),
  ]);
  expect(fabricNetwork("racks", separateRacks(plan))).toEqual({
    ...fabric,
    subnets: ["169.254.254.0/24", "fec0::/64"],
  });
  expect(hostNetworks("racks", only4)).toEqual([
    ofRack("rack-1", ["172.16.1.0/24"]),
    ofRack("rack-2", ["172.16.2.0/24"]),
  ]);
  expect(fabricNetwork("racks", separateRacks(only4))).toEqual({
    ...fabric,
    subnets: ["169.254.254.0/24"],
  });
});

test("a lab without racks has the network that it always had", () => {
  expect(hostNetworks("lab", reference)).toEqual([
    { resource: "network", docker: "seamless-lab", subnets: ["172.16.18.0/24"] },
  ]);
  expect(textOf(hostFiles(reference, "kubernetes", "worker-1"), "racks.sh")).toBeUndefined();
});

test("a host reaches other racks by its gateway in each family, and knows the names of the hosts there", () => {
  const host = hostFiles(plan, "kubernetes", "worker-2");
  const names = `sed '/ # rack$/d' /etc/hosts > /run/hosts
echo '172.16.1.33 controller # rack' >> /run/hosts
echo '172.16.1.34 worker-1 # rack' >> /run/hosts
echo '172.16.1.42 master # rack' >> /run/hosts
echo '172.16.1.43 agent-1 # rack' >> /run/hosts
echo '172.16.1.51 host-1 # rack' >> /run/hosts
echo '2001:db8:18::ac10:121 controller # rack' >> /run/hosts
echo '2001:db8:18::ac10:122 worker-1 # rack' >> /run/hosts
echo '2001:db8:18::ac10:133 host-1 # rack' >> /run/hosts
cat /run/hosts > /etc/hosts
`;
  expect(textOf(host, "racks.sh")).toBe(`set -eu
ip route replace 172.16.1.0/24 via 172.16.2.254
ip route replace 2001:db8:18::ac10:100/120 via 2001:db8:18::ac10:2fe
${names}`);
  expect(host.units.map(({ name }) => name)).toContain("lab-racks.service");
  // Of DC/OS, which has no IPv6.
  expect(textOf(hostFiles(plan, "dcos", "agent-2"), "racks.sh")).toBe(`set -eu
ip route replace 172.16.1.0/24 via 172.16.2.254
${names}`);
});

test("a router reaches other racks by their routers, which are on the fabric, and forwards IPv6", () => {
  expect(textOf(routerFiles(plan, "tor-1"), "racks.sh")).toBe(`set -eu
ip route del default || true
fabric=$(ip -oneline route show 169.254.254.0/24 | sed -n 's/.* dev \\([^ ]*\\) .*/\\1/p')
ip -6 route del default || true
sysctl -qw net.ipv6.conf.all.forwarding=1
sysctl -qw net.ipv6.conf.all.keep_addr_on_down=1
ip address replace 2001:db8:18::ac10:1fe/128 dev "$fabric" nodad
ip route replace 172.16.2.0/24 via 172.16.2.254 dev "$fabric" onlink src 172.16.1.254
ip route replace 2001:db8:18::ac10:200/120 via 2001:db8:18::ac10:2fe dev "$fabric" onlink src 2001:db8:18::ac10:1fe
`);
});

test("hosts and routers of racks with IPv4 alone have the files that they always had", () => {
  expect(textOf(hostFiles(only4, "kubernetes", "worker-2"), "racks.sh")).toBe(`set -eu
ip route replace 172.16.1.0/24 via 172.16.2.254
sed '/ # rack$/d' /etc/hosts > /run/hosts
echo '172.16.1.33 controller # rack' >> /run/hosts
echo '172.16.1.34 worker-1 # rack' >> /run/hosts
echo '172.16.1.42 master # rack' >> /run/hosts
echo '172.16.1.43 agent-1 # rack' >> /run/hosts
echo '172.16.1.51 host-1 # rack' >> /run/hosts
cat /run/hosts > /etc/hosts
`);
  expect(textOf(routerFiles(only4, "tor-1"), "racks.sh")).toBe(`set -eu
ip route del default || true
fabric=$(ip -oneline route show 169.254.254.0/24 | sed -n 's/.* dev \\([^ ]*\\) .*/\\1/p')
ip route replace 172.16.2.0/24 via 172.16.2.254 dev "$fabric" onlink src 172.16.1.254
`);
});

test("a router is given what its owner would apply, and by what he would", () => {
  const { "tor-1": router } = plan.reflectors;
  if (router === undefined) throw new Error("no tor-1");
  const files = routerFiles(plan, "tor-1");
  expect(textOf(files, "frr.conf")).toBe(
    `frr defaults traditional
log syslog informational
service integrated-vtysh-config
${renderExternal(plan, router)}`,
  );
  const unit = files.units.find(({ name }) => name === "lab-router.service");
  expect(unit?.reads).toEqual(["frr.conf"]);
  expect(unit?.text).toContain("ExecStart=/usr/lib/frr/frr-reload.py --reload /etc/lab/frr.conf\n");
});
