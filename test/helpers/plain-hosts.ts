import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endSharedConnections } from "../../components/ask/ssh-shared";
import { seedVolume } from "../../components/reflector/container";
import type { RouterKind } from "../../components/reflector/contract";
import { routerKind } from "../../components/reflector/kinds";
import type { Passwords } from "../../components/reflector/passwords";
import { namespacePrefix } from "../../lab/machine/names";
import type { NodePlan, Plan, ReflectorPlan } from "../../plan";
import type { SshShell } from "../../plan/access";
import { type RootFilesystem, rootArchive } from "../../util/debian";
import { Docker, type ImageFile } from "../../util/docker";
import { execOrThrow } from "../../util/exec";
import { cacheDir } from "../../util/paths";
import { nodeNetworks } from "../../util/ranges";
import { waitFor } from "../../util/wait";
import { runConfined } from "./confined";
import { TestDocker } from "./dockerd";
import { type Programs, programs } from "./programs";

/** Debian 12 as people have it on plain hosts: systemd, sshd, Docker. BIRD and nft are what is installed on it. */
const system: RootFilesystem = {
  name: "plain-host",
  suite: "bookworm",
  variant: "minbase",
  packages: [
    ...["systemd", "systemd-sysv", "dbus", "procps", "iproute2", "iputils-ping", "kmod", "sudo"],
    ...["ca-certificates", "curl", "busybox-static", "openssh-server", "docker.io", "iptables"],
    // What bird2 and nftables depend on, and some of what frr does.
    ...["adduser", "ucf", "libreadline8", "libssh-gcrypt-4", "libnftables1", "libedit2"],
  ],
};

const masked = [
  ...["getty@tty1.service", "systemd-logind.service", "systemd-modules-load.service"],
  ...["systemd-firstboot.service", "systemd-networkd.service", "systemd-networkd.socket"],
  ...["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer"],
  ...["fstrim.timer", "systemd-resolved.service", "e2scrub_reap.service"],
];

const imageTag = "localhost/seamless/plain-host:1";
/** An image with busybox alone, which hosts are given. */
export const busyboxTag = "localhost/seamless/busybox:1";

/** What is to be installed on hosts, with all that the system has not. */
const packages = [
  ...["bird2", "nftables", "frr", "libyang2", "libprotobuf-c1", "libc-ares2", "lsof", "libtirpc3"],
  ...["libtirpc-common", "logrotate", "libpopt0"],
];

/** Hosts of a plan with real daemons, behind its reflector, on a network without a way out. */
export class PlainHosts {
  readonly docker = new TestDocker();
  private readonly folder = mkdtempSync(join(tmpdir(), "seamless-hosts-"));
  private ssh: Programs | undefined;

  constructor(
    readonly plan: Plan,
    private readonly passwords: Passwords = {},
  ) {}

  async up(): Promise<void> {
    await execOrThrow(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", this.file("user")]);
    await this.docker.up();
    const docker = new Docker(this.docker.host);
    await docker.import(await rootArchive(system, () => undefined), "localhost/seamless/plain:1");
    await docker.build({
      tag: imageTag,
      from: "localhost/seamless/plain:1",
      files: [
        ...(await repository()),
        {
          path: "root/.ssh/authorized_keys",
          content: { from: this.file("user.pub") },
          mode: 0o600,
        },
        // Its first choice costs a tenth of a second of computing at each of hundreds of logins.
        {
          path: "etc/ssh/sshd_config.d/quick.conf",
          content: { text: "KexAlgorithms curve25519-sha256\n" },
        },
        ...masked.map(
          (unit): ImageFile => ({
            path: `etc/systemd/system/${unit}`,
            content: { link: "/dev/null" },
          }),
        ),
      ],
      instructions: [
        'RUN ["/bin/sh", "-c", "rm -f /usr/sbin/policy-rc.d /etc/apt/sources.list.d/* && : > /etc/machine-id"]',
        "STOPSIGNAL SIGRTMIN+3",
        'CMD ["/sbin/init"]',
      ],
    });
    await docker.build({
      tag: busyboxTag,
      from: "scratch",
      files: [{ path: "bin/busybox", content: { from: await busybox() }, mode: 0o755 }],
      instructions: ['CMD ["/bin/busybox", "sleep", "86400"]'],
    });
    await docker.build(await this.router.image.make(this.router.image.tag, () => undefined));
    const subnets = nodeNetworks(this.plan).flatMap((range) => ["--subnet", range]);
    const ipv6 = subnets.some((range) => range.includes(":")) ? ["--ipv6"] : [];
    await this.docker.docker("network", "create", ...ipv6, ...subnets, "nodes");
    await this.reflector();
    const nodes = Object.values(this.plan.coes).flatMap((coe) => Object.values(coe.nodes));
    await Promise.all(nodes.map((node) => this.host(node)));
    // The hosts are in a namespace that nothing leads to.
    const inside = `nsenter --net=/run/netns/${namespacePrefix}d${process.pid}`;
    this.ssh = programs({ ssh: `exec ${inside} /usr/bin/ssh "$@"` });
    for (const { name } of nodes) await this.booted(name);
  }

  async down(): Promise<void> {
    // They would keep the namespace.
    endSharedConnections();
    this.ssh?.remove();
    await this.docker.down();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** How a host is reached, with its own key known. */
  async shell(name: string, address: string): Promise<SshShell> {
    return {
      via: "ssh",
      target: `ssh://root@${address}`,
      keyFile: this.file("user"),
      knownHosts: [`${address} ${await this.hostKey(name)}`],
    };
  }

  /** The key of a host's sshd, as a line of known_hosts has it. */
  async hostKey(name: string): Promise<string> {
    const key = await this.on(name, "cat", "/etc/ssh/ssh_host_ed25519_key.pub");
    return key.split(" ").slice(0, 2).join(" ");
  }

  /** Runs a program on a host. @returns what it printed, or the text of its error */
  on(name: string, ...argv: string[]): Promise<string> {
    return this.docker.docker("exec", name, ...argv);
  }

  /** Puts the image of busybox into the Docker of a host. */
  async give(name: string): Promise<void> {
    const pipe = 'docker --host "$1" save "$3" | docker --host "$1" exec -i "$2" docker load';
    await execOrThrow(["sh", "-c", pipe, "sh", this.docker.host, name, busyboxTag]);
  }

  private get planned(): ReflectorPlan {
    const [reflector] = Object.values(this.plan.reflectors);
    if (reflector === undefined) throw new Error("no reflector in the plan");
    return reflector;
  }

  private get router(): RouterKind {
    return routerKind(this.planned.kind);
  }

  private file(name: string): string {
    return join(this.folder, name);
  }

  private async reflector(): Promise<void> {
    const { router, planned: reflector } = this;
    await this.docker.docker("volume", "create", "conf");
    const access = { dockerHost: this.docker.host };
    const { tag } = router.image;
    const text = router.withPasswords(router.render(this.plan, reflector), this.passwords);
    await seedVolume(router, access, tag, "conf", text);
    const { address, address6 } = reflector;
    const ofBoth = address6 === undefined ? {} : { ipv6Address: address6 };
    const networksAdvanced = [{ name: "nodes", ipv4Address: address, ...ofBoth }];
    await runConfined(
      this.docker,
      { name: "rr", image: tag, volume: "conf", networksAdvanced },
      router,
      reflector,
    );
  }

  private async host({ name, address, address6 }: NodePlan): Promise<void> {
    const said = await this.docker.docker(
      ...["run", "--detach", "--privileged", "--cgroupns", "private", "--name", name],
      ...["--hostname", name, "--tmpfs", "/run", "--tmpfs", "/run/lock"],
      ...["--volume", "/var/lib/docker", "--volume", "/var/lib/containerd"],
      ...["--network", "nodes", "--ip", address],
      ...(address6 === undefined ? [] : ["--ip6", address6]),
      imageTag,
    );
    if (!/^[0-9a-f]{64}$/.test(said)) throw new Error(said);
  }

  private async booted(name: string): Promise<void> {
    await waitFor({ what: `${name} to run Docker and sshd`, timeoutMs: 60_000 }, async () => {
      const seen = await this.on(name, "systemctl", "is-active", "docker", "ssh");
      return seen === "active\nactive" ? { done: true, value: undefined } : { done: false, seen };
    });
  }
}

/** A repository for apt with what the hosts are to install, since nothing leads out of their network. */
async function repository(): Promise<ImageFile[]> {
  const folder = join(cacheDir(), "plain-host-debs-2");
  if (!existsSync(folder)) await download(folder, packages);
  const debs = readdirSync(folder).filter((name) => name.endsWith(".deb"));
  const stanzas = await Promise.all(
    debs.map(async (name) => {
      const { stdout } = await execOrThrow(["dpkg-deb", "-f", join(folder, name)]);
      const bytes = readFileSync(join(folder, name));
      const hash = createHash("sha256").update(bytes).digest("hex");
      return `${stdout.trim()}\nFilename: ./${name}\nSize: ${bytes.length}\nSHA256: ${hash}\n`;
    }),
  );
  return [
    { path: "opt/repository/Packages", content: { text: stanzas.join("\n") } },
    ...debs.map(
      (name): ImageFile => ({
        path: `opt/repository/${name}`,
        content: { from: join(folder, name) },
      }),
    ),
    {
      path: "etc/apt/sources.list",
      content: { text: "deb [trusted=yes] file:/opt/repository ./\n" },
    },
  ];
}

/** Packages as files, by lists of its own: those of this machine may be old, or not there. Two may do so at a time. */
async function download(folder: string, packages: readonly string[]): Promise<void> {
  const scratch = mkdtempSync(join(cacheDir(), "debs-"));
  try {
    const [lists, debs] = [join(scratch, "lists"), join(scratch, "debs")];
    mkdirSync(join(lists, "partial"), { recursive: true });
    mkdirSync(debs);
    const settings = [
      ...[`Dir::State::lists=${lists}`, "Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache="],
      "APT::Sandbox::User=root",
    ].flatMap((setting) => ["-o", setting]);
    const options = { cwd: debs, timeoutMs: 120_000 };
    await execOrThrow(["apt-get", ...settings, "-q", "update"], options);
    await execOrThrow(["apt-get", ...settings, "-q", "download", ...packages], options);
    if (!existsSync(folder)) renameSync(debs, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The static busybox of the hosts' system. */
async function busybox(): Promise<string> {
  const path = join(cacheDir(), "plain-host-busybox");
  if (existsSync(path)) return path;
  const archive = await rootArchive(system, () => undefined);
  const { stdout } = await execOrThrow(["tar", "-tf", archive, "./usr/bin/busybox"]).catch(() => ({
    stdout: "./bin/busybox",
  }));
  const pipe = 'tar -xOf "$1" "$2" >"$3"';
  const part = `${path}.${process.pid}`;
  await execOrThrow(["sh", "-c", pipe, "sh", archive, stdout.trim(), part]);
  renameSync(part, path);
  return path;
}
