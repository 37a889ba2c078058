import { hostsProbe } from "../../../components/hosts/verify";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { programs } from "../../helpers/programs";

const { plain } = makePlan(
  parseConfig({
    network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511 },
    reflectors: { rr: { kind: "gobgp", address: "172.16.18.32" } },
    coes: {
      plain: {
        ...{ kind: "hosts", podCidr: "192.168.128.0/17", policy: "open" },
        access: { ssh: { knownHostsFile: "./known_hosts" } },
        nodes: { one: { address: "172.16.18.51", podCidr: "192.168.128.0/24" } },
      },
    },
  }),
).coes;

/** What iproute2 6.1 prints of a bridge and an interface in dual stack: an empty object for each address of another scope. */
const printed = JSON.stringify([
  {
    ifname: "seamless0",
    addr_info: [
      { family: "inet", local: "192.168.128.1", prefixlen: 24, scope: "global" },
      { family: "inet6", local: "2001:db8:18::c0a8:8001", prefixlen: 120, scope: "global" },
      {},
      {},
    ],
  },
  { ifname: "veth0", addr_info: [] },
  {
    ifname: "eth0",
    addr_info: [{ family: "inet", local: "172.16.18.51", prefixlen: 24, scope: "global" }, {}],
  },
]);

test("a host in dual stack is known by its address", async () => {
  if (plain === undefined) throw new Error("no COE in the plan");
  const fakes = programs({ docker: `cat <<'END'\n${printed}\nEND` });
  try {
    const nodes = { one: { via: "docker", dockerHost: "unix:///no", container: "one" } } as const;
    const probe = await hostsProbe(plain, { nodes }, "");
    expect(await probe.nodes()).toMatchObject({
      ok: true,
      value: [{ name: "one", address: "172.16.18.51" }],
    });
  } finally {
    fakes.remove();
  }
});
