import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyCalico } from "../../components/dcos/calico-etcd";
import { meshIn } from "../../components/dcos/calico-mesh";
import { Calicoctl } from "../../components/dcos/calicoctl";
import { renderExternal } from "../../components/reflector/external/render";
import { calicoObjects, calicoPlan, inOrder } from "../../components/speakers/calico/objects";
import { calicoYaml } from "../../components/speakers/calico/render";
import type { NodePlan, Plan, RackPlan, ReflectorPlan } from "../../plan";
import { exec, execOrThrow } from "../../util/exec";
import { waitFor } from "../../util/wait";
import { askFrr } from "./bgp/ask";
import { makeRoots, type Roots, removeRoots } from "./bgp/roots";
import { CalicoNode, Lan } from "./bird-lan";
import { Etcd } from "./etcd";

/** A node, with a block of its COE's range and a container with an address of it. */
export interface Member {
  readonly node: NodePlan;
  readonly coe: string;
  readonly block: string;
  readonly container: string;
}

/**
 * The racks of a plan, each a switch of its own with a router that runs FRR, as it is rendered from the plan, and nodes that
 * run Calico's BIRD. The routers have a cable between each other, and nothing else connects the racks.
 */
export class RackLab {
  readonly members: readonly Member[];
  private readonly lans = new Map<string, Lan>();
  private readonly stores = new Map<string, Etcd>();
  private readonly nodes = new Map<string, CalicoNode>();
  private readonly daemons = new Map<string, ChildProcess[]>();
  private readonly containers: string[] = [];
  private roots: Roots | undefined;

  constructor(readonly plan: Plan) {
    this.members = Object.values(plan.coes).flatMap((coe, place) =>
      Object.values(coe.nodes).map((node, index) => ({
        node,
        coe: coe.name,
        block: `10.${64 + place}.${index}.0/26`,
        container: `10.${64 + place}.${index}.2`,
      })),
    );
  }

  async up(): Promise<void> {
    this.roots = await makeRoots();
    for (const [index, rack] of this.racks().entries()) {
      const lan = new Lan(`r${index}`);
      this.lans.set(rack.name, lan);
      const hosts = [
        ...this.routersIn(rack.name).map(({ name, address }) => [name, address] as const),
        ...this.membersIn(rack.name).map(({ node }) => [node.name, node.address] as const),
      ];
      await lan.up(Object.fromEntries(hosts));
    }
    await this.cable();
    for (const router of Object.values(this.plan.reflectors)) await this.startRouter(router);
    for (const coe of Object.values(this.plan.coes)) await this.join(coe.name);
    for (const member of this.members) await this.container(member);
  }

  async down(): Promise<void> {
    for (const name of this.daemons.keys()) await this.kill(name);
    for (const space of this.containers) await exec(["ip", "netns", "delete", space]);
    for (const lan of this.lans.values()) await lan.down();
    for (const store of this.stores.values()) await store.down();
    if (this.roots !== undefined) removeRoots(this.roots);
  }

  /** Kills the daemons of a router. */
  async kill(router: string): Promise<void> {
    for (const child of this.daemons.get(router) ?? []) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
  }

  /** What the bgpd of a router answers. */
  ask(router: string, command: string): Promise<string> {
    return askFrr(join(this.rootFolder(), "w", router, "bgpd.vty"), command);
  }

  /** Routes of a host's kernel by who put them there: by range, what they lead to. */
  async routes(host: string, protocol: "bird" | "bgp"): Promise<Record<string, string>> {
    const argv = ["ip", "-n", this.spaceOf(host), "-j", "route", "show", "proto", protocol];
    const { stdout } = await execOrThrow(argv);
    const found: { dst: string; type?: string; gateway?: string }[] = JSON.parse(stdout || "[]");
    return Object.fromEntries(
      found.map(({ dst, type, gateway }) => [dst, gateway ?? type ?? ""] as const).sort(),
    );
  }

  /** Addresses that answer on the way from a container to another one, the last one's own included. */
  async hops(from: Member, to: Member): Promise<string[]> {
    const space = this.containerSpace(from);
    const argv = ["ip", "netns", "exec", space, "python3", "-c", traceroute, to.container];
    return (await execOrThrow(argv, { timeoutMs: 30_000 })).stdout.trim().split("\n");
  }

  spaceOf(host: string): string {
    const rack = this.rackOf(host);
    const lan = this.lans.get(rack);
    if (lan === undefined) throw new Error(`no rack ${rack}`);
    return lan.spaceOf(host);
  }

  private racks(): readonly RackPlan[] {
    return Object.values(this.plan.racks ?? {});
  }

  private routersIn(rack: string): readonly ReflectorPlan[] {
    return Object.values(this.plan.reflectors).filter((one) => one.rack === rack);
  }

  private membersIn(rack: string): readonly Member[] {
    return this.members.filter(({ node }) => node.rack === rack);
  }

  private rackOf(host: string): string {
    const node = this.members.find((one) => one.node.name === host)?.node;
    return (node ?? this.plan.reflectors[host])?.rack ?? "";
  }

  private rootFolder(): string {
    if (this.roots === undefined) throw new Error("not up");
    return this.roots.newer;
  }

  /** Both routers have their own address at the cable, too, and know the other rack by it. */
  private async cable(): Promise<void> {
    const [one, other] = Object.values(this.plan.reflectors);
    if (one === undefined || other === undefined) throw new Error("no two routers");
    const far = this.spaceOf(other.name);
    await ip(this.spaceOf(one.name), [`link add cable type veth peer name cable netns ${far}`]);
    for (const [own, peer] of [
      [one, other],
      [other, one],
    ] as const) {
      const range = this.plan.racks?.[peer.rack ?? ""]?.cidr ?? "";
      await ip(this.spaceOf(own.name), [
        `address add ${own.address}/32 dev cable`,
        "link set cable up",
        `route add ${peer.address} dev cable src ${own.address}`,
        `route add ${range} via ${peer.address} dev cable onlink src ${own.address}`,
      ]);
      await forwards(this.spaceOf(own.name));
    }
    for (const { node } of this.members) {
      const gateway = this.plan.racks?.[node.rack ?? ""]?.gateway ?? "";
      await ip(this.spaceOf(node.name), [`route add default via ${gateway}`]);
      await forwards(this.spaceOf(node.name));
    }
  }

  private async startRouter(router: ReflectorPlan): Promise<void> {
    const { name } = router;
    const folder = join(this.rootFolder(), "w", name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "zebra.conf"), "");
    writeFileSync(
      join(folder, "bgpd.conf"),
      renderExternal(this.plan, { ...router, dialect: "frr" }),
    );
    const log = openSync(join(folder, "log"), "a");
    const run = (program: string) => {
      const at = `/w/${name}`;
      const child = spawn(
        "nsenter",
        [
          ...[`--net=/run/netns/${this.spaceOf(name)}`, "chroot", this.rootFolder()],
          ...[
            `/usr/lib/frr/${program}`,
            "-f",
            `${at}/${program}.conf`,
            "-i",
            `${at}/${program}.pid`,
          ],
          ...["-u", "root", "-g", "root", "-P", "0", "-z", `${at}/zserv`, "--vty_socket", at],
        ],
        { stdio: ["ignore", log, log] },
      );
      this.daemons.set(name, [...(this.daemons.get(name) ?? []), child]);
    };
    run("zebra");
    await waitFor({ what: `zebra of ${name}`, timeoutMs: 15_000, intervalMs: 50 }, async () => {
      const socket = join(folder, "zebra.vty");
      const seen = await askFrr(socket, "show ip route").catch((error: Error) => error.message);
      return this.racks().every(({ cidr }) => seen.includes(`>* ${cidr}`))
        ? { done: true, value: undefined }
        : { done: false, seen };
    });
    run("bgpd");
  }

  /** Calico's datastore of a COE, with what calico-node makes of its nodes, and what the plan has applied to it. */
  private async join(coe: string): Promise<void> {
    const etcd = new Etcd();
    this.stores.set(coe, etcd);
    await etcd.up();
    const calicoctl = new Calicoctl([etcd.endpoint]);
    const own = this.members.filter((one) => one.coe === coe);
    await calicoctl.apply(
      own.map(({ node }) => ({
        apiVersion: "projectcalico.org/v3",
        kind: "Node",
        metadata: { name: node.name },
        spec: { bgp: { ipv4Address: `${node.address}/24` } },
      })),
    );
    for (const { node, block } of own)
      await etcd.put(
        `/calico/ipam/v2/host/${node.name}/ipv4/block/${block.replace("/", "-")}`,
        '{"state":"confirmed"}',
      );
    const objects = calicoYaml(inOrder(calicoObjects(calicoPlan(this.plan, coe))));
    const options = { say: () => undefined, timeoutMs: 20_000 };
    await applyCalico({ etcdEndpoints: [etcd.endpoint], objects }, undefined, options);
    const mesh = meshIn(calicoctl);
    if (await mesh.isOn()) await mesh.end();
    for (const { node } of own) {
      const lan = this.lans.get(node.rack ?? "");
      if (lan === undefined) throw new Error(`no rack ${node.rack}`);
      const calico = new CalicoNode(lan, node.name, etcd.endpoint);
      this.nodes.set(node.name, calico);
      await calico.configure();
    }
  }

  private containerSpace({ node }: Member): string {
    return `${this.spaceOf(node.name)}-c`;
  }

  /** As Calico's CNI plugin does it: a /32 on the one end, and a route to it and ARP for everything on the other. */
  private async container(member: Member): Promise<void> {
    const [space, host] = [this.containerSpace(member), this.spaceOf(member.node.name)];
    this.containers.push(space);
    await execOrThrow(["ip", "netns", "add", space]);
    await ip(host, [
      `link add cali0 type veth peer name eth0 netns ${space}`,
      "link set cali0 up",
      `route add ${member.container}/32 dev cali0`,
    ]);
    await set(host, "net/ipv4/conf/cali0/proxy_arp", "1");
    await set(host, "net/ipv4/neigh/cali0/proxy_delay", "0");
    await ip(space, [
      "link set lo up",
      `address add ${member.container}/32 dev eth0`,
      "link set eth0 up",
      "route add 169.254.1.1 dev eth0 scope link",
      "route add default via 169.254.1.1 dev eth0",
    ]);
  }
}

async function ip(space: string, lines: readonly string[]): Promise<void> {
  await execOrThrow(["ip", "-n", space, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

const forwards = (space: string) => set(space, "net/ipv4/ip_forward", "1");

async function set(space: string, key: string, value: string): Promise<void> {
  const script = 'echo "$2" > "/proc/sys/$1"';
  await execOrThrow(["ip", "netns", "exec", space, "sh", "-c", script, "sh", key, value]);
}

/** Prints who answers to echo requests of a TTL that grows by one; not every machine has traceroute. */
const traceroute = `
import socket, struct, sys, time
def sum16(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
for ttl in range(1, 9):
    raw.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
    head = struct.pack("!BBHHH", 8, 0, 0, 7, ttl)
    raw.sendto(struct.pack("!BBHHH", 8, 0, sum16(head), 7, ttl), (sys.argv[1], 0))
    end = time.monotonic() + 3
    who, kind = "*", None
    while time.monotonic() < end:
        raw.settimeout(max(0.01, end - time.monotonic()))
        try:
            data, (address, _) = raw.recvfrom(2000)
        except socket.timeout:
            break
        kind = data[20]
        if kind in (0, 3, 11):
            who = address if kind != 3 else "unreachable by " + address
            break
    print(who)
    if kind in (0, 3):
        break
`;
