import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { linked } from "../../../verify/kernel/ends";
import { parseKernel } from "../../../verify/kernel/parse";

/** What the kernel of a plain host printed, with a bridge for its own range; the routes that BGP brought are left out. */
const kernel = parseKernel(`@@ routes
192.168.128.0/24 dev seamless0 proto kernel scope link src 192.168.128.1
blackhole 192.168.128.0/24 proto bird metric 32
192.168.129.0/24 via 172.16.18.52 dev eth0 proto bird metric 32
172.16.18.0/24 dev eth0 proto kernel scope link src 172.16.18.51
@= 0
`);

const plan = makePlan(
  parseConfig({
    network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511 },
    reflectors: { rr: { kind: "gobgp", address: "172.16.18.32" } },
    coes: {
      plain: {
        kind: "hosts",
        podCidr: "192.168.128.0/17",
        policy: "open",
        access: { ssh: { knownHostsFile: "./known_hosts" } },
        nodes: {
          one: { address: "172.16.18.51", podCidr: "192.168.128.0/24" },
          two: { address: "172.16.18.52", podCidr: "192.168.129.0/24" },
        },
      },
    },
  }),
);

test("containers on the bridge of a node's own range are linked to it by that bridge", () => {
  const coe = plan.coes.plain;
  const [one, two] = [coe?.nodes.one, coe?.nodes.two];
  if (coe === undefined || one === undefined || two === undefined) throw new Error("no such node");
  const ends = [
    { coe, node: one, address: "192.168.128.2" },
    { coe, node: two, address: "192.168.129.2" },
  ];
  expect([...linked({ coe, node: one, kernel, ends })]).toEqual([["192.168.128.2", "seamless0"]]);
  expect([...linked({ coe, node: one, kernel, ends: [] })]).toEqual([]);
});
