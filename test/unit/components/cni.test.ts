import { z } from "zod";
import { renderCalicoNetwork } from "../../../components/dcos/calico-cni";
import { renderNetwork } from "../../../components/dcos/cni";
import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import { addressOf } from "../../../standins/dcos/agent/cni";
import { describeWithShared, sharedText } from "../../helpers/shared";

const { network, reflectors } = readStackConfig("Pulumi.lab.yaml");
const access = { url: "https://dcos.example.com", etcd: ["http://10.0.0.1:2379"] };

/** What is printed for a DC/OS that is there already. */
function printed(changes: Readonly<Record<string, unknown>>, how: object = access): string {
  const dcos = {
    kind: "dcos",
    podCidr: "192.168.128.0/17",
    policy: "open",
    access: how,
    ...changes,
  };
  const whole = parseConfig({ network, reflectors, coes: { dcos } });
  const coe = makePlan(whole).coes.dcos;
  const given = whole.coes.dcos?.access;
  if (coe === undefined || given === undefined) throw new Error("no dcos");
  return renderNetwork(coe, given);
}

const folder = "/opt/mesosphere/etc/dcos/network/cni";

test("a file for each agent, whose tasks get addresses of the plan's range alone", () => {
  const nodes = {
    master: { address: "172.16.18.42", role: "master" },
    "agent-1": { address: "172.16.18.43" },
    "public-1": { address: "172.16.18.45", role: "public" },
  };
  const file = (name: string) => `# dcos/${name}: ${folder}/calico-open.conf
{
  "cniVersion": "0.1.0",
  "datastore_type": "etcdv3",
  "etcd_endpoints": "http://10.0.0.1:2379",
  "ipam": {
    "type": "calico-ipam",
    "ipv4_pools": [
      "192.168.128.0/17"
    ]
  },
  "log_file_path": "/var/log/calico/cni/cni.log",
  "log_level": "info",
  "name": "calico-open",
  "type": "calico"
}
`;
  expect(printed({ nodes })).toBe(`${file("agent-1")}${file("public-1")}`);
});

test("the form of Calico 2.x, for etcd v2", () => {
  const nodes = { "agent-1": { address: "172.16.18.43" } };
  expect(printed({ nodes, calicoApi: "v1" })).toBe(`# dcos/agent-1: ${folder}/calico-open.conf
# Calico's CNI plugin before v1.6.0 ignores ipv4_pools: disable all pools but the plan's
{
  "cniVersion": "0.1.0",
  "etcd_endpoints": "http://10.0.0.1:2379",
  "ipam": {
    "type": "calico-ipam",
    "ipv4_pools": [
      "192.168.128.0/17"
    ]
  },
  "log_level": "info",
  "name": "calico-open",
  "type": "calico"
}
`);
});

test("members of the package etcd are named where the configuration names none", () => {
  const three = ["43", "44", "46"].map((last): [string, object] => [
    `agent-${last}`,
    { address: `172.16.18.${last}` },
  ]);
  const text = printed(
    { nodes: Object.fromEntries(three), packages: { etcd: {} } },
    { url: access.url },
  );
  expect(text.match(/"etcd_endpoints": .*/g)).toEqual(
    Array(3).fill(
      '"etcd_endpoints": "http://etcd-0-node.etcd.mesos:2379,http://etcd-1-node.etcd.mesos:2379,http://etcd-2-node.etcd.mesos:2379",',
    ),
  );
});

test("with TLS members go by the names of their certificates, and their authority is named", () => {
  const three = ["43", "44", "46"].map((last): [string, object] => [
    `agent-${last}`,
    { address: `172.16.18.${last}` },
  ]);
  const packages = { etcd: { options: { etcd: { tls_enabled: true } } } };
  const text = printed({ nodes: Object.fromEntries(three), packages }, { url: access.url });
  const member = (n: number) => `https://etcd-${n}-node.etcd.autoip.dcos.thisdcos.directory:2379`;
  expect(text.match(/"etcd_.*": .*/g)?.slice(0, 2)).toEqual([
    '"etcd_ca_cert_file": "/run/dcos/pki/CA/ca-bundle.crt",',
    `"etcd_endpoints": "${[0, 1, 2].map(member).join(",")}",`,
  ]);
});

test("without pools named, addresses are taken from any", () => {
  const text = renderCalicoNetwork({ name: "x", etcdEndpoints: ["http://e:1"] });
  expect(JSON.parse(text)).toMatchObject({ ipam: { type: "calico-ipam" } });
  expect(text).not.toContain("ipv4_pools");
});

describeWithShared("dcos-conformance/mesos", "the container network on Mesos", () => {
  const cases = z.object({
    cases: z.array(
      z.object({
        cniVersion: z.string(),
        stdout: z.record(z.string(), z.unknown()),
        mesosSees: z.array(z.string()),
      }),
    ),
    networkConfig: z.object({ required: z.array(z.string()) }),
  });
  const results = cases.parse(
    JSON.parse(sharedText("dcos-conformance", "mesos", "cni-results.json")),
  );
  const own = z.object({ conf: z.object({ delegate: z.record(z.string(), z.unknown()) }) });
  const { delegate } = own.parse(
    JSON.parse(sharedText("dcos-conformance", "mesos", "dcos-calico.conf.json")),
  ).conf;

  test.each([undefined, "v1" as const])(
    "API %s: Mesos sees an address in the plugin's answer",
    (api) => {
      const text = renderCalicoNetwork({
        name: "calico-open",
        etcdEndpoints: ["http://e:1"],
        ...(api === undefined ? {} : { api }),
      });
      const conf = z.looseObject({ cniVersion: z.string() }).parse(JSON.parse(text));
      const answered = results.cases.find(({ cniVersion }) => cniVersion === conf.cniVersion);
      expect(answered?.mesosSees).toEqual(["192.168.128.1"]);
      for (const name of results.networkConfig.required) expect(conf).toHaveProperty(name);
    },
  );

  test("the node is named, or not, as in the network that DC/OS itself brings", () => {
    const conf = JSON.parse(renderCalicoNetwork({ name: "x", etcdEndpoints: ["http://e:1"] }));
    expect("nodename" in conf).toBe("nodename" in delegate);
    expect(conf.cniVersion).toBe(delegate.cniVersion);
  });

  test.each(results.cases)(
    "the stand-in's agent reads a result of CNI $cniVersion as Mesos does",
    (one) => {
      expect(addressOf(JSON.stringify(one.stdout))).toBe(one.mesosSees[0]);
    },
  );
});
