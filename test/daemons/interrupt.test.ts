/** Commands that are interrupted while a server keeps them waiting leave nothing behind. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { kubeconfigVariable } from "../../components/cluster/kubectl";
import { makePlan, parseStackConfig } from "../../components/kinds/planning";
import { calicoPlan } from "../../components/speakers/calico/objects";
import { waitFor } from "../../util/wait";

const program = resolve(__dirname, "..", "..", "bin", "seamless");
const folder = mkdtempSync(join(tmpdir(), "seamless-interrupt-"));
const scratch = join(folder, "scratch");
const file = (name: string) => join(folder, name);
const mark = `SEAMLESS_TEST_MARK=${folder}`;

/** Takes connections and says nothing. */
const sockets: Socket[] = [];
const server: Server = createServer((socket) => {
  sockets.push(socket);
  socket.on("error", () => undefined);
});

const kubeconfig = (port: number) =>
  stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    clusters: [{ name: "test", cluster: { server: `https://127.0.0.1:${port}` } }],
    users: [{ name: "test", user: { token: "hidden" } }],
  });

const config = (port: number, nodes: unknown) =>
  stringify({
    config: {
      "seamless:network": { supernet: "10.64.0.0/10", nodes: "192.0.2.0/24", asn: 64512 },
      "seamless:reflectors": { rr: { kind: "gobgp", address: "192.0.2.1" } },
      "seamless:coes": {
        alpha: {
          kind: "kubernetes",
          podCidr: "10.64.0.0/16",
          policy: "open",
          access: { kubeconfig: file("kubeconfig") },
          nodes,
        },
        beta: {
          kind: "dcos",
          podCidr: "10.65.0.0/16",
          policy: "open",
          access: { url: `http://127.0.0.1:${port}`, etcd: [`http://127.0.0.1:${port}`] },
          nodes: { one: { address: "192.0.2.3" } },
        },
      },
    },
  });

let port = 0;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const text = config(port, { one: { address: "192.0.2.2" } });
  writeFileSync(file("config.yaml"), text);
  writeFileSync(file("asking.yaml"), config(port, "fromCluster"));
  writeFileSync(file("kubeconfig"), kubeconfig(port), { mode: 0o600 });
  const plan = makePlan(parseStackConfig(text, "config"));
  const shell = { via: "kubectl" };
  const alpha = { kubeconfig: kubeconfig(port), nodes: { one: shell } };
  const access = { reflectors: { rr: shell }, coes: { alpha, beta: { nodes: {} } } };
  writeFileSync(file("outputs.json"), JSON.stringify({ plan, access, probes: ["alpha"] }));
  const step = { coe: plan.coes.alpha, calico: calicoPlan(plan, "alpha") };
  writeFileSync(file("step.json"), JSON.stringify(step));
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Command lines of the processes that were started here and run, with what they have started. */
function processes(): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(mark)) return [];
      return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()];
    } catch {
      // Not a process, or one that has just ended.
      return [];
    }
  });
}

const inspect = ["inspect", "--config", file("config.yaml")];
const commands: readonly (readonly [NodeJS.Signals, readonly string[]])[] = [
  ["SIGINT", ["plan", "--config", file("asking.yaml")]],
  ["SIGINT", [...inspect, "--coe", "alpha"]],
  ["SIGTERM", [...inspect, "--coe", "alpha"]],
  ["SIGHUP", [...inspect, "--coe", "alpha"]],
  ["SIGTERM", [...inspect, "--coe", "beta"]],
  ["SIGINT", ["internal", "kubernetes-inspect"]],
  ["SIGTERM", ["internal", "kubernetes-inspect"]],
  ["SIGINT", ["verify", "--outputs", file("outputs.json")]],
  ["SIGHUP", ["verify", "--outputs", file("outputs.json"), "--wait", "60s"]],
  ["SIGINT", ["verify", "--outputs", file("outputs.json"), "--watch"]],
];

test.each(commands)(
  "%s ends %j with all that it has started and written",
  async (signal, args) => {
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch);
    const connected = sockets.length;
    const child = spawn(process.execPath, [program, ...args], {
      env: {
        ...process.env,
        SEAMLESS_TEST_MARK: folder,
        TMPDIR: scratch,
        [kubeconfigVariable]: kubeconfig(port),
      },
      stdio: ["pipe", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
    });
    child.stdin.end(readFileSync(file("step.json")));
    const ended = new Promise<number | null>((done) => child.once("close", done));
    const kubectl = !args.includes("beta");
    await waitFor({ what: "a question that has no answer", timeoutMs: 20_000 }, async () => {
      const there =
        processes().some((line) => line.includes("kubectl")) && readdirSync(scratch).length > 0;
      return sockets.length > connected && (there || !kubectl)
        ? { done: true, value: undefined }
        : { done: false, seen: said };
    });
    child.kill(signal);
    expect(await ended).toBe(130);
    await waitFor({ what: "the end of all processes", timeoutMs: 10_000 }, async () => {
      const left = processes();
      return left.length === 0
        ? { done: true, value: undefined }
        : { done: false, seen: left.join("; ") };
    });
    expect(readdirSync(scratch)).toEqual([]);
  },
  60_000,
);

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s lets the update of a tour come to its own end, told once",
  async (signal) => {
    const project = mkdtempSync(join(folder, "tour-"));
    const pulumi = join(project, "node_modules", ".bin", "pulumi");
    mkdirSync(join(project, "node_modules", ".bin"), { recursive: true });
    const ending = "echo told >> log; sleep 0.5; echo ended >> log; exit 1";
    writeFileSync(
      pulumi,
      `#!/bin/sh\ntrap '${ending}' INT TERM HUP\necho begun >> log\nwhile :; do sleep 0.1; done\n`,
      { mode: 0o755 },
    );
    writeFileSync(join(project, "Pulumi.lab.yaml"), readFileSync(file("config.yaml")));
    const log = () => {
      try {
        return readFileSync(join(project, "log"), "utf8");
      } catch {
        return "";
      }
    };
    const child = spawn(process.execPath, [program, "tour"], {
      cwd: project,
      env: { ...process.env, SEAMLESS_TEST_MARK: folder },
      stdio: "ignore",
    });
    const ended = new Promise<number | null>((done) => child.once("close", done));
    await waitFor({ what: "the update", timeoutMs: 20_000 }, async () =>
      log() === "begun\n" ? { done: true, value: undefined } : { done: false, seen: log() },
    );
    child.kill(signal);
    expect(await ended).toBe(130);
    expect(log()).toBe("begun\ntold\nended\n");
    expect(processes()).toEqual([]);
  },
  60_000,
);
