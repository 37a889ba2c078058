import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RemoteHost, remoteHost } from "../../components/ask/host";
import { endSharedConnections } from "../../components/ask/ssh-shared";
import { lookAtHost } from "../../components/linux/look";
import { exec } from "../../util/exec";
import { refusal } from "../helpers/host-pair";
import { OneHost } from "../helpers/one-host";
import { untilWithin } from "../helpers/until";

/* How programs are run on a host, by the word of its sshd: the real one of Debian 12. */

const host = new OneHost();
const on = (...argv: string[]) => host.on(...argv);
const until = untilWithin(100_000);

beforeAll(() => host.up(), 600_000);

afterAll(() => host.down(), 60_000);

test("a host with another key than known_hosts says is not spoken to", async () => {
  const { address } = host;
  // The host key of nobody.
  const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFcVqjk4qcB7cV0m8V0yPdbmAMZW5rGZ2wrGeL8qDk1u";
  const asked = (knownHosts: readonly string[]) =>
    refusal(lookAtHost(remoteHost("plain/one", { ...host.shell, knownHosts })));
  expect(await asked([`${address} ${other}`])).toBe(
    `plain/one: ${address} has another host key than known_hosts says: somebody else may answer there; look at the key on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), and write it into ssh.knownHosts when it is right`,
  );
  expect(await asked([])).toBe(
    `plain/one: the host key of ${address} is not known; write it into ssh.knownHosts (ssh-keyscan prints it; compare it with ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub on the host)`,
  );
});

/** The host by another sshd of it. */
function atPort(port: number, name = ""): RemoteHost {
  const { address } = host;
  const { knownHosts: [known = ""] = [], ...shell } = host.shell;
  return remoteHost("plain/one", {
    ...shell,
    target: `ssh://root@${address}:${port}`,
    knownHosts: [port === 22 ? known : known.replace(address, `[${address}]:${port}`), `# ${name}`],
  });
}

/** How often somebody has logged in to a host. */
async function logins(): Promise<number> {
  await on("journalctl", "--sync");
  const said = await on("journalctl", "-b", "-q", "-g", "^Accepted publickey for root");
  return said.split("\n").filter(Boolean).length;
}

test("many programs on a host log in twice, and again when the connection was lost", async () => {
  const there = atPort(22, "many");
  const run = async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => String(index));
    const said = numbers.map((number) => there.run(["sh", "-c", `echo ${number}; exit ${number}`]));
    expect(await Promise.all(said)).toEqual(
      numbers.map((number) => ({ code: Number(number), stdout: `${number}\n`, stderr: "" })),
    );
  };
  const before = await logins();
  await run();
  expect(await logins()).toBe(before + 2);
  await run();
  expect(await logins()).toBe(before + 2);
  // The one whose program this is.
  expect(await refusal(there.run(["sh", "-c", 'kill "$PPID"']))).toMatch(/cannot be reached/);
  await until(
    "programs to share a connection again",
    async () => {
      const lost = await logins();
      await there.need(["true"]);
      return (await logins()) - lost;
    },
    0,
  );
  await run();
}, 60_000);

test.each(["none", "SIGTERM", "SIGKILL"])(
  "connections end with the process that made them: %s",
  async (signal) => {
    const script = `
    const { remoteHost } = require("./components/ask/host.ts");
    const host = remoteHost("plain/one", JSON.parse(process.argv[1]));
    (async () => {
      for (const _ of [1, 2, 3]) await host.need(["true"]);
      if (process.argv[2] !== "none") process.kill(process.pid, process.argv[2]);
    })();
  `;
    const argv = ["node", "--import", "tsx", "-e", script, JSON.stringify(host.shell), signal];
    endSharedConnections();
    const before = await logins();
    // What is killed leaves a folder behind.
    const TMPDIR = mkdtempSync(join(tmpdir(), "seamless-killed-"));
    const { code, failure } = await exec(argv, { timeoutMs: 30_000, env: { TMPDIR } });
    rmSync(TMPDIR, { recursive: true });
    expect({ code, failure }).toEqual(
      signal === "none" ? { code: 0 } : { code: -1, failure: `killed by ${signal}` },
    );
    expect(await logins()).toBe(before + 2);
    const open = ["ss", "-Htn", "state", "established", "sport", "=", ":22"];
    await until("no connection to the host", () => on(...open), "");
  },
  60_000,
);

test("an sshd that lets one program run over a connection has one for each", async () => {
  const one = ["-o", "MaxSessions=1", "-o", "PidFile=/run/one"];
  await on("/usr/sbin/sshd", "-p", "2023", ...one);
  const before = await logins();
  const there = atPort(2023);
  for (const number of [1, 2, 3, 4])
    expect(await there.run(["sh", "-c", `echo ${number} >&2`])).toEqual({
      ...{ code: 0, stdout: "", stderr: `${number}\n` },
    });
  expect(await logins()).toBe(before + 5);
  await on("sh", "-c", 'kill "$(cat /run/one)"');
}, 60_000);

test("an sshd that drops some of many who come at a time is asked again", async () => {
  const few = ["-o", "MaxStartups=2:100:2", "-o", "PidFile=/run/few"];
  await on("/usr/sbin/sshd", "-p", "2022", ...few);
  const numbers = Array.from({ length: 16 }, (_, index) => String(index));
  // As many hosts, which a jump host has all connections to.
  const said = numbers.map((number) => atPort(2022, number).need(["echo", number]));
  expect(await Promise.all(said)).toEqual(numbers.map((number) => `${number}\n`));
  // It has dropped some.
  expect(await on("journalctl", "-b", "-g", "MaxStartups")).toMatch(/drop connection/);
  await on("sh", "-c", 'kill "$(cat /run/few)"');
}, 60_000);
