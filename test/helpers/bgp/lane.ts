import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Network } from "../../../plan/propagation/network";
import { exec, execOrThrow } from "../../../util/exec";
import { familyOf, parseAddress } from "../../../util/net";
import { toolsBin } from "../../../util/paths";
import { waitFor } from "../../../util/wait";
import { askBird, askFrr } from "./ask";
import {
  birdConfig,
  familyIn,
  frrConfig,
  gobgpConfigFor,
  neighboursOf,
  ownPrefixes,
  routerIn,
  routesOf,
} from "./configs";
import { likeOf } from "./ipv6";
import type { Roots } from "./roots";
import { birdTable, frrTable, gobgpTable, type Table, withoutReach } from "./tables";

/** Segments that a lane has, by name; the first address of each is the gateway to the other. */
export const laneSegments: Readonly<Record<string, string>> = {
  east: "10.1.1.0/24",
  west: "10.1.2.0/24",
};
export const gatewayOf = (segment: string) =>
  (laneSegments[segment] ?? "").replace(/\d+\/\d+$/, "1");
/** How many routers a lane has room for. */
export const laneSlots = 12;
/** Address of a slot on a segment. A slot keeps its addresses, so that nobody has a stale neighbour in his cache. */
export const slotAddress = (slot: number, segment: string) =>
  (laneSegments[segment] ?? "").replace(/\d+\/\d+$/, String(11 + slot));

/** By id of a router, the file of the product that it is to have instead of the one made here. */
export type RouterFiles = Readonly<Record<string, string>>;

/** Hosts in namespaces of their own on two segments, used for one network after the other. */
export class Lane {
  private readonly space: string;
  private readonly byRouter = new Map<string, ChildProcess[]>();
  private round = 0;
  private files: RouterFiles = {};

  constructor(
    private readonly roots: Roots,
    name: string,
  ) {
    this.space = `sm${process.pid}${name}`;
  }

  async up(): Promise<void> {
    const slots = Array.from({ length: laneSlots }, (_, slot) => slot);
    const segments = Object.keys(laneSegments);
    const lines = [
      `netns add ${this.space}`,
      ...slots.map((slot) => `netns add ${this.slotSpace(slot)}`),
    ];
    await this.batch(undefined, lines);
    await this.batch(this.space, [
      "link set lo up",
      ...segments.flatMap((segment) => [
        `link add ${segment} type bridge`,
        `address add ${gatewayOf(segment)}/24 dev ${segment}`,
        `link set ${segment} up`,
        `address add ${likeOf(gatewayOf(segment))}/120 dev ${segment} nodad`,
      ]),
      ...slots.flatMap((slot) =>
        segments.flatMap((segment) => [
          `link add ${segment}${slot} type veth peer name ${segment} netns ${this.slotSpace(slot)}`,
          `link set ${segment}${slot} master ${segment} up`,
        ]),
      ),
    ]);
    const forward =
      "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding";
    await execOrThrow(["nsenter", `--net=/run/netns/${this.space}`, "sh", "-c", forward]);
    await Promise.all(slots.map((slot) => this.batch(this.slotSpace(slot), ["link set lo up"])));
  }

  async down(): Promise<void> {
    await this.stop();
    const slots = Array.from({ length: laneSlots }, (_, slot) => this.slotSpace(slot));
    for (const space of [...slots, this.space]) await exec(["ip", "netns", "delete", space]);
  }

  /** Starts every router of a network; the last network has to be stopped before. */
  async start(network: Network, files: RouterFiles = {}): Promise<void> {
    this.files = files;
    this.round += 1;
    const ids = Object.keys(network.routers);
    for (const root of [this.roots.newer, this.roots.older])
      mkdirSync(join(root, this.folder()), { recursive: true });
    await Promise.all(ids.map((id) => this.address(network, id)));
    await Promise.all(ids.map((id) => this.launch(network, id)));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.byRouter.values()].flat().map(ended));
    this.byRouter.clear();
    for (const root of [this.roots.newer, this.roots.older])
      rmSync(join(root, this.folder()), { recursive: true, force: true });
  }

  /** The table of a router, and of how many sessions it says that they are up. */
  async look(network: Network, id: string): Promise<{ table: Table; established: number }> {
    const at = (name: string) => join(this.rootOf(network, id), this.folder(), `${id}.${name}`);
    switch (routerIn(network, id).kind) {
      case "gobgp": {
        const ask = async (...args: string[]) =>
          (
            await execOrThrow([
              join(toolsBin(), "gobgp"),
              ...["--target", `unix://${at("api")}`, "-j", ...args],
            ])
          ).stdout;
        const peers: { state?: { session_state?: number } }[] = JSON.parse(await ask("neighbor"));
        const established = peers.filter(({ state }) => state?.session_state === 6).length;
        const family = `ipv${familyIn(network)}`;
        return { established, table: gobgpTable(await ask("global", "rib", "-a", family)) };
      }
      case "frr":
      case "frr-node": {
        const unicast = `show bgp ipv${familyIn(network)} unicast`;
        const summary = await this.frr(network, id, `${unicast} summary json`);
        return {
          established: summary.split('"state":"Established"').length - 1,
          table: frrTable(await this.frr(network, id, `${unicast} json`)),
        };
      }
      default: {
        const protocols = await askBird(at("ctl"), "show protocols");
        const table = birdTable(await askBird(at("ctl"), "show route primary all"));
        return {
          established: (protocols.match(/Established/g) ?? []).length,
          // The product's reflectors have no routes of their own, so that each next hop is unreachable to them.
          table: this.files[id] === undefined || isNode(network, id) ? table : withoutReach(table),
        };
      }
    }
  }

  /** Asks a gobgpd, or has it do something. */
  async gobgp(network: Network, id: string, ...args: readonly string[]): Promise<string> {
    const api = join(this.rootOf(network, id), this.folder(), `${id}.api`);
    const argv = [join(toolsBin(), "gobgp"), "--target", `unix://${api}`, ...args];
    return (await execOrThrow(argv)).stdout;
  }

  /** Asks a bgpd. */
  frr(network: Network, id: string, command: string): Promise<string> {
    return askFrr(join(this.rootOf(network, id), this.folder(), id, "bgpd.vty"), command);
  }

  /** Asks a BIRD. */
  bird(network: Network, id: string, command: string): Promise<string> {
    return askBird(join(this.rootOf(network, id), this.folder(), `${id}.ctl`), command);
  }

  /** Has the gateway put its own address on a segment into the packets that come from another one. */
  async translate(from: string, to: string): Promise<void> {
    const rule = ["-s", laneSegments[from] ?? "", "-o", to, "-j", "MASQUERADE"];
    const argv = ["iptables", "-t", "nat", "-A", "POSTROUTING", ...rule];
    await execOrThrow(["nsenter", `--net=/run/netns/${this.space}`, ...argv]);
  }

  /** A counter of a router's kernel, by its name in /proc/net/netstat. */
  async counter(network: Network, id: string, name: string): Promise<number> {
    const argv = ["cat", "/proc/net/netstat"];
    const space = `--net=/run/netns/${this.spaceOf(network, id)}`;
    const lines = (await execOrThrow(["nsenter", space, ...argv])).stdout.split("\n");
    const [names = [], values = []] = lines
      .filter((line) => line.startsWith("TcpExt:"))
      .map((line) => line.split(" "));
    return Number(values[names.indexOf(name)]);
  }

  /**
   * A router's machine goes without a word, and comes back with another file for its daemon: nobody is told that its connections
   * are gone.
   */
  async reboot(network: Network, id: string, file: string): Promise<void> {
    const [space, links] = [this.spaceOf(network, id), routerIn(network, id).links];
    const set = (state: string) =>
      this.batch(
        space,
        links.map(({ segment }) => `link set ${segment} ${state}`),
      );
    await set("down");
    await Promise.all((this.byRouter.get(id) ?? []).map(ended));
    // What is left of its connections would be ended properly as soon as there is a link again.
    const inside = (...argv: string[]) =>
      execOrThrow(["nsenter", `--net=/run/netns/${space}`, ...argv]);
    await inside("ss", "--kill", "--tcp", "state", "all", "dport", "=", ":179");
    await inside("ss", "--kill", "--tcp", "state", "all", "sport", "=", ":179");
    const left = (await inside("ss", "--tcp", "--all", "--no-header")).stdout;
    if (left.trim() !== "") throw new Error(`connections of ${id} outlive it: ${left}`);
    await set("up");
    this.files = { ...this.files, [id]: file };
    await this.launch(network, id);
  }

  /** What the daemons of a router said. */
  logs(network: Network, id: string): string {
    return readFileSync(join(this.rootOf(network, id), this.folder(), `${id}.log`), "utf8");
  }

  private slotSpace(slot: number): string {
    return `${this.space}-${slot}`;
  }

  private folder(): string {
    return `w/${this.space}-${this.round}`;
  }

  private rootOf(network: Network, id: string): string {
    return routerIn(network, id).kind === "calico" ? this.roots.older : this.roots.newer;
  }

  private spaceOf(network: Network, id: string): string {
    const { links } = routerIn(network, id);
    const last = (parseAddress(links[0]?.address ?? "")?.value ?? 0n) & 0xffn;
    return this.slotSpace(Number(last) - 11);
  }

  private async address(network: Network, id: string): Promise<void> {
    const { links } = routerIn(network, id);
    const space = this.spaceOf(network, id);
    // Those of IPv6 outlive the addresses that led to their gateways.
    if (familyIn(network) === 6)
      await execOrThrow(["ip", "-6", "-n", space, "route", "flush", "proto", "boot"]);
    await this.batch(space, [
      // A link without an address of its own is no link of IPv6.
      ...Object.keys(laneSegments).map((segment) => `address flush dev ${segment} scope global`),
      ...links.flatMap(({ segment, address }) => [
        `link set ${segment} up`,
        `address add ${address}${familyOf(address) === 6 ? "/120 nodad" : "/24"} dev ${segment}`,
      ]),
      ...Object.keys(laneSegments)
        .filter((name) => !links.some(({ segment }) => segment === name))
        .map((segment) => `link set ${segment} down`),
      ...routesOf(network, id).map(({ range, gateway }) => `route add ${range} via ${gateway}`),
    ]);
  }

  private async launch(network: Network, id: string): Promise<void> {
    const root = this.rootOf(network, id);
    const inside = `/${this.folder()}`;
    const write = (name: string, text: string) =>
      writeFileSync(join(root, inside, `${id}.${name}`), text, { mode: 0o600 });
    write("log", "");
    const { kind, links } = routerIn(network, id);
    const given = this.files[id];
    switch (kind) {
      case "gobgp": {
        write("config", given ?? gobgpConfigFor(network, id));
        const files = ["-f", `${inside}/${id}.config`, "--api-hosts", `unix://${inside}/${id}.api`];
        const type = given === undefined ? "json" : "toml";
        this.run(network, id, ["/usr/local/bin/gobgpd", "-t", type, ...files, "--pprof-disable"]);
        await this.originate(network, id);
        return;
      }
      case "frr": {
        mkdirSync(join(root, inside, id));
        if (given !== undefined) {
          write("conf", given);
          const place = ["-i", `${inside}/${id}.pid`, "--vty_socket", `${inside}/${id}`];
          const own = ["-S", "-Z", "-P", "0", "-l", links[0]?.address ?? "", ...place];
          this.run(network, id, ["/usr/lib/frr/bgpd", "-f", `${inside}/${id}.conf`, ...own]);
          return;
        }
        await this.launchWithZebra(network, id, frrConfig(network, id), "");
        return;
      }
      case "frr-node": {
        if (given === undefined) throw new Error(`no file of the product for ${id}`);
        mkdirSync(join(root, inside, id));
        const [ways, rest] = [/^ip(v6)? nht .*\n/gm, /^ip(v6)? (nht|route) .*\n/gm];
        const zebra = (given.match(ways) ?? []).join("");
        await this.launchWithZebra(network, id, given.replace(rest, ""), zebra);
        return;
      }
      default: {
        write("conf", given ?? birdConfig(network, id, kind === "calico" ? 1 : 2, kind !== "bird"));
        const files = ["-c", `${inside}/${id}.conf`, "-s", `${inside}/${id}.ctl`];
        // BIRD 1.6 has a program for each family.
        const program = kind === "calico" && familyIn(network) === 6 ? "bird6" : "bird";
        const pid = ["-P", `${inside}/${id}.pid`];
        this.run(network, id, [`/usr/sbin/${program}`, "-f", ...files, ...pid]);
      }
    }
  }

  /** FRR as on a node: a daemon reads the lines that are its own. */
  private async launchWithZebra(
    network: Network,
    id: string,
    bgp: string,
    ways: string,
  ): Promise<void> {
    const root = this.rootOf(network, id);
    const inside = `/${this.folder()}`;
    const write = (name: string, text: string) =>
      writeFileSync(join(root, inside, `${id}.${name}`), text, { mode: 0o600 });
    write("conf", bgp);
    write("zconf", ways);
    const common = ["-u", "root", "-g", "root", "-P", "0", "-z", `${inside}/${id}.zserv`];
    const of = (name: string) => [
      ...["-i", `${inside}/${id}.${name}.pid`, "--vty_socket", `${inside}/${id}`],
    ];
    const zebra = ["-f", `${inside}/${id}.zconf`, ...common, ...of("zebra")];
    const bgpd = ["-f", `${inside}/${id}.conf`, "-n", ...common, ...of("bgpd")];
    this.run(network, id, ["/usr/lib/frr/zebra", ...zebra]);
    await this.zebraReady(network, id, join(root, inside, id, "zebra.vty"));
    this.run(network, id, ["/usr/lib/frr/bgpd", ...bgpd]);
  }

  /** Until zebra has read the kernel's routes, bgpd takes next hops for lost, and does not always look again. */
  private async zebraReady(network: Network, id: string, socket: string): Promise<void> {
    const ranges = [
      ...routerIn(network, id).links.map(({ segment }) => network.segments[segment] ?? ""),
      ...routesOf(network, id).map(({ range }) => range),
    ];
    const show = familyIn(network) === 6 ? "show ipv6 route" : "show ip route";
    await waitFor({ what: `zebra of ${id}`, timeoutMs: 60_000, intervalMs: 30 }, async () => {
      // The socket is there before anybody listens.
      const seen = await askFrr(socket, show).catch((error: Error) => error.message);
      return ranges.every((range) => seen.includes(`>* ${range}`))
        ? { done: true, value: undefined }
        : { done: false, seen };
    });
  }

  private run(network: Network, id: string, argv: readonly string[]): void {
    const root = this.rootOf(network, id);
    const log = openSync(join(root, this.folder(), `${id}.log`), "a");
    const net = `--net=/run/netns/${this.spaceOf(network, id)}`;
    const child = spawn("nsenter", [net, "chroot", root, ...argv], {
      stdio: ["ignore", log, log],
    });
    this.byRouter.set(id, [...(this.byRouter.get(id) ?? []), child]);
  }

  private async originate(network: Network, id: string): Promise<void> {
    const api = join(this.roots.newer, this.folder(), `${id}.api`);
    for (const prefix of ownPrefixes(network, id)) {
      const family = `ipv${familyIn(network)}`;
      const add = ["global", "rib", "add", prefix, "origin", "igp", "-a", family];
      await waitFor({ what: `gobgpd of ${id}`, timeoutMs: 60_000, intervalMs: 50 }, async () => {
        const argv = [join(toolsBin(), "gobgp"), "--target", `unix://${api}`, ...add];
        const { code, stderr } = await exec(argv);
        return code === 0 ? { done: true, value: undefined } : { done: false, seen: stderr };
      });
    }
  }

  private async batch(space: string | undefined, lines: readonly string[]): Promise<void> {
    const where = space === undefined ? [] : ["-n", space];
    await execOrThrow(["ip", ...where, "-batch", "-"], { input: `${lines.join("\n")}\n` });
  }
}

/** How many sessions of a router should be up. */
export const sessionsOf = (network: Network, id: string): number =>
  neighboursOf(network, id).length;

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** Whether it has routes to the networks of nodes, as nodes have. */
function isNode(network: Network, id: string): boolean {
  return routerIn(network, id).kind === "bird-node";
}
