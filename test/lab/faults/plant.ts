import type { Fault } from "./fault";
import type { NodeId, World } from "./world";

type Planted = Pick<Fault, "plant" | "mend">;

/** A rule of iptables that comes before all others of its chain. */
export function iptables(
  node: NodeId,
  table: string,
  chain: string,
  rule: readonly string[] | ((world: World) => Promise<readonly string[]>),
  program = "iptables",
): Planted {
  const run = async (world: World, action: "-I" | "-D") => {
    const matches = typeof rule === "function" ? await rule(world) : rule;
    await world.must(node, program, "-w", "-t", table, action, chain, ...matches);
  };
  return { plant: (world) => run(world, "-I"), mend: (world) => run(world, "-D") };
}

/** A setting of a node's kernel. */
export function sysctl(node: NodeId, key: string, bad: number, good: number): Planted {
  const set = (world: World, value: number) => world.must(node, "sysctl", "-qw", `${key}=${value}`);
  return { plant: (world) => set(world, bad), mend: (world) => set(world, good) };
}

/** Arguments of `ip` that plant a fault and mend it. */
export function ip(
  node: NodeId,
  plant: (world: World) => Promise<readonly string[]>,
  mend: (world: World) => Promise<readonly string[]>,
): Planted {
  return {
    plant: async (world) => world.must(node, "ip", ...(await plant(world))),
    mend: async (world) => world.must(node, "ip", ...(await mend(world))),
  };
}
