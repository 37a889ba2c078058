/**
 * The package etcd with TLS, as far as it can be had: its members' own command (svc.yml) with this machine's etcd, and our
 * steps, CNI file and inspection as clients. The package's etcd 3.3 asks no client for a certificate; from 3.4 on the same
 * settings do ("Upgrade etcd from 3.3 to 3.4": trusted-ca-file), and that is what runs here.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { cniFiles } from "../../components/dcos/cni";
import { ownOf } from "../../components/dcos/model/config";
import { etcdUrls } from "../../components/dcos/model/services";
import { packageSpecs } from "../../components/dcos/packages";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { calicoObjects, calicoPlan, inOrder } from "../../components/speakers/calico/objects";
import { calicoYaml } from "../../components/speakers/calico/render";
import { etcdReleases } from "../../standins/dcos/cosmos/packages/etcd";
import { renderApp } from "../../standins/dcos/cosmos/render";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { EtcdMembers } from "../helpers/etcd-members";
import { describeWithShared } from "../helpers/shared";

const root = join(__dirname, "..", "..");
const seamless = join(root, "bin", "seamless");
const members = new EtcdMembers();
const port = 8090;

const agents = ["43", "44", "46"].map((last): [string, object] => [
  `agent-${last}`,
  { address: `10.0.0.${last}` },
]);
const settings = {
  network: { supernet: "172.16.0.0/12", nodes: "10.0.0.0/24", asn: 64511 },
  reflectors: { reflector: { kind: "gobgp", address: "10.0.0.9" } },
  coes: {
    dcos: {
      kind: "dcos",
      podCidr: "172.29.0.0/16",
      policy: "open",
      access: { url: `http://127.0.0.1:${port}` },
      packages: { etcd: { options: { etcd: { tls_enabled: true } } } },
      nodes: Object.fromEntries(agents),
    },
  },
};
const config = parseConfig(settings);
const plan = makePlan(config);
const { dcos: coe } = plan.coes;
if (coe === undefined) throw new Error("no dcos");
const endpoints = etcdUrls(coe) ?? [];

/** What the package's scheduler is told. */
function schedulerEnvironment(): Readonly<Record<string, string>> {
  const [release] = etcdReleases;
  const { dcos } = config.coes;
  const packages = dcos === undefined ? undefined : ownOf(dcos).packages;
  if (release === undefined || coe === undefined || packages === undefined) throw new Error("etcd");
  const options = packageSpecs(coe, packages).etcd?.options;
  const { env } = renderApp({ release, source: "", options });
  return z.record(z.string(), z.string()).parse(env);
}

const { authority, certificate, key } = members.files;
const client = { ETCD_CA_CERT_FILE: authority, ETCD_CERT_FILE: certificate, ETCD_KEY_FILE: key };
const cluster = { DATASTORE_TYPE: "etcdv3", ETCD_ENDPOINTS: endpoints.join(",") };
const calicoctl = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  members.run([join(toolsBin(), "calicoctl"), ...args], { env: { ...cluster, ...env } });

/** The part of Admin Router that an inspection asks. */
const adminRouter = `require("node:http").createServer((request, response) => {
  const replies = {
    "/dcos-metadata/dcos-version.json": { version: "2.0.6", "dcos-variant": "enterprise" },
    "/system/health/v1/units": { units: [] },
  };
  const body = replies[request.url];
  response.writeHead(body === undefined ? 404 : 200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body ?? {}));
}).listen(${port}, "127.0.0.1");`;

describeWithShared("dcos-conformance/etcd", "the package etcd with TLS", () => {
  beforeAll(async () => {
    await members.up(schedulerEnvironment());
    members.start([process.execPath, "-e", adminRouter]);
    await waitFor({ what: "etcd", timeoutMs: 60_000, intervalMs: 500 }, async () => {
      const { code, stderr } = await calicoctl(client, "get", "ippools");
      return code === 0 ? { done: true, value: undefined } : { done: false, seen: stderr };
    });
  }, 90_000);

  afterAll(() => members.down(), 30_000);

  test("members are asked by the names that their certificates are for", () => {
    expect(endpoints).toEqual(
      [0, 1, 2].map((n) => `https://etcd-${n}-node.etcd.autoip.dcos.thisdcos.directory:2379`),
    );
  });

  test("a client without a certificate is refused, and so is one that does not know the authority", async () => {
    const ask = (...args: readonly string[]) =>
      members.run(["curl", "-sS", "--max-time", "20", ...args, `${endpoints[0]}/health`]);
    const trusting = ["--cacert", authority];
    const own = ["--cert", certificate, "--key", key];
    const bare = await ask(...trusting);
    // The server ends the handshake; how curl tells that depends on who is faster.
    expect([bare.code === 0, bare.stdout]).toEqual([false, ""]);
    expect((await ask(...own)).stderr).toContain("unable to get local issuer certificate");
    expect((await ask(...trusting, ...own)).stdout).toContain('"health":"true"');
  });

  test("the step brings Calico's objects in by certificates from the environment", async () => {
    const objects = calicoYaml(inOrder(calicoObjects(calicoPlan(plan, "dcos"))));
    const argv = [seamless, "internal", "calico-etcd"];
    const input = JSON.stringify({ etcdEndpoints: endpoints, objects });
    const { code, stderr } = await members.run(argv, { env: client, input, cwd: root });
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^applying .*IPPool\/172-29-0-0-16/m),
    ]);
    const pool = await calicoctl(client, "get", "ippool", "172-29-0-0-16", "-o", "json");
    expect(JSON.parse(pool.stdout).spec).toMatchObject({ cidr: "172.29.0.0/16", blockSize: 26 });
  }, 200_000);

  test("seamless inspect reads the datastore, and finds it as planned", async () => {
    const file = join(members.folder, "stack.yaml");
    const named = Object.entries(settings).map(([name, value]) => [`seamless:${name}`, value]);
    writeFileSync(file, stringify({ config: Object.fromEntries(named) }));
    const argv = [seamless, "inspect", "--config", file, "--json"];
    const { code, stdout, stderr } = await members.run(argv, { env: client, cwd: root });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain('"172.29.0.0/16"');
    expect(stdout).not.toContain("datastore/access");
    expect(stdout).not.toContain("could not be seen");
  }, 200_000);

  test("Calico's own plugin assigns an address by our CNI file, once that names a client's certificate", async () => {
    const [, text = ""] = cniFiles(coe, endpoints).split(/^# .*\n/m);
    const printed = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
    // On DC/OS the authority is there on every node.
    expect(printed.etcd_ca_cert_file).toBe("/run/dcos/pki/CA/ca-bundle.crt");
    const conf = { ...printed, etcd_ca_cert_file: authority };
    const node = { apiVersion: "projectcalico.org/v3", kind: "Node", metadata: { name: "agent" } };
    const made = await members.run([join(toolsBin(), "calicoctl"), "apply", "-f", "-"], {
      env: { ...cluster, ...client },
      input: JSON.stringify(node),
    });
    expect(made).toMatchObject({ code: 0 });
    const add = (more: object) =>
      members.run([join(toolsBin(), "calico-ipam")], {
        env: {
          CNI_COMMAND: "ADD",
          CNI_CONTAINERID: "task",
          CNI_NETNS: "/run/netns/none",
          CNI_IFNAME: "eth0",
          CNI_PATH: toolsBin(),
        },
        input: JSON.stringify({ ...conf, nodename: "agent", ...more }),
      });
    const joined = await add({ etcd_cert_file: certificate, etcd_key_file: key });
    expect(JSON.parse(joined.stdout)).toMatchObject({
      ip4: { ip: expect.stringMatching(/^172\.29\.\d+\.\d+\/\d+$/) },
    });
  }, 90_000);
});
