import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyCalico } from "../../components/dcos/calico-etcd";
import { meshIn } from "../../components/dcos/calico-mesh";
import { Calicoctl } from "../../components/dcos/calicoctl";
import { renderExternal } from "../../components/reflector/external/render";
import { calicoObjects, calicoPlan, inOrder } from "../../components/speakers/calico/objects";
import { calicoYaml } from "../../components/speakers/calico/render";
import type { NodePlan, Plan, RackPlan, ReflectorPlan } from "../../plan";
import { addressesOf, addressOf, families, gatewayOf } from "../../plan/families";
import { exec, execOrThrow } from "../../util/exec";
import { type Family, familyOf, hostPrefix } from "../../util/net";
import { inFamily, listOf } from "../../util/ranges";
import { waitFor } from "../../util/wait";
import { askFrr } from "./bgp/ask";
import { makeRoots, type Roots, removeRoots } from "./bgp/roots";
import { CalicoNode, Lan } from "./bird-lan";
import { end } from "./end";
import { Etcd } from "./etcd";
import { traceroute } from "./traceroute";
import { markedTunnels, markMtu } from "./tunnel-mark";

/** A node, with a block of its COE's range and a container with an address of it, in each family of the COE. */
export interface Member {
  readonly node: NodePlan;
  readonly coe: string;
  readonly in: Readonly<
    Partial<Record<Family, { readonly block: string; readonly container: string }>>
  >;
}

/** The block and the container of a node, by the places of its COE and of itself. */
const blocksAt = (place: number, index: number) => ({
  4: { block: `10.${64 + place}.${index}.0/26`, container: `10.${64 + place}.${index}.2` },
  6: {
    block: `2001:db8:${64 + place}::${index + 1}00/122`,
    container: `2001:db8:${64 + place}::${index + 1}02`,
  },
});

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
      Object.values(coe.nodes).map((node, index) => {
        const { 4: four, 6: six } = blocksAt(place, index);
        const own = node.address6 === undefined ? { 4: four } : { 4: four, 6: six };
        return { node, coe: coe.name, in: own };
      }),
    );
  }

  async up(): Promise<void> {
    this.roots = await makeRoots();
    mkdirSync(join(this.roots.newer, "etc/frr"), { recursive: true });
    writeFileSync(join(this.roots.newer, "etc/frr/vtysh.conf"), "username root nopassword\n");
    for (const [index, rack] of this.racks().entries()) {
      const lan = new Lan(`r${index}`);
      this.lans.set(rack.name, lan);
      const hosts = [
        ...this.routersIn(rack.name).map((one) => [one.name, addressesOf(one)] as const),
        ...this.membersIn(rack.name).map(({ node }) => [node.name, addressesOf(node)] as const),
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
    for (const child of this.daemons.get(router) ?? []) await end(child);
  }

  /** What the bgpd of a router answers. */
  ask(router: string, command: string): Promise<string> {
    return askFrr(join(this.rootFolder(), "w", router, "bgpd.vty"), command);
  }

  /** Routes of a host's kernel by who put them there: by range, what they lead to. */
  async routes(
    host: string,
    protocol: "bird" | "bgp",
    family: Family = 4,
  ): Promise<Record<string, string>> {
    const inside = ["ip", `-${family}`, "-n", this.spaceOf(host), "-j"];
    const argv = [...inside, "route", "show", "proto", protocol];
    const { stdout } = await execOrThrow(argv);
    const found: { dst: string; type?: string; gateway?: string }[] = JSON.parse(stdout || "[]");
    return Object.fromEntries(
      found.map(({ dst, type, gateway }) => [dst, gateway ?? type ?? ""] as const).sort(),
    );
  }

  /** Addresses that a node's BIRD has sessions with, or tries to. */
  async farEnds(node: string, family: Family): Promise<string[]> {
    const show = ["show", "protocols", "all"];
    const calico = this.nodes.get(node);
    const said = (await (family === 6 ? calico?.ask6(...show) : calico?.ask(...show))) ?? "";
    return [...said.matchAll(/^ +Neighbor address: +(\S+)$/gm)].map(([, address = ""]) => address);
  }

  /** Addresses that answer on the way from a container to another one, the last one's own included. */
  async hops(from: Member, to: Member, family: Family = 4): Promise<string[]> {
    const space = this.containerSpace(from);
    const { container = "" } = to.in[family] ?? {};
    const argv = ["ip", "netns", "exec", space, "python3", "-c", traceroute, container];
    return (await execOrThrow(argv, { timeoutMs: 30_000 })).stdout.trim().split("\n");
  }

  /** How the owner of a router has it asked. */
  reads(router: string): { program: string; argv: string[] } {
    const root = this.rootFolder();
    const argv = ["chroot", root, "/usr/bin/vtysh", "--vty_socket", `/w/${router}`];
    return { program: "vtysh", argv };
  }

  /** Ranges that Calico's own BIRD would send through a tunnel from a node. */
  async tunnelled(node: string): Promise<string[]> {
    const argv = ["ip", "-n", this.spaceOf(node), "-j", "route", "show", "proto", "bird"];
    const { stdout } = await execOrThrow(argv);
    const found: { dst: string; gateway?: string; metrics?: { mtu?: number }[] }[] = JSON.parse(
      stdout || "[]",
    );
    return found
      .filter(({ gateway }) => gateway !== undefined)
      .filter(({ metrics }) => metrics?.some(({ mtu }) => mtu === markMtu) === true)
      .map(({ dst }) => dst)
      .sort();
  }

  /** Gives the IPv4 pools of a COE another mode of their tunnel, and has its nodes work with it. */
  async setIpipMode(coe: string, ipipMode: string): Promise<void> {
    const calicoctl = new Calicoctl([this.stores.get(coe)?.endpoint ?? ""]);
    const { pools } = calicoObjects(calicoPlan(this.plan, coe));
    const four = Object.values(pools).filter(({ spec }) => familyOf(spec.cidr) === 4);
    await calicoctl.apply(four.map((pool) => ({ ...pool, spec: { ...pool.spec, ipipMode } })));
    for (const { node } of this.members.filter((one) => one.coe === coe))
      await this.nodes.get(node.name)?.configure();
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
      const space = this.spaceOf(own.name);
      const ranges = listOf(this.plan.racks?.[peer.rack ?? ""]?.cidr);
      await ip(space, ["link set cable up"]);
      for (const family of families) {
        const [near, far] = [addressOf(own, family), addressOf(peer, family)];
        if (near === undefined || far === undefined) continue;
        await ip(space, [
          `address add ${hostPrefix(near)} dev cable${family === 6 ? " nodad" : ""}`,
          `route add ${far} dev cable src ${near}`,
          ...inFamily(ranges, family).map(
            (range) => `route add ${range} via ${far} dev cable onlink src ${near}`,
          ),
        ]);
      }
      await forwards(space);
    }
    for (const { node } of this.members) {
      const rack = this.plan.racks?.[node.rack ?? ""] ?? {};
      for (const family of families) {
        const gateway = gatewayOf(rack, family);
        if (gateway !== undefined)
          await ip(this.spaceOf(node.name), [`route add default via ${gateway}`]);
      }
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
    await waitFor({ what: `zebra of ${name}`, timeoutMs: 60_000, intervalMs: 50 }, async () => {
      const socket = join(folder, "zebra.vty");
      const ask = (what: string) => askFrr(socket, what).catch((error: Error) => error.message);
      const seen = `${await ask("show ip route")}${await ask("show ipv6 route")}`;
      return this.racks().every(({ cidr }) =>
        listOf(cidr).every((range) => seen.includes(`>* ${range}`)),
      )
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
        spec: {
          bgp: {
            ipv4Address: `${node.address}/24`,
            ...(node.address6 === undefined ? {} : { ipv6Address: `${node.address6}/64` }),
          },
        },
      })),
    );
    for (const { node, in: blocks } of own)
      for (const { block } of Object.values(blocks)) await etcd.confirm(node.name, block);
    const objects = calicoYaml(inOrder(calicoObjects(calicoPlan(this.plan, coe))));
    const options = { say: () => undefined, timeoutMs: 20_000 };
    await applyCalico({ etcdEndpoints: [etcd.endpoint], objects }, undefined, options);
    const mesh = meshIn(calicoctl);
    if (await mesh.isOn()) await mesh.end();
    for (const { node } of own) {
      const lan = this.lans.get(node.rack ?? "");
      if (lan === undefined) throw new Error(`no rack ${node.rack}`);
      const both = node.address6 !== undefined;
      const template = markedTunnels();
      const calico = new CalicoNode(lan, node.name, etcd.endpoint, undefined, both, template);
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
    const { 4: four, 6: six } = member.in;
    await ip(host, [
      `link add cali0 type veth peer name eth0 netns ${space}`,
      "link set cali0 up",
      ...(four === undefined ? [] : [`route add ${four.container}/32 dev cali0`]),
      ...(six === undefined
        ? []
        : ["address add fe80::1/64 dev cali0 nodad", `route add ${six.container}/128 dev cali0`]),
    ]);
    await set(host, "net/ipv4/conf/cali0/proxy_arp", "1");
    await set(host, "net/ipv4/neigh/cali0/proxy_delay", "0");
    await ip(space, [
      "link set lo up",
      "link set eth0 up",
      ...(four === undefined
        ? []
        : [
            `address add ${four.container}/32 dev eth0`,
            "route add 169.254.1.1 dev eth0 scope link",
            "route add default via 169.254.1.1 dev eth0",
          ]),
      ...(six === undefined
        ? []
        : [
            `address add ${six.container}/128 dev eth0 nodad`,
            "route add default via fe80::1 dev eth0",
          ]),
    ]);
  }
}

async function ip(space: string, lines: readonly string[]): Promise<void> {
  await execOrThrow(["ip", "-n", space, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

async function forwards(space: string): Promise<void> {
  await set(space, "net/ipv4/ip_forward", "1");
  await set(space, "net/ipv6/conf/all/forwarding", "1");
}

async function set(space: string, key: string, value: string): Promise<void> {
  const script = 'echo "$2" > "/proc/sys/$1"';
  await execOrThrow(["ip", "netns", "exec", space, "sh", "-c", script, "sh", key, value]);
}
