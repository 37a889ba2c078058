import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { firewallRules, renderFirewall } from "../../../components/linux/firewall";
import { cniConfig, networkArgs } from "../../../components/linux/network";
import { sshShellOf } from "../../../components/linux/shell";

const planOf = (hosts: object = {}) =>
  makePlan(
    parseConfig({
      network: { supernet: "10.64.0.0/10", nodes: "10.1.1.0/24", asn: 64512 },
      reflectors: { rr: { kind: "bird", address: "10.1.1.1" } },
      coes: {
        plain: {
          ...{ kind: "hosts", policy: "open", podCidr: "10.65.0.0/16", access: { ssh: {} } },
          nodes: { one: { address: "10.1.1.21", podCidr: "10.65.1.0/24" } },
          ...hosts,
        },
        k: {
          ...{ kind: "kubernetes", policy: "open", podCidr: "10.64.0.0/16" },
          access: { kubeconfig: "x" },
          nodes: { worker: { address: "10.1.1.31" } },
        },
      },
    }),
  );
const firewall = (hosts: object) => {
  const plan = planOf(hosts);
  const coe = plan.coes.plain;
  if (coe === undefined) throw new Error("not in the plan");
  const text = renderFirewall(firewallRules(plan, coe, ["10.65.1.0/24"]));
  return text.split("\n").slice(6);
};

test("an open COE has no rule that drops", () => {
  expect(firewall({})).toEqual([
    "    type filter hook forward priority -10; policy accept;",
    "  }",
    "}",
    "",
  ]);
});

test("closed lets in the own containers and nodes, and answers", () => {
  expect(firewall({ policy: "closed" }).slice(1, 4)).toEqual([
    "    ip daddr { 10.65.1.0/24 } ct state established,related accept",
    "    ip daddr { 10.65.1.0/24 } ip saddr { 10.1.1.21/32, 10.65.0.0/16 } accept",
    "    ip daddr { 10.65.1.0/24 } drop",
  ]);
});

test("cross-coe lets in those that it names, and hosts", () => {
  const named = { policy: "cross-coe", allowFrom: ["k"], allowFromHosts: ["192.0.2.0/24"] };
  expect(firewall(named)[2]).toBe(
    "    ip daddr { 10.65.1.0/24 } ip saddr { 10.1.1.21/32, 10.64.0.0/16, 10.65.0.0/16, 192.0.2.0/24 } accept",
  );
});

test("natOutgoing hides containers from networks outside the plan alone", () => {
  expect(firewall({ natOutgoing: true }).slice(2, 5)).toEqual([
    "  chain postrouting {",
    "    type nat hook postrouting priority 90; policy accept;",
    '    ip saddr { 10.65.1.0/24 } ip daddr != { 10.64.0.0/16, 10.65.0.0/16 } oifname != "seamless0" masquerade',
  ]);
});

test("Docker's network has no NAT of its own, and lets packets in from version 28 on", () => {
  const usual =
    "docker network create --driver bridge --subnet 10.65.1.0/24 --gateway 10.65.1.1 --opt com.docker.network.bridge.name=seamless0 --opt com.docker.network.bridge.enable_ip_masquerade=false";
  expect(networkArgs(["10.65.1.0/24"], [20, 10, 24]).join(" ")).toBe(`${usual} seamless`);
  expect(networkArgs(["10.65.1.0/24"], [28, 2, 2]).join(" ")).toBe(
    `${usual} --opt com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected seamless`,
  );
  expect(networkArgs(["10.65.1.0/24", "fd00:65:1::/80"], [20, 10]).slice(3, 14)).toEqual([
    ...["--driver", "bridge", "--ipv6", "--subnet", "10.65.1.0/24", "--gateway", "10.65.1.1"],
    ...["--subnet", "fd00:65:1::/80", "--gateway", "fd00:65:1::1"],
  ]);
});

test("CNI's network has the same", () => {
  expect(JSON.parse(cniConfig(["10.65.1.0/24"])).plugins[0]).toEqual({
    ...{ type: "bridge", bridge: "seamless0", isGateway: true, ipMasq: false },
    ipam: {
      type: "host-local",
      ranges: [[{ subnet: "10.65.1.0/24", gateway: "10.65.1.1" }]],
      routes: [{ dst: "0.0.0.0/0" }],
    },
  });
});

test("a host's shell is at its own address", () => {
  expect(sshShellOf({}, { address: "10.1.1.21" })).toEqual({
    ...{ via: "ssh", target: "ssh://root@10.1.1.21" },
  });
  expect(sshShellOf({ user: "ops", port: 2222, keyFile: "k" }, { address: "2001:db8::1" })).toEqual(
    {
      ...{ via: "ssh", target: "ssh://ops@[2001:db8::1]:2222", keyFile: "k" },
    },
  );
});
