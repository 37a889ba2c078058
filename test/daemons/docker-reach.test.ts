import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ask } from "../../components/ask/shell";
import { containerDaemon, seedVolume } from "../../components/reflector/container";
import { gobgp } from "../../components/reflector/gobgp";
import { gobgpImage, gobgpTag } from "../../components/reflector/gobgp/image";
import { Daemon } from "../../toolchain/plugins/docker/api";
import { reachOf } from "../../toolchain/plugins/docker/reach";
import { Docker } from "../../util/docker";
import { dockerEnv } from "../../util/docker-host";
import { exec } from "../../util/exec";
import { waitFor } from "../../util/wait";
import { TestStack } from "../helpers/engine";
import { noSshd, TestSsh } from "../helpers/sshd";
import { TlsDocker } from "../helpers/tls-dockerd";

const docker = new TlsDocker();
const slow = 120_000;
let [ours, theirs] = ["", ""];

beforeAll(async () => {
  await docker.up();
  [ours, theirs] = [
    await docker.certificates("client"),
    await docker.certificates("client", [], "other"),
  ];
  await new Docker(docker.socket).build(gobgpImage());
}, slow);

afterAll(() => docker.down(), slow);

const idOf = (name: string) =>
  exec(["docker", "--host", docker.socket, "inspect", "--format", "{{.Id}}", name]);

/** A stack with one container that is not started, on a daemon with these settings. */
async function stackWith(settings: string): Promise<TestStack> {
  const stack = await TestStack.make(["docker"]);
  stack.write(
    "index.ts",
    `import { readFileSync } from "node:fs";
import * as docker from "@pulumi/docker";
const provider = new docker.Provider("d", ${settings});
const args = { name: "one", image: "${gobgpTag}", start: false, mustRun: false };
new docker.Container("one", args, { provider });
`,
  );
  return stack;
}

describe("a stack makes its container", () => {
  const up = async (settings: string): Promise<TestStack> => {
    const stack = await stackWith(settings);
    const result = await stack.pulumi("up", "--yes", "--skip-preview");
    expect([result.code, result.stdout, result.stderr]).toEqual([0, expect.any(String), ""]);
    expect(await idOf("one")).toMatchObject({ code: 0 });
    const again = await stack.pulumi("preview", "--expect-no-changes");
    expect(again).toMatchObject({ code: 0 });
    return stack;
  };
  const down = async (stack: TestStack) => {
    expect(await stack.pulumi("destroy", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
    expect(await idOf("one")).toMatchObject({ code: 1 });
    stack.remove();
  };

  test(
    "by a folder of certificates",
    async () => {
      await down(await up(`{ host: "${docker.host}", certPath: "${ours}" }`));
    },
    slow,
  );

  test(
    "by certificates in its settings, of which the key is a secret in the state",
    async () => {
      const material = (file: string) => `readFileSync("${join(ours, file)}", "utf8")`;
      const stack = await up(
        `{ host: "${docker.host}", caMaterial: ${material("ca.pem")}, certMaterial: ${material("cert.pem")}, keyMaterial: ${material("key.pem")} }`,
      );
      const line = (await readFile(join(ours, "key.pem"), "utf8")).split("\n")[1] ?? "";
      expect(line.length).toBeGreaterThan(30);
      expect(stack.rawState()).toContain("caMaterial");
      expect(stack.rawState()).not.toContain(line);
      await down(stack);
    },
    slow,
  );

  test(
    "by what the environment says",
    async () => {
      const before = { ...process.env };
      Object.assign(process.env, {
        ...{ DOCKER_HOST: docker.host, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: ours },
      });
      try {
        await down(await up("{}"));
      } finally {
        process.env = before;
      }
    },
    slow,
  );

  test(
    "never over TCP without TLS: the preview says so",
    async () => {
      const stack = await stackWith('{ host: "tcp://192.0.2.1:2375" }');
      const { code, stdout } = await stack.pulumi("preview");
      expect([code, stdout]).toEqual([
        expect.any(Number),
        expect.stringContaining(
          "found tcp://192.0.2.1:2375 without TLS: whoever reaches that port is root on the host",
        ),
      ]);
      expect(code).not.toBe(0);
      stack.remove();
    },
    slow,
  );
});

const info = { method: "GET", path: "/info" } as const;
const daemonBy = (certPath: string) => new Daemon(reachOf({ host: docker.host, certPath }));

test("a daemon of another authority is refused, and one refuses a client of another", async () => {
  await expect(daemonBy(theirs).call(info)).rejects.toThrow(
    `Cannot connect to the Docker daemon at ${docker.host}: unable to verify the first certificate (the CA is that of ${theirs}/ca.pem)`,
  );
  const [ca, cert, key] = await Promise.all(
    [join(ours, "ca.pem"), join(theirs, "cert.pem"), join(theirs, "key.pem")].map((file) =>
      readFile(file, "utf8"),
    ),
  );
  const stranger = {
    host: docker.host,
    caMaterial: ca ?? "",
    certMaterial: cert ?? "",
    keyMaterial: key ?? "",
  };
  await expect(new Daemon(reachOf(stranger)).call(info)).rejects.toThrow(/alert/);
  await expect(daemonBy("/nowhere").call(info)).rejects.toThrow(
    /^the certificates for Docker cannot be read: .*no such file or directory, open '\/nowhere\/ca\.pem'$/,
  );
});

/** What the steps and verify do with a daemon: a volume with a file, and what it says of itself. */
async function stepsWorkBy(access: { dockerHost: string; dockerCerts?: string }): Promise<void> {
  await seedVolume(gobgp, access, gobgpTag, "conf", "as = 1\n");
  const create = [
    "docker",
    "create",
    "--name",
    "rr",
    "--network",
    "none",
    "--volume",
    "conf:/etc/gobgp",
  ];
  const env = dockerEnv(access);
  expect(await exec([...create, gobgpTag], { env })).toMatchObject({ code: 0 });
  try {
    const gobgpd = containerDaemon(gobgp, access, "rr");
    expect(await gobgpd.read()).toBe("as = 1\n");
    await gobgpd.write("as = 2\n");
    expect(await gobgpd.read()).toBe("as = 2\n");
    const shell = { via: "docker", container: "rr", ...access } as const;
    expect(await ask(shell, "rr", ["gobgp"])).toMatchObject({
      error: expect.stringMatching(/Container [0-9a-f]+ is not running/),
    });
  } finally {
    await exec(["docker", "rm", "--force", "rr"], { env });
    await exec(["docker", "volume", "rm", "conf"], { env });
  }
}

test(
  "the steps and verify go by the same certificates",
  () => stepsWorkBy({ dockerHost: docker.host, dockerCerts: ours }),
  slow,
);

describe.each([
  ["a real server", noSshd, (ssh: TestSsh) => ssh.serve(docker.socket)],
  ["an ssh that runs its command here", undefined, (ssh: TestSsh) => ssh.pretend(docker.socket)],
])("by ssh to %s", (_, missing, prepare) => {
  const ssh = new TestSsh();
  const unless = missing === undefined ? test : test.skip;

  beforeAll(async () => {
    if (missing === undefined) await prepare(ssh);
  }, slow);

  afterAll(() => ssh.down(), slow);

  unless(
    "a stack makes its container, and the steps do theirs",
    async () => {
      const stack = await stackWith(`{ host: "${ssh.url()}" }`);
      expect(await stack.pulumi("up", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
      expect(await idOf("one")).toMatchObject({ code: 0 });
      expect(await stack.pulumi("destroy", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
      stack.remove();
      await stepsWorkBy({ dockerHost: ssh.url() });
    },
    slow,
  );

  unless(
    "many calls at a time, and none leaves an ssh behind",
    async () => {
      const daemon = new Daemon(reachOf({ host: ssh.url() }));
      const answers = await Promise.all(Array.from({ length: 5 }, () => daemon.call(info)));
      expect(answers).toEqual(
        Array(5).fill(expect.objectContaining({ ServerVersion: expect.any(String) })),
      );
      // They end when they are told to, not before.
      await waitFor({ what: "ssh to end", timeoutMs: 10_000, intervalMs: 100 }, async () => {
        const { stdout } = await exec(["ps", "--ppid", String(process.pid), "-o", "args="]);
        const left = stdout.split("\n").filter((line) => line.includes("dial-stdio"));
        return left.length === 0
          ? { done: true, value: undefined }
          : { done: false, seen: left.join("\n") };
      });
    },
    slow,
  );
});

test("what ssh says is what the error says", async () => {
  const ssh = new TestSsh();
  await ssh.refuse();
  try {
    await expect(new Daemon(reachOf({ host: ssh.url() })).call(info)).rejects.toThrow(
      "Cannot connect to the Docker daemon at ssh://root@127.0.0.1:22: ssh: exit code 255: ops@host: Permission denied (publickey).",
    );
  } finally {
    await ssh.down();
  }
});
