import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { askClientFiles, parseClientFiles, rangesIn } from "../../../components/nomad/client-files";
import { networkFile, networkPath } from "../../../components/nomad/cni";
import { probeJob } from "../../../components/nomad/probe-job";
import { serviceRecords } from "../../../components/nomad/records";
import { networkFaults } from "../../../components/nomad/verify/objects";
import { execOrThrow } from "../../../util/exec";
import { inScratch } from "../../../util/scratch";
import { clientOf, coeOf, planOf } from "./plans";

const plan = planOf();
const coe = coeOf(plan);
const node = clientOf(coe);

test("the network of a client is a bridge with its range, in a version that knows CHECK", () => {
  expect(networkPath(coe)).toBe("/opt/cni/config/seamless.conflist");
  expect(JSON.parse(networkFile(coe, node))).toEqual({
    cniVersion: "1.0.0",
    name: "seamless",
    plugins: [
      {
        ...{ type: "bridge", bridge: "seamless0", isGateway: true, ipMasq: false },
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: "/run/seamless/cni",
          ranges: [[{ subnet: "10.90.1.0/24" }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  });
});

test("a client with both families has a range and a default route of each", () => {
  const both = makePlan(
    parseConfig({
      network: {
        supernet: ["10.64.0.0/10", "2001:db8::/44"],
        nodes: ["172.16.18.0/24", "2001:db8:18::/64"],
        asn: 64511,
      },
      reflectors: { rr: { kind: "bird", address: "172.16.18.32", address6: "2001:db8:18::32" } },
      coes: {
        nomad: {
          kind: "nomad",
          podCidr: ["10.90.0.0/16", "2001:db8:1::/64"],
          policy: "open",
          access: { url: "https://172.16.18.61:4646", ssh: {} },
          nodes: {
            "client-1": {
              ...{ address: "172.16.18.62", address6: "2001:db8:18::62" },
              podCidr: ["10.90.1.0/24", "2001:db8:1:0:1::/80"],
            },
          },
        },
      },
    }),
  );
  const { ipam } = JSON.parse(networkFile(coeOf(both), clientOf(coeOf(both)))).plugins[0];
  expect([ipam.ranges, ipam.routes]).toEqual([
    [[{ subnet: "10.90.1.0/24" }], [{ subnet: "2001:db8:1:0:1::/80" }]],
    [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
  ]);
});

test("names of network, folder and unit are as the configuration has them", () => {
  const other = coeOf(planOf({ network: "blue", cniConfigDir: "/etc/cni/nomad" }));
  expect(networkPath(other)).toBe("/etc/cni/nomad/blue.conflist");
  expect(JSON.parse(networkFile(other, clientOf(other))).name).toBe("blue");
});

test("a client's files and leases are read by the script that asks for them", async () => {
  await inScratch("nomad", async (folder) => {
    const files = {
      "20-b.conflist": networkFile(coe, node),
      "10-a.conf": '{"name":"a","type":"bridge"}',
      "30-c.json": "[]",
      "40-d.conflist": '{"name":"d","plugins":[{}]}',
      "50-e.txt": "{",
      "10.90.1.2": "5f49bead-3c45-4fd0-ba35-3be742678557\r\neth0",
      "last_reserved_ip.0": "10.90.1.2",
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const { stdout } = await execOrThrow(askClientFiles(folder, folder));
    const seen = parseClientFiles(stdout);
    expect(seen.files.map(({ path, network, problem }) => [path, network, problem])).toEqual([
      [join(folder, "10-a.conf"), "a", undefined],
      [join(folder, "20-b.conflist"), "seamless", undefined],
      [join(folder, "30-c.json"), undefined, "it is no JSON object"],
      [join(folder, "40-d.conflist"), undefined, "a plugin has no type"],
    ]);
    expect(seen.leases).toEqual([
      { address: "10.90.1.2", holder: "5f49bead-3c45-4fd0-ba35-3be742678557" },
    ]);
    expect(rangesIn(seen.files[1]?.text ?? "")).toEqual(["10.90.1.0/24"]);
  });
});

test("verify names what is otherwise than the plan on a client", () => {
  const path = networkPath(coe);
  const file = (text: string, at = path) => ({ path: at, text, network: "seamless" });
  const right = file(networkFile(coe, node));
  const faults = (...files: ReturnType<typeof file>[]) =>
    networkFaults(coe, node, { files, leases: [] }).map(
      ({ object, found, expected }) => `${object}: ${found}; ${expected}`,
    );
  expect(faults(right)).toEqual([]);
  expect(faults()).toEqual([`nomad/client-1: ${path}: no such file; the network seamless`]);
  expect(faults(file(right.text.replace("10.90.1.0", "10.90.7.0")))).toEqual([
    `nomad/client-1: ${path}: ranges 10.90.7.0/24; ranges 10.90.1.0/24`,
  ]);
  expect(faults(file("{}", "/opt/cni/config/10-other.conf"), right)).toEqual([
    `nomad/client-1: ${path}: /opt/cni/config/10-other.conf has the name seamless, too; one file of that name`,
  ]);
});

test("the probe runs by what the configuration names", () => {
  const task = (more: object) => {
    const groups: unknown = probeJob(plan, "nomad", { instances: 2, ...more }).TaskGroups;
    const [group] = Array.isArray(groups) ? groups : [];
    const [{ Driver, Config }] = group.Tasks;
    return [Driver, Config.image, Config.command];
  };
  expect(task({})).toEqual(["exec", undefined, "python3"]);
  expect(task({ image: "web:1" })).toEqual(["docker", "web:1", undefined]);
  expect(task({ driver: "podman", image: "web:1", command: ["/web", "-v"] })).toEqual([
    ...["podman", "web:1", "/web"],
  ]);
  expect(() => probeJob(plan, "nomad", { instances: 3 })).toThrow(
    "coes.nomad.probe.instances: found 3, allowed 0 to 2: one for each client, for no client runs two",
  );
});

test("the probe's service is Consul's where others resolve its name", () => {
  const provider = (of: ReturnType<typeof planOf>) => {
    const groups: unknown = probeJob(of, "nomad", { instances: 1 }).TaskGroups;
    const [group] = Array.isArray(groups) ? groups : [];
    return [group.Services[0].Provider, group.Services[0].AddressMode];
  };
  expect(provider(plan)).toEqual(["nomad", "alloc"]);
  const names = (zone: string) => ({ zones: [zone], servers: ["172.16.18.61:8600"] });
  expect(provider(planOf({ names: names("consul") }))).toEqual(["consul", "alloc"]);
  expect(provider(planOf({ names: names("nomad") }))).toEqual(["nomad", "alloc"]);
});

test("services with addresses of the plan are records for a name server", () => {
  const one = (ServiceName: string, Address: string, namespace = "default") => ({
    ...{ ServiceName, Address, namespace },
  });
  const instances = [
    one("web", "10.90.2.10"),
    one("web", "10.90.2.9"),
    one("Db", "10.90.1.4", "shop"),
    // With the address of its client, or none.
    one("api", "172.16.18.62"),
    one("batch", ""),
  ];
  expect(serviceRecords(coe, instances, "nomad")).toBe(
    "10.90.1.4 db.shop.nomad\n10.90.2.9 web.nomad\n10.90.2.10 web.nomad\n",
  );
});
