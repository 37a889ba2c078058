import { sshComplaint } from "../../../components/ask/ssh";
import { sshProblems, sshSecretProblem } from "../../../config/ssh";

const shell = { via: "ssh", target: "ssh://ops@10.1.1.21:2222" } as const;
const said = (stderr: string, code = 255) => sshComplaint(shell, { code, stdout: "", stderr });

test.each([
  [
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.\n",
    "10.1.1.21 port 2222 has another host key than known_hosts says: somebody else may answer there; look at the key on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), and write it into ssh.knownHosts when it is right",
  ],
  [
    "No ED25519 host key is known for 10.1.1.21 and you have requested strict checking.\nHost key verification failed.\n",
    "the host key of 10.1.1.21 port 2222 is not known; write it into ssh.knownHosts (ssh-keyscan prints it; compare it with ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub on the host)",
  ],
  [
    "ops@10.1.1.21: Permission denied (publickey).\n",
    "10.1.1.21 port 2222 does not let user ops in: ops@10.1.1.21: Permission denied (publickey).; look at ssh.user and ssh.keyFile, and at authorized_keys on the host",
  ],
  [
    "ssh: connect to host 10.1.1.21 port 2222: Connection refused\n",
    "10.1.1.21 port 2222 cannot be reached: ssh: connect to host 10.1.1.21 port 2222: Connection refused; look whether it is up and runs sshd on port 2222",
  ],
  [
    "kex_exchange_identification: Connection closed by remote host\nConnection closed by 10.1.1.21 port 2222\n",
    "10.1.1.21 port 2222 ends connections before it says anything: Connection closed by 10.1.1.21 port 2222; look at MaxStartups in its sshd_config, and for what keeps this machine out there, such as fail2ban",
  ],
])("ssh says why no program runs there", (stderr, complaint) => {
  expect(said(stderr)).toBe(complaint);
});

test("sudo says so, too, and a program that ran has its own word", () => {
  expect(said("sudo: a password is required\n", 1)).toBe(
    "user ops may not run it as root: sudo: a password is required; allow it in sudoers without a password (NOPASSWD), or name another ssh.user",
  );
  expect(said("cat: /none: No such file or directory\n", 1)).toBeUndefined();
});

test("access by SSH names a user, keys of hosts, and one key", () => {
  const found = sshProblems(
    ["ssh"],
    { user: "-oProxyCommand=x", keyFile: "k", knownHosts: ["|1|x"], knownHostsFile: "f" },
    ["keys"],
  );
  expect([...found].map(({ path, message }) => `${path.join(".")}: ${message}`)).toEqual([
    'ssh.user: found "-oProxyCommand=x"; allowed: the name of a user, such as root',
    "ssh.keyFile: found k beside a key in seamless:keys; allowed: one of them",
    "ssh.knownHostsFile: found f beside knownHosts; allowed: one of them",
    'ssh.knownHosts.0: found "|1|x"; allowed: a line of known_hosts, such as "10.1.1.21 ssh-ed25519 AAAA…", which ssh-keyscan prints',
  ]);
  const line = "[10.1.1.21]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== root@host";
  expect([...sshProblems(["ssh"], { user: "ops", knownHosts: [line] }, [])]).toEqual([]);
  expect([sshSecretProblem("keys"), sshSecretProblem("tokens")]).toEqual([
    undefined,
    "found a login; its nodes are reached by SSH: allowed: a private key in seamless:keys",
  ]);
});
