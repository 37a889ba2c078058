import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePlan, parseConfig } from "../../components/kinds/planning";
import { gobgpConfig } from "../../components/reflector/gobgp/config";
import { renderGobgp } from "../../components/reflector/gobgp/toml";
import type { Plan } from "../../plan/types";
import { type RootFilesystem, rootArchive } from "../../util/debian";
import { exec, execOrThrow } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import type { StackOutputs } from "../../verify/outputs";
import { Etcd } from "./etcd";
import { type Programs, programs } from "./programs";

/** BIRD 1.6, which is what Calico runs. */
const system: RootFilesystem = {
  ...{ name: "bird", suite: "bookworm", variant: "extract" },
  packages: ["bird", "dash"],
};

const asn = 64511;
const coe = "dcos";
const reflectorAddress = "172.30.0.2";

/**
 * Many nodes on this machine, each a network namespace with a BIRD of its own, behind one gobgpd with the file that is
 * rendered for it; an etcd has their blocks as Calico keeps them. All daemons, kernels and programs are real. Doubles are
 * the way to a node, a `docker` whose `exec` enters the node's namespaces, because a hundred containers are more than a test can
 * have, and what Mesos says. It costs less than Docker's own, so what is measured by it is what verify adds.
 */
export class NodeLab {
  private readonly folder = mkdtempSync(join(tmpdir(), "seamless-nodes-"));
  private readonly root = join(this.folder, "root");
  private readonly name = `sn${process.pid}`;
  private readonly children: ChildProcess[] = [];
  private readonly etcd = new Etcd();
  /** Mesos, as far as it is asked here: each agent runs one task. */
  private readonly mesos = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(this.mesosState()));
  });
  private docker: Programs | undefined;
  readonly plan: Plan;

  constructor(readonly count: number) {
    const nodes = this.indices().map((index) => [nameOf(index), { address: addressOf(index) }]);
    this.plan = makePlan(
      parseConfig({
        network: { supernet: "10.128.0.0/16", nodes: "172.30.0.0/16", asn },
        reflectors: { rr: { kind: "gobgp", address: reflectorAddress } },
        coes: {
          [coe]: {
            kind: "dcos",
            podCidr: "10.128.0.0/16",
            policy: "open",
            access: { url: "http://127.0.0.1:1", etcd: ["http://127.0.0.1:1"] },
            nodes: {
              ...Object.fromEntries(nodes),
              master: { address: "172.30.0.3", role: "master" },
            },
          },
        },
      }),
    );
  }

  /** What a stack of it would have for outputs. */
  get outputs(): StackOutputs {
    const docker = (container: string) =>
      ({ via: "docker", dockerHost: "unix:///nowhere", container }) as const;
    const nodes = this.indices().map((index) => [nameOf(index), docker(nameOf(index))] as const);
    return {
      plan: this.plan,
      access: {
        reflectors: { rr: docker("rr") },
        coes: {
          [coe]: {
            ...{ url: this.url, etcdEndpoints: [this.etcd.endpoint] },
            nodes: Object.fromEntries(nodes),
          },
        },
      },
      probes: [],
      printed: {},
    };
  }

  async up(): Promise<void> {
    await this.network();
    mkdirSync(this.root);
    mkdirSync(join(this.folder, "asked"));
    await execOrThrow(["tar", "-C", this.root, "-xf", await rootArchive(system, () => undefined)]);
    // Calico's image has the small client under its own name.
    symlinkSync("birdc", join(this.root, "usr/sbin/birdcl"));
    await this.etcd.up();
    await once(this.mesos.listen(0, "127.0.0.1"), "listening");
    const reflector = this.plan.reflectors.rr;
    if (reflector === undefined) throw new Error("no reflector in the plan");
    const file = this.file("rr.toml", renderGobgp(gobgpConfig(this.plan, reflector)));
    this.start("rr", [join(toolsBin(), "gobgpd"), "-t", "toml", "-f", file, "--pprof-disable"]);
    for (const index of this.indices()) {
      const config = this.file(`${nameOf(index)}.conf`, birdConfig(index));
      const bird = join(this.root, "usr/sbin/bird");
      this.start(nameOf(index), [bird, "-f", "-c", config, "-s", "/run/calico/bird.ctl"]);
      await this.claim(index);
    }
    // As the ones of Docker, it ends with the exit code of the program.
    this.docker = programs({
      docker: `
printf '%s\\0' "$@" > ${this.folder}/asked/$$
echo + >> $SAID
name=$2; shift 2
read -r pid < ${this.folder}/$name.pid
PATH=$PATH:${this.root}/usr/sbin nsenter --target "$pid" --net --mount -- "$@"
code=$?
echo - >> $SAID
exit $code`,
    });
    await waitFor({ what: "all nodes to have all routes", timeoutMs: 240_000 }, async () => {
      const counts = await Promise.all(this.indices().map((index) => this.learned(index)));
      const whole = counts.filter((count) => count === this.count - 1).length;
      return whole === this.count
        ? { done: true, value: undefined }
        : { done: false, seen: `${whole} of ${this.count}` };
    });
  }

  /** The questions that were put to nodes and reflectors since the last call, as argument vectors of `docker`. */
  questions(): string[][] {
    const folder = join(this.folder, "asked");
    return readdirSync(folder).map((name) => {
      const text = readFileSync(join(folder, name), "utf8");
      rmSync(join(folder, name));
      return text.split("\0").slice(0, -1);
    });
  }

  /** How many questions were under way at the same time, at most. */
  mostAtOnce(): number {
    let [running, most] = [0, 0];
    for (const line of this.docker?.said() ?? []) {
      running += line === "+" ? 1 : -1;
      most = Math.max(most, running);
    }
    return most;
  }

  /** Changes something on a node. */
  async onNode(index: number, ...argv: readonly string[]): Promise<void> {
    await execOrThrow(["nsenter", `--net=/run/netns/${this.spaceOf(nameOf(index))}`, ...argv]);
  }

  async down(): Promise<void> {
    this.docker?.remove();
    await this.etcd.down();
    this.mesos.close();
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    const spaces = ["switch", "rr", ...this.indices().map(nameOf)].map((of) => this.spaceOf(of));
    for (const space of spaces) await exec(["ip", "netns", "delete", space]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get url(): string {
    const address = this.mesos.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  private mesosState() {
    const slaves = this.indices().map((index) => ({
      ...{ id: `S${index}`, hostname: addressOf(index), pid: `slave(1)@${addressOf(index)}:5051` },
    }));
    const tasks = this.indices().map((index) => {
      const ip_addresses = [{ ip_address: containerOf(index) }];
      const container_status = { network_infos: [{ name: "calico", ip_addresses }] };
      return {
        ...{ id: `task-${index}`, slave_id: `S${index}`, state: "TASK_RUNNING" },
        statuses: [{ state: "TASK_RUNNING", timestamp: 1, container_status }],
      };
    });
    return { slaves, frameworks: [{ tasks }] };
  }

  private indices(): number[] {
    return Array.from({ length: this.count }, (_, index) => index);
  }

  private spaceOf(of: string): string {
    return `${this.name}-${of}`;
  }

  private file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** One switch, and everybody on it; each node has one container. */
  private async network(): Promise<void> {
    const hosts = [
      { name: "rr", address: reflectorAddress, own: [] },
      ...this.indices().map((index) => ({
        name: nameOf(index),
        address: addressOf(index),
        own: [
          "link add cali0 type veth peer name inside",
          "link set inside up",
          "link set cali0 up",
          `route add ${containerOf(index)}/32 dev cali0`,
        ],
      })),
    ];
    const all = ["switch", ...hosts.map(({ name }) => name)].map((of) => this.spaceOf(of));
    await batch(
      undefined,
      all.map((space) => `netns add ${space}`),
    );
    await batch(this.spaceOf("switch"), [
      "link add lan type bridge",
      "link set lan up",
      ...hosts.flatMap(({ name }, at) => [
        `link add p${at} type veth peer name eth0 netns ${this.spaceOf(name)}`,
        `link set p${at} master lan up`,
      ]),
    ]);
    for (const { name, address, own } of hosts) {
      const up = ["link set lo up", `address add ${address}/16 dev eth0`, "link set eth0 up"];
      await batch(this.spaceOf(name), [...up, ...own]);
      await execOrThrow([
        ...["nsenter", `--net=/run/netns/${this.spaceOf(name)}`, "sh", "-c"],
        "echo 1 > /proc/sys/net/ipv4/ip_forward",
      ]);
    }
  }

  /** Starts a daemon in its network namespace, with a /run of its own. */
  private start(name: string, argv: readonly string[]): void {
    const inside = `mount -t tmpfs none /run && mkdir /run/calico && echo $$ > "$0" && exec "$@"`;
    const child = spawn(
      "nsenter",
      [
        ...[`--net=/run/netns/${this.spaceOf(name)}`, "unshare", "--mount", "sh", "-c", inside],
        ...[join(this.folder, `${name}.pid`), ...argv],
      ],
      { stdio: "ignore" },
    );
    this.children.push(child);
  }

  /** Writes what Calico's IPAM writes when a node has claimed a block and given out its first address. */
  private async claim(index: number): Promise<void> {
    const [name, cidr] = [nameOf(index), blockOf(index)];
    const key = cidr.replace("/", "-");
    const allocations = Array.from({ length: 64 }, (_, at) => (at === 1 ? 0 : null));
    await this.etcd.confirm(name, cidr);
    await this.etcd.put(
      `/calico/ipam/v2/assignment/ipv4/block/${key}`,
      JSON.stringify({
        ...{ cidr, affinity: `host:${name}`, allocations },
        attributes: [{ handle_id: `task-${index}`, secondary: { node: name } }],
      }),
    );
  }

  private async learned(index: number): Promise<number> {
    const list = ["-n", this.spaceOf(nameOf(index)), "-o", "-4", "route", "show", "proto", "bird"];
    const { stdout } = await exec(["ip", ...list]);
    return stdout.split("\n").filter((line) => line.includes(" via ")).length;
  }
}

const nameOf = (index: number) => `agent-${index + 1}`;
const addressOf = (index: number) => `172.30.1.${index + 1}`;
const blockOf = (index: number) => `10.128.${index + 1}.0/26`;
const containerOf = (index: number) => `10.128.${index + 1}.1`;

/** As Calico's confd writes it, without what has no use here. */
const birdConfig = (index: number) => `router id ${addressOf(index)};
protocol static { route ${blockOf(index)} blackhole; }
protocol kernel { learn; persist; scan time 10; import all; export all; merge paths on; }
protocol device { scan time 10; }
protocol direct { interface -"cali*", "*"; }
protocol bgp Global_${reflectorAddress.replaceAll(".", "_")} {
  local as ${asn};
  neighbor ${reflectorAddress} as ${asn};
  multihop;
  source address ${addressOf(index)};
  import all;
  export where source = RTS_STATIC;
  next hop self;
  add paths on;
  graceful restart;
  connect delay time 2;
  connect retry time 5;
}
`;

async function batch(space: string | undefined, lines: readonly string[]): Promise<void> {
  const at = space === undefined ? [] : ["-n", space];
  await execOrThrow(["ip", ...at, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}
