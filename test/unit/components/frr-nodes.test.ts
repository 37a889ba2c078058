import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { commandsBetween } from "../../../components/reflector/frr/apply";
import { describeFrr } from "../../../components/reflector/frr/file";
import { parseFrrText } from "../../../components/reflector/frr/text";
import { renderFrrDaemons, renderFrrNode } from "../../../components/speakers/frr/conf";
import { type FrrNode, frrNode } from "../../../components/speakers/frr/node";
import type { Plan } from "../../../plan";

const session = {
  ...{ far: "rr", address: "10.1.1.1", asn: 64512, port: 1790 },
  ...{ local: "10.1.1.21", localAsn: 64512, password: "seamless:bgpPasswords.hosts" },
  ...{ ttlSecurity: true as const, timers: { hold: 90, keepalive: 30 } },
  accepts: [
    { prefix: "10.64.0.0/16", min: 26, max: 26 },
    { prefix: "10.64.0.0/16", min: 32, max: 32 },
  ],
  nextHops: [{ prefix: "10.1.1.0/24", min: 24, max: 32 }],
};
const node: FrrNode = {
  ...{ routerId: "10.1.1.21", asn: 64512, ranges: ["10.65.1.0/24"] },
  addresses: ["10.1.1.21"],
  sessions: [session],
};

test("a node's file has its range, its sessions, and what it takes of them", () => {
  expect(
    renderFrrNode(node),
  ).toBe(`! Made by seamless. The next update puts back what is changed here.
frr defaults traditional
log syslog informational
bgp route-map delay-timer 1
ip nht resolve-via-default
ipv6 nht resolve-via-default
ip route 10.65.1.0/24 blackhole 254
ip prefix-list own seq 1 permit 10.65.1.0/24
router bgp 64512
 bgp router-id 10.1.1.21
 bgp bestpath compare-routerid
 no bgp default ipv4-unicast
 no bgp network import-check
 bgp graceful-restart select-defer-time 20
 bgp graceful-restart preserve-fw-state
 bgp graceful-restart
 address-family ipv4 unicast
  network 10.65.1.0/24
 exit-address-family
exit
!
! rr
ip prefix-list from-10.1.1.1 seq 1 permit 10.64.0.0/16 ge 26 le 26
ip prefix-list from-10.1.1.1 seq 2 permit 10.64.0.0/16 ge 32
ip prefix-list hops-10.1.1.1 seq 1 permit 10.1.1.0/24 le 32
route-map from-10.1.1.1 permit 1
 match ip address prefix-list from-10.1.1.1
 match ip next-hop prefix-list hops-10.1.1.1
exit
route-map to-10.1.1.1 permit 1
 match ip address prefix-list own
exit
router bgp 64512
 neighbor 10.1.1.1 remote-as 64512
 neighbor 10.1.1.1 description rr
 neighbor 10.1.1.1 port 1790
 neighbor 10.1.1.1 password seamless:bgpPasswords.hosts
 neighbor 10.1.1.1 ttl-security hops 1
 neighbor 10.1.1.1 update-source 10.1.1.21
 neighbor 10.1.1.1 timers 30 90
 neighbor 10.1.1.1 timers connect 5
 address-family ipv4 unicast
  neighbor 10.1.1.1 activate
  neighbor 10.1.1.1 soft-reconfiguration inbound
  neighbor 10.1.1.1 route-map from-10.1.1.1 in
  neighbor 10.1.1.1 route-map to-10.1.1.1 out
 exit-address-family
exit
`);
});

test("nothing but BGP listens on the network", () => {
  expect(
    renderFrrDaemons({ ...node, addresses: ["10.1.1.21", "fd00::21"] }),
  ).toBe(`# Made by seamless. The next update puts back what is changed here.
bgpd=yes
vtysh_enable=yes
zebra_options="-P 0 -s 90000000 -r -K 60"
bgpd_options="-P 0 -l 10.1.1.21 -l fd00::21"
staticd_options="-P 0"
mgmtd_options="-P 0"
watchfrr_options="--min-restart-interval=5 --max-restart-interval=60"
frr_profile="traditional"
`);
});

test("the reader of reflectors' files reads it, too", () => {
  const { neighbors, fence } = describeFrr(renderFrrNode(node));
  expect(neighbors["10.1.1.1"]).toMatchObject({ asn: 64512, ttlSecurity: true });
  expect(fence).toEqual([
    "from 10.1.1.1/32: 10.64.0.0/16 26..26 by 10.1.1.0/24",
    "from 10.1.1.1/32: 10.64.0.0/16 32..32 by 10.1.1.0/24",
  ]);
});

/** The commands by which a running FRR comes from one file to the other. */
const between = (from: FrrNode, to: FrrNode) =>
  commandsBetween(parseFrrText(renderFrrNode(from)), parseFrrText(renderFrrNode(to)));

test("one range more touches no session", () => {
  const more = { prefix: "10.70.0.0/16", min: 24, max: 24 };
  const wider = { ...node, sessions: [{ ...session, accepts: [...session.accepts, more] }] };
  expect(between(node, node)).toEqual([]);
  expect(between(node, wider)).toEqual([
    "ip prefix-list from-10.1.1.1 permit 10.70.0.0/16 ge 24 le 24",
  ]);
  expect(between(wider, node)).toEqual([
    "no ip prefix-list from-10.1.1.1 seq 3 permit 10.70.0.0/16 ge 24 le 24",
  ]);
});

test("another range of the node takes the place of the first", () => {
  expect(between(node, { ...node, ranges: ["10.65.2.0/24"] })).toEqual([
    "ip route 10.65.2.0/24 blackhole 254",
    "no ip route 10.65.1.0/24 blackhole 254",
    "ip prefix-list own permit 10.65.2.0/24",
    "router bgp 64512",
    ...["address-family ipv4 unicast", "network 10.65.2.0/24", "no network 10.65.1.0/24"],
    ...["exit-address-family", "exit"],
    "no ip prefix-list own seq 1 permit 10.65.1.0/24",
  ]);
});

const access = { ssh: {} };
const planOf = (network: object, reflectors: object, other: object = {}): Plan =>
  makePlan(
    parseConfig({
      network: { nodes: "10.1.1.0/24", ...network },
      ...(Object.keys(reflectors).length === 0 ? {} : { reflectors }),
      coes: {
        east: {
          ...{ kind: "hosts", speaker: "frr", policy: "open", access },
          podCidr: "10.65.0.0/16",
          nodes: { one: { address: "10.1.1.21", podCidr: "10.65.1.0/24" } },
        },
        west: {
          ...{ kind: "hosts", policy: "open", access, podCidr: "10.66.0.0/16" },
          nodes: { two: { address: "10.1.1.22", podCidr: "10.66.2.0/25" } },
          ...other,
        },
      },
    }),
  );
const nodeIn = (plan: Plan): FrrNode => {
  const one = plan.coes.east?.nodes.one;
  if (one === undefined) throw new Error("not in the plan");
  return frrNode(plan, one);
};
const lines = (plan: Plan, pattern: RegExp) =>
  renderFrrNode(nodeIn(plan))
    .split("\n")
    .filter((line) => pattern.test(line));

test("of a reflector it takes the ranges of the plan, each with its exact length", () => {
  const plan = planOf({ asn: 64511 }, { rr: { kind: "gobgp", address: "10.1.1.1" } });
  expect(lines(plan, /prefix-list (from|hops).* permit/)).toEqual([
    "ip prefix-list from-10.1.1.1 seq 1 permit 10.65.0.0/16 ge 24 le 24",
    "ip prefix-list from-10.1.1.1 seq 2 permit 10.66.0.0/16 ge 25 le 25",
    "ip prefix-list hops-10.1.1.1 seq 1 permit 10.1.1.0/24 le 32",
  ]);
});

test("of another node it takes that node's own range, with that node as next hop", () => {
  const plan = planOf({ asn: 64511, topology: "mesh" }, {});
  expect(lines(plan, /prefix-list (from|hops).* permit|remote-as/)).toEqual([
    "ip prefix-list from-10.1.1.22 seq 1 permit 10.66.2.0/25",
    "ip prefix-list hops-10.1.1.22 seq 1 permit 10.1.1.22/32",
    " neighbor 10.1.1.22 remote-as 64511",
  ]);
});

test("a neighbour in another AS is looked up wherever it is, and TTL security stays", () => {
  const plan = planOf(
    { asn: 64511, nodes: ["10.1.1.0/24", "10.9.9.0/24"], ttlSecurity: true },
    {
      near: { kind: "gobgp", address: "10.1.1.1", asn: 64600 },
      far: { kind: "gobgp", address: "10.9.9.9", asn: 64601 },
    },
  );
  expect(lines(plan, /connected-check|multihop|ttl-security/)).toEqual([
    " neighbor 10.9.9.9 ebgp-multihop 64",
    " neighbor 10.1.1.1 disable-connected-check",
    " neighbor 10.1.1.1 ttl-security hops 1",
  ]);
});
