import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { frrWrong } from "../../../components/linux/frr-compare";
import { commandsBetween } from "../../../components/reflector/frr/apply";
import { describeFrr } from "../../../components/reflector/frr/file";
import { parseFrrText } from "../../../components/reflector/frr/text";
import { renderFrrDaemons, renderFrrNode } from "../../../components/speakers/frr/conf";
import { type FrrNode, frrNode } from "../../../components/speakers/frr/node";
import { parseFrrStatus } from "../../../components/speakers/frr/vtysh";
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

const watched: FrrNode = {
  ...node,
  sessions: [
    { ...session, bfd: { interval: 300, multiplier: 3, graceful: true } },
    {
      ...{ ...session, address: "10.1.1.22", far: "hosts/two" },
      bfd: { interval: 300, multiplier: 3, graceful: false },
    },
  ],
};

test("neighbours are watched; what a reflector has sent stays while that is away", () => {
  const text = renderFrrNode(watched);
  expect(text).toContain(`
bfd
 profile seamless-300x3
  detect-multiplier 3
  transmit-interval 300
  receive-interval 300
 exit
exit
router bgp 64512
`);
  expect(text.split("\n").filter((line) => line.includes(" bfd"))).toEqual([
    " neighbor 10.1.1.1 bfd",
    " neighbor 10.1.1.1 bfd profile seamless-300x3",
    " neighbor 10.1.1.1 bfd check-control-plane-failure",
    " neighbor 10.1.1.22 bfd",
    " neighbor 10.1.1.22 bfd profile seamless-300x3",
  ]);
  const daemons = renderFrrDaemons(watched).split("\n");
  expect(daemons.filter((line) => line.startsWith("bfdd"))).toEqual([
    "bfdd=yes",
    'bfdd_options="-P 0"',
  ]);
});

/** What FRR shows of such a file: lines that say what it does by itself are not there. */
const shown = (text: string) =>
  text.replace(/^ {2}(?:detect-multiplier 3|(?:transmit|receive)-interval 300)\n/gm, "");

test("a daemon that leaves out what goes without saying has what the file says", () => {
  const [planned, running] = [renderFrrNode(watched), shown(renderFrrNode(watched))];
  expect(running).not.toContain("-interval");
  expect(commandsBetween(parseFrrText(running), parseFrrText(planned))).toEqual([]);
});

test("times that somebody has changed are put back, before neighbours are told of them", () => {
  const planned = renderFrrNode(watched);
  const slow = planned.replace("transmit-interval 300", "transmit-interval 900\n  passive-mode");
  expect(commandsBetween(parseFrrText(slow), parseFrrText(planned))).toEqual([
    ...[
      "bfd",
      "profile seamless-300x3",
      "transmit-interval 300",
      "no passive-mode",
      "exit",
      "exit",
    ],
  ]);
  expect(between(node, { ...node, sessions: watched.sessions.slice(0, 1) })).toEqual([
    ...["bfd", "profile seamless-300x3"],
    ...["detect-multiplier 3", "transmit-interval 300", "receive-interval 300", "exit", "exit"],
    "router bgp 64512",
    "neighbor 10.1.1.1 bfd",
    "neighbor 10.1.1.1 bfd profile seamless-300x3",
    "neighbor 10.1.1.1 bfd check-control-plane-failure",
    "exit",
  ]);
});

test("a session that is not watched any more keeps nothing of it", () => {
  expect(between({ ...node, sessions: watched.sessions.slice(0, 1) }, node)).toEqual([
    "router bgp 64512",
    "no neighbor 10.1.1.1 bfd",
    "exit",
    ...["bfd", "no profile seamless-300x3", "exit"],
  ]);
});

test.each([
  ["nothing", (text: string) => text, []],
  [
    "a neighbour without BFD",
    (text: string) => text.replace(/ neighbor 10\.1\.1\.1 bfd.*\n/g, ""),
    [
      "neighbour 10.1.1.1 has AS 64512, a password, TTL security instead of AS 64512, a password, TTL security, BFD",
    ],
  ],
  [
    "other times",
    (text: string) => text.replace("detect-multiplier 3", "detect-multiplier 30"),
    [
      "BFD profile seamless-300x3 has detect-multiplier 30, transmit-interval 300, receive-interval 300 instead of detect-multiplier 3, transmit-interval 300, receive-interval 300",
    ],
  ],
  [
    "no times",
    (text: string) => text.replace(/^bfd\n(?: .*\n)*exit\n/m, ""),
    [
      "BFD profile seamless-300x3 has no times instead of detect-multiplier 3, transmit-interval 300, receive-interval 300",
    ],
  ],
  [
    "routes that go with a reflector",
    (text: string) => text.replace(" neighbor 10.1.1.1 bfd check-control-plane-failure\n", ""),
    [
      "neighbour 10.1.1.1 has bfd, bfd profile seamless-300x3 instead of bfd, bfd check-control-plane-failure, bfd profile seamless-300x3",
    ],
  ],
])("verify names what a host's FRR has otherwise of BFD: %s", async (_, change, expected) => {
  const planned = renderFrrNode(watched);
  const said = `{}Building configuration...\n${shown(change(planned))}`;
  expect(await frrWrong({ ask: async () => said }, planned)).toEqual(expected);
});

/** What the questions to a node's FRR print, with what bfdd says. */
const status = (bfd: string) =>
  parseFrrStatus(`# summary
{"ipv4Unicast":{"routerId":"10.1.1.21","peers":{
  "10.1.1.1":{"remoteAs":64512,"state":"Established","peerUptimeMsec":9000},
  "10.1.1.22":{"remoteAs":64512,"state":"Established","peerUptimeMsec":9000}}}}
# neighbours
{"10.1.1.1":{"peerBfdInfo":{"type":"single hop","status":"Up"}},"10.1.1.22":{}}
${bfd}`).sessions.map(({ bfd: said }) => said);

test.each(
  Object.entries({ up: "Up", down: "Down", init: "Init", shutdown: "AdminDown", odd: "Unknown" }),
)("what bfdd calls %s is %s", (said, expected) => {
  const all = ["10.1.1.1", "10.1.1.22"].map((peer) => ({ peer, status: said }));
  // bgpd heeds nothing of the second one.
  expect(status(`# bfd\n${JSON.stringify(all)}\n`)).toEqual([expected, undefined]);
});

test("a neighbour of whom bfdd knows nothing has no BFD, whatever bgpd remembers", () => {
  expect(status("# bfd\n[]\n")).toEqual([undefined, undefined]);
  expect(status("# bfd\nbfdd is not running\n")).toEqual([undefined, undefined]);
  expect(status("")).toEqual([undefined, undefined]);
});
