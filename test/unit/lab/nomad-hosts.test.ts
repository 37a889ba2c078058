import { join } from "node:path";
import { makePlan, parseConfig, readStackConfig } from "../../../components/kinds/planning";
import { nomadLab } from "../../../components/nomad/lab";

const config = readStackConfig(join(__dirname, "../../../Pulumi.nomad.yaml"));
const { nomad } = makePlan(config).coes;
if (nomad === undefined) throw new Error("no COE in the plan");
const coe = nomad;
const pki = {
  authority: "",
  leaves: {},
  serviceAccount: { privateKey: "", publicKey: "" },
};
const filesOf = (name: string) => {
  const { [name]: node } = coe.nodes;
  if (node === undefined) throw new Error(`no ${name}`);
  return nomadLab.files(coe, node, pki);
};

test("the server of the lab answers at the ports of a real one", () => {
  const { files, units } = filesOf("server");
  expect(files.map(({ path, text }) => [path, JSON.parse(text)])).toEqual([
    [
      "nomad.json",
      {
        http: { address: "172.16.18.61", port: 4646 },
        rpc: { address: "172.16.18.61", port: 4647 },
        ...{ name: "server", stateDir: "/var/lib/nomad" },
      },
    ],
  ]);
  expect(units[0]?.text).toContain(
    "ExecStart=/usr/bin/node /opt/lab/dist/standins/nomad/server.js /etc/lab/nomad.json\n",
  );
  expect(nomadLab.forwards(coe)).toEqual({ nomad: "172.16.18.61:4646" });
});

test("a client of the lab has CNI's plugins where it looks for them, and reloads on SIGHUP", () => {
  const { files, units } = filesOf("client-1");
  expect(JSON.parse(files[0]?.text ?? "")).toEqual({
    ...{ name: "client-1", address: "172.16.18.62", dataDir: "/var/lib/nomad" },
    ...{ cniConfigDir: "/opt/cni/config", cniPath: "/opt/cni/bin" },
    ...{ server: "http://172.16.18.61:4647", cniProgram: "/opt/lab/bin/nomad-cni" },
  });
  const [unit] = units;
  expect([unit?.name, unit?.reads]).toEqual(["nomad.service", ["nomad.json"]]);
  expect(unit?.text).toContain(`ExecStartPre=/bin/mkdir -p /opt/cni/bin /opt/cni/config
ExecStartPre=/bin/ln -sf /opt/lab/bin/cni-bridge /opt/cni/bin/bridge
ExecStartPre=/bin/ln -sf /opt/lab/bin/cni-host-local /opt/cni/bin/host-local
ExecStartPre=/bin/ln -sf /opt/lab/bin/cni-portmap /opt/cni/bin/portmap
ExecStart=/usr/bin/node /opt/lab/dist/standins/nomad/client.js /etc/lab/nomad.json
ExecReload=/bin/kill -HUP $MAINPID
KillMode=process
`);
});

test("its port is only in labs that have it", () => {
  expect(config.lab?.ports.nomad).toBe(14646);
  const plain = parseConfig({
    network: { supernet: "10.64.0.0/10", nodes: "172.16.18.0/24", asn: 64511 },
    reflectors: { rr: { kind: "gobgp", address: "172.16.18.32" } },
    coes: {
      plain: {
        ...{ kind: "hosts", podCidr: "10.65.0.0/16", access: "embedded" },
        nodes: { one: { address: "172.16.18.51", podCidr: "10.65.1.0/24" } },
      },
    },
  });
  expect(plain.lab?.ports).not.toHaveProperty("nomad");
});
