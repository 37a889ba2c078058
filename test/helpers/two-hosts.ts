import { rmSync } from "node:fs";
import { parsed } from "../../components/ask/shell";
import { exec, execOrThrow } from "../../util/exec";
import { checksOf } from "../../verify/checks";
import { endsOf } from "../../verify/kernel/ends";
import { parseKernel } from "../../verify/kernel/parse";
import { kernelCommand } from "../../verify/kernel/script";
import { questionsOf } from "../../verify/seen/kernels";
import type { Observation } from "../../verify/types";
import { healthy, ok, plan, pod, podBlock, task, taskBlock } from "../unit/verify/fixture";
import { makeNft } from "./nft";

const spaces = ["pod", "worker", "agent", "task"] as const;
export type Space = (typeof spaces)[number];
const ids = { worker: "kubernetes/worker-1", agent: "dcos/agent-1" } as const;

/** A fault: its name, where it is, how it is made and mended, the size of packets that it bites, and what is named then. */
export type Fault = [string, Space, string, string, number, Record<string, string>];

/** The size of an echo request that fills a packet. */
export const large = 1472;

/** The two hosts of verify's fixture with a container each, as network namespaces with real kernels. */
export class TwoHosts {
  /** A folder with `nft`, which the machine need not have. */
  private tools = "";
  /** Whether the hosts have `nft`. */
  nft = true;

  nameOf(space: Space): string {
    return `slk${process.pid}${space}`;
  }

  private on(space: Space, argv: readonly string[]) {
    const path = `PATH=${this.nft ? `${this.tools}:` : ""}${process.env.PATH}`;
    return execOrThrow(["ip", "netns", "exec", this.nameOf(space), "env", path, ...argv]);
  }

  run(space: Space, line: string) {
    return this.on(space, ["sh", "-ec", line]);
  }

  async up(): Promise<void> {
    this.tools = await makeNft();
    for (const space of spaces) await execOrThrow(["ip", "netns", "add", this.nameOf(space)]);
    for (const space of spaces) await this.run(space, "ip link set lo up");
    await this.link("worker", "eth0", "agent", "eth0");
    await this.link("worker", "eth1", "agent", "eth1");
    await this.link("worker", "cali0", "pod", "eth0");
    await this.link("agent", "cali0", "task", "eth0");
    await this.node("worker", "172.16.18.34", "172.16.18.43", pod.address, taskBlock);
    await this.node("agent", "172.16.18.43", "172.16.18.34", task.address, podBlock);
    for (const [space, address] of [
      ["pod", pod.address],
      ["task", task.address],
    ] as const)
      await this.run(
        space,
        `ip address add ${address}/32 dev eth0; ip route add 169.254.1.1 dev eth0; ip route add default via 169.254.1.1`,
      );
  }

  async down(): Promise<void> {
    if (this.tools !== "") rmSync(this.tools, { recursive: true, force: true });
    for (const space of spaces) await exec(["ip", "netns", "delete", this.nameOf(space)]);
  }

  private link(a: Space, deviceA: string, b: Space, deviceB: string) {
    const far = this.nameOf(b);
    return this.run(
      a,
      `ip link add ${deviceA} type veth peer name ${deviceB} netns ${far} && ip link set ${deviceA} up && ip netns exec ${far} ip link set ${deviceB} up`,
    );
  }

  private node(space: Space, own: string, far: string, container: string, block: string) {
    return this.run(
      space,
      [
        `sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0 net.ipv4.conf.cali0.rp_filter=0`,
        `ip address add ${own}/24 dev eth0`,
        "ip address add 169.254.1.1/32 dev cali0",
        `ip route add ${container} dev cali0`,
        `ip route add ${block} via ${far} dev eth0 proto bird`,
      ].join("\n"),
    );
  }

  /** What both kernels say, asked as `seamless verify` asks them. */
  async kernels(): Promise<NonNullable<Observation["kernels"]>> {
    const ends = endsOf(plan, healthy.workloads);
    const all = (["worker", "agent"] as const).map(async (space) => {
      const node = ends.find((end) => end.node.id === ids[space])?.node;
      if (node === undefined) throw new Error(`no ${space} in the fixture`);
      const argv = kernelCommand(questionsOf(node, ends), false);
      const { stdout } = await this.on(space, argv);
      return [ids[space], parsed(ok(space, stdout), parseKernel)] as const;
    });
    return Object.fromEntries(await Promise.all(all));
  }

  /** The checks of the kernels that do not pass, with what they found. */
  async named(): Promise<Record<string, string>> {
    const seen = { ...healthy, kernels: await this.kernels() };
    const bad = checksOf(plan).flatMap(({ id, group, judge }): [string, string][] => {
      if (group !== "kernel") return [];
      const { status, found } = judge(seen);
      return status === "pass" ? [] : [[id, found]];
    });
    return Object.fromEntries(bad);
  }

  /** Whether packets of a size come to the other container and back. */
  async passes(size = 56): Promise<boolean> {
    const argv = ["python3", "-c", ping, task.address, `${size}`];
    return (await exec(["ip", "netns", "exec", this.nameOf("pod"), ...argv])).code === 0;
  }

  /** Plants a fault, which has to bite and to be named on its node alone, and mends it. */
  async suffer([, space, plant, mend, size, found]: Fault): Promise<void> {
    await this.run(space, plant);
    try {
      expect(await this.passes(size)).toBe(false);
      expect(await this.named()).toEqual(found);
    } finally {
      await this.run(space, mend);
    }
    // What a kernel has learned of a narrow path it keeps for minutes.
    await this.run("pod", "ip route flush cache");
    await this.run("worker", "ip route flush cache");
    expect(await this.passes(size)).toBe(true);
    expect(await this.named()).toEqual({});
  }
}

/** Sends an echo request that may not be cut, and waits for the reply: not every machine has ping. */
const ping = `
import socket, struct, sys
address, size = sys.argv[1], int(sys.argv[2])
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
raw.setsockopt(socket.IPPROTO_IP, 10, 2)
raw.settimeout(1)
words = struct.pack("!BBHHH", 8, 0, 0, 7, 1) + bytes(size)
total = sum(struct.unpack("!%dH" % (len(words) // 2), words))
total = (total >> 16) + (total & 0xFFFF)
raw.sendto(words[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + words[4:], (address, 0))
while True:
    answer, sender = raw.recvfrom(2048)
    if answer[20] == 0 and sender[0] == address: sys.exit(0)
    if answer[20] in (3, 11): sys.exit(1)
`;
