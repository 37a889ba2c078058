import { ask } from "../../../components/ask/shell";
import { kubernetesProbe } from "../../../components/kubernetes/verify";
import { inScratch } from "../../../util/scratch";
import { type Programs, programs } from "../../helpers/programs";
import { plan, pod } from "./fixture";

let fakes: Programs | undefined;
afterEach(() => fakes?.remove());

const container = { via: "docker", dockerHost: "unix:///nowhere", container: "a" } as const;
const machine = { via: "ssh", target: "ssh://root@192.0.2.7" } as const;

/** What was said by Docker 26, OpenSSH 9, kubectl 1.34 and busybox, each tried by hand. */
const docker = [
  [
    "a daemon that is away",
    1,
    "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
    true,
  ],
  [
    "a daemon that is out of order",
    1,
    "Error response from daemon: context deadline exceeded",
    true,
  ],
  [
    "a program that is not there",
    126,
    'OCI runtime exec failed: exec: "ip": executable file not found in $PATH: unknown',
    true,
  ],
  ["a program that was killed", 137, "", true],
  [
    "a container that is stopped",
    1,
    "Error response from daemon: container 0a1b is not running",
    false,
  ],
  ["a container that is gone", 1, "Error response from daemon: No such container: a", false],
  ["a program that fails", 2, "RTNETLINK answers: No such process", false],
] as const;

test.each(docker)("docker exec: %s", async (_, code, stderr, unasked) => {
  fakes = programs({ docker: `echo '${stderr}' >&2; exit ${code}` });
  const reply = await ask(container, "k/a", ["ip", "route"]);
  expect("unasked" in reply).toBe(unasked);
  expect(reply).toMatchObject({ ok: false, asked: "k/a: ip route" });
});

test.each([
  [
    "a host that is away",
    255,
    "ssh: connect to host 192.0.2.7 port 22: Connection timed out",
    true,
  ],
  ["a key that is refused", 255, "root@192.0.2.7: Permission denied (publickey).", true],
  ["a program that is not there", 127, "sh: 1: ip: not found", true],
  ["a program that fails", 2, "RTNETLINK answers: No such process", false],
] as const)("ssh: %s", async (_, code, stderr, unasked) => {
  fakes = programs({ ssh: `echo '${stderr}' >&2; exit ${code}` });
  const reply = await ask(machine, "k/a", ["ip", "route"]);
  expect("unasked" in reply).toBe(unasked);
  expect(reply).toMatchObject({ ok: false, asked: "k/a: ip route" });
});

test("a program that is not on this machine", async () => {
  const before = process.env.PATH;
  process.env.PATH = "/nowhere";
  try {
    expect(await ask(machine, "k/a", ["ip"])).toMatchObject({ ok: false, unasked: true });
  } finally {
    process.env.PATH = before;
  }
});

test("curl's own word for a time that is over is silence on the wire, not a question that was not put", async () => {
  fakes = programs({ docker: "echo 'curl: (28) timed out' >&2; exit 28" });
  expect(await ask(container, "k/a", ["curl"], undefined, 28)).toEqual({
    ok: false,
    asked: "k/a: curl",
    error: "exit code 28: curl: (28) timed out",
    silent: true,
  });
});

const [fetch, list] = ["exec", "get"] as const;
test.each([
  [fetch, "no answer", 143, "command terminated with exit code 143", "silent"],
  [fetch, "a refusal", 1, "wget: refused\ncommand terminated with exit code 1", "refused"],
  [fetch, "a pod that is gone", 1, 'Error from server (NotFound): pods "x" not found', "unasked"],
  [
    fetch,
    "a kubelet that is away",
    1,
    "Error from server: error dialing backend: dial tcp: i/o timeout",
    "unasked",
  ],
  [fetch, "a connection that breaks", 1, "error: EOF", "unasked"],
  [fetch, "a program that was killed", 137, "command terminated with exit code 137", "unasked"],
  [
    list,
    "an API that is away",
    1,
    "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
    "unasked",
  ],
  [
    list,
    "an API that is busy",
    1,
    "Error from server (TooManyRequests): the server has received too many requests",
    "unasked",
  ],
  [
    list,
    "a user without the right",
    1,
    'Error from server (Forbidden): pods is forbidden: User "x" cannot list resource',
    "unasked",
  ],
  [
    list,
    "an object that is not there",
    1,
    'Error from server (NotFound): namespaces "seamless" not found',
    "refused",
  ],
] as const)("kubectl %s: %s", async (verb, _, code, stderr, expected) => {
  fakes = programs({ kubectl: `echo '${stderr}' >&2; exit ${code}` });
  const { kubernetes } = plan.coes;
  if (kubernetes === undefined) throw new Error("no kubernetes in the fixture");
  const reply = await inScratch("unasked", async (scratch) => {
    const probe = await kubernetesProbe(kubernetes, { nodes: {} }, scratch);
    return verb === fetch ? probe.fetch(pod, "http://192.0.2.1/") : probe.workloads();
  });
  const kind = ["silent", "unasked"].find((field) => field in reply) ?? "refused";
  expect([reply.ok, kind]).toEqual([false, expected]);
});
