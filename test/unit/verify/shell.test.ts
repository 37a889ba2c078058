import { ask } from "../../../components/ask/shell";
import { type Programs, programs } from "../../helpers/programs";

/** Does what the far end of ssh does: hands the last argument to a shell. */
const ssh = `echo "ssh $*" >> $SAID; for last; do :; done; exec sh -c "$last"`;
let fakes: Programs | undefined;
afterEach(() => fakes?.remove());

const core = { via: "ssh", target: "ssh://core@192.0.2.7:2222" } as const;

test("a user other than root asks a node by sudo, which may not ask for a password", async () => {
  fakes = programs({ ssh, sudo: `echo "sudo $*" >> $SAID; shift 2; exec "$@"` });
  expect(await ask(core, "dcos/agent-1", ["echo", "it's", "a b"])).toEqual({
    ok: true,
    asked: "dcos/agent-1: echo it's a b",
    value: "it's a b\n",
  });
  expect(fakes.said()).toEqual([
    `ssh -o BatchMode=yes -o ConnectTimeout=5 ssh://core@192.0.2.7:2222 -- 'sudo' '-n' '--' 'echo' 'it'\\''s' 'a b'`,
    "sudo -n -- echo it's a b",
  ]);
});

test("root needs no sudo", async () => {
  fakes = programs({ ssh, sudo: "exit 9" });
  const root = { via: "ssh", target: "ssh://root@192.0.2.7" } as const;
  expect(await ask(root, "dcos/agent-1", ["echo", "here"])).toEqual({
    ok: true,
    asked: "dcos/agent-1: echo here",
    value: "here\n",
  });
});

test("a refusal of sudo is told as one", async () => {
  fakes = programs({ ssh, sudo: "echo 'sudo: a password is required' >&2; exit 1" });
  expect(await ask(core, "dcos/agent-1", ["ip", "route"])).toEqual({
    ok: false,
    asked: "dcos/agent-1: ip route",
    error:
      "user core may not run it as root: sudo: a password is required; allow it in sudoers without a password (NOPASSWD), or name another ssh.user",
    unasked: true,
  });
});

test("a program that fails under sudo is no refusal", async () => {
  fakes = programs({ ssh, sudo: `shift 2; exec "$@"` });
  const answer = await ask(core, "dcos/agent-1", ["sh", "-c", "echo 'no such device' >&2; exit 2"]);
  expect(answer).toMatchObject({ ok: false, error: "exit code 2: no such device" });
});
