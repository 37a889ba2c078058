import { readFile } from "node:fs/promises";
import { containerDaemon, seedVolume } from "../../components/reflector/container";
import { gobgp } from "../../components/reflector/gobgp";
import { gobgpApi, gobgpContainer } from "../../components/reflector/gobgp/container";
import { gobgpImage, gobgpTag } from "../../components/reflector/gobgp/image";
import { readNeighbors } from "../../components/reflector/gobgp/state";
import { Docker } from "../../util/docker";
import { exec, execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";
import { runConfined } from "../helpers/confined";
import { TestDocker } from "../helpers/dockerd";

const daemon = new TestDocker();
const access = { dockerHost: daemon.host };
const slow = 60_000;

/** In the network `nodes`: two reflectors, the second in the network of the Docker host, and three nodes. */
const [own, host] = ["172.16.18.32", "172.16.18.1"];
const [node, intruder, far] = ["172.16.18.34", "172.16.18.35", "172.16.18.36"];

interface Peer {
  readonly address: string;
  readonly password: string;
  readonly ttlMin?: number;
}

/** A file with TCP MD5 (RFC 2385) and TTL security (RFC 5082) for every neighbour. */
const file = (address: string, peers: readonly Peer[]) => `[global.config]
as = 64511
router-id = "${address}"
local-address-list = [ "${address}" ]
${peers
  .map(
    (peer) => `[[neighbors]]
[neighbors.config]
neighbor-address = "${peer.address}"
peer-as = 64511
auth-password = "${peer.password}"
[neighbors.timers.config]
connect-retry = 1
idle-hold-time-after-reset = 1
[neighbors.transport.config]
local-address = "${address}"
[neighbors.ttl-security.config]
enabled = true
ttl-min = ${peer.ttlMin ?? 255}
`,
  )
  .join("")}`;

const secret = "s3cret";
const expected = [node, intruder].map((address) => ({ address, password: secret }));

/** A gobgpd that is no reflector of ours. */
async function neighbour(name: string, address: string, password: string): Promise<void> {
  await daemon.docker("volume", "create", name);
  const peers = [own, host].map((peer) => ({ address: peer, password }));
  await seedVolume(gobgp, access, gobgpTag, name, file(address, peers));
  const at = ["--network", "nodes", "--ip", address, "--volume", `${name}:/etc/gobgp`];
  const argv = ["gobgpd", "-t", "toml", "-f", "/etc/gobgp/gobgpd.toml"];
  await daemon.docker("run", "--detach", "--name", name, ...at, gobgpTag, ...argv);
}

beforeAll(async () => {
  await daemon.up();
  await new Docker(daemon.host).build(gobgpImage());
  const subnet = ["--subnet", "172.16.18.0/24", "--gateway", host];
  await daemon.docker("network", "create", ...subnet, "nodes");
  for (const [name, address] of [
    ["own", own],
    ["host", host],
  ] as const) {
    await daemon.docker("volume", "create", name);
    await seedVolume(gobgp, access, gobgpTag, name, file(address, expected));
  }
  const networksAdvanced = [{ name: "nodes", ipv4Address: own }];
  await runConfined(daemon, { name: "own", image: gobgpTag, volume: "own", networksAdvanced });
  await runConfined(daemon, { name: "host", image: gobgpTag, volume: "host" });
  await neighbour("node", node, secret);
  await neighbour("intruder", intruder, "another");
}, 120_000);

afterAll(() => daemon.down(), slow);

const pidOf = (name: string) => daemon.docker("inspect", "--format", "{{.State.Pid}}", name);

/** All that docker says when it fails. */
async function refusal(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await exec(["docker", "--host", daemon.host, ...args]);
  return code === 0 ? "" : stdout + stderr;
}

/** Lines of /proc/<pid>/status by name. */
async function status(name: string): Promise<Record<string, string>> {
  const text = await readFile(`/proc/${await pidOf(name)}/status`, "utf8");
  return Object.fromEntries(
    text.split("\n").map((line) => {
      const [key = "", value = ""] = line.split(":\t");
      return [key, value];
    }),
  );
}

/** What a process listens on, by protocol. */
async function listeners(name: string): Promise<string[]> {
  const pid = await pidOf(name);
  const argv = ["nsenter", `--net=/proc/${pid}/ns/net`, "ss", "-Hlntup"];
  const { stdout } = await execOrThrow(argv);
  return stdout
    .split("\n")
    .filter((line) => line.includes(`pid=${pid},`))
    .map((line) => line.split(/ +/))
    .map(([protocol, , , , local]) => `${protocol} ${local}`);
}

/** Bit 10 of a set of capabilities. */
const netBindService = "0000000000000400";
const none = "0000000000000000";

describe.each([
  ["own", "a network of its own", own, "65530\t65530\t65530\t65530", none],
  ["host", "the network of the Docker host", host, "0\t0\t0\t0", netBindService],
])("a reflector in %s", (name, _, address, uid, capabilities) => {
  const gobgpd = containerDaemon(gobgp, access, name);
  const sessions = async () => {
    const neighbors = await readNeighbors(gobgpd);
    return Object.fromEntries(
      Object.entries(neighbors).map(([peer, { established }]) => [peer, established]),
    );
  };

  test(
    "has its sessions by MD5 and TTL security, and none with another password",
    async () => {
      const what = `the session of ${name}`;
      await waitFor({ what, timeoutMs: 100_000, intervalMs: 250 }, async () => {
        const seen = await sessions();
        return seen[node] === true
          ? { done: true, value: undefined }
          : { done: false, seen: JSON.stringify(seen) };
      });
      expect(await sessions()).toEqual({ [node]: true, [intruder]: false });
    },
    slow,
  );

  test("listens for BGP and for nothing else", async () => {
    expect(await listeners(name)).toEqual([`tcp ${address}:179`]);
  });

  test("may do no more than it needs", async () => {
    const found = await status(name);
    expect(found).toMatchObject({
      ...{ Uid: uid, NoNewPrivs: "1", Seccomp: "2" },
      ...{ CapInh: none, CapAmb: none, CapBnd: capabilities },
      ...{ CapPrm: capabilities, CapEff: capabilities },
    });
    const format = "{{.HostConfig.ReadonlyRootfs}} {{json .HostConfig.LogConfig}}";
    expect(await daemon.docker("inspect", "--format", format, name)).toBe(
      'true {"Type":"json-file","Config":{"max-file":"3","max-size":"10m"}}',
    );
  });

  test("answers beside itself, in a folder for its own user", async () => {
    const ask = ["exec", name, "gobgp", "--target", gobgpApi, "global", "rib"];
    expect(await daemon.docker(...ask)).toBe("Network not in table");
    const [mount = ""] = (await readFile(`/proc/${await pidOf(name)}/mounts`, "utf8"))
      .split("\n")
      .filter((line) => line.includes(` ${gobgpContainer.apiFolder} `));
    expect(mount).toMatch(/^tmpfs \S+ tmpfs rw,nosuid,nodev,noexec,.*mode=700/);
    expect(await refusal("exec", "--user", "1000:1000", ...ask.slice(1))).toContain(
      "permission denied",
    );
  });

  test(
    "comes back with an API after it was killed",
    async () => {
      const argv = ["docker", "--host", daemon.host, "restart", name];
      expect(await exec(argv)).toMatchObject({ code: 0 });
      await waitFor({ what: `${name} to answer`, timeoutMs: 15_000 }, () =>
        gobgpd.ask(["global"]).then(
          () => ({ done: true, value: undefined }) as const,
          (error: Error) => ({ done: false, seen: error.message }) as const,
        ),
      );
    },
    slow,
  );
});

test(
  "nobody else in the network reaches the API",
  async () => {
    for (const address of [own, host]) {
      const at = ["--rm", "--network", "nodes", "--ip", far, gobgpTag];
      const said = await refusal("run", ...at, "gobgp", "-u", address, "neighbor");
      expect(said).toContain(`${address}:50051: connect: connection refused`);
    }
  },
  slow,
);
