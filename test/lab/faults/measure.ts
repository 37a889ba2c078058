import type { Bite } from "./fault";
import { type NodeId, nodes, type World } from "./world";

/** A GET from a container to a container: whether it is answered, and the address that the server saw. */
export function answer(from: NodeId, to: NodeId, bitten: RegExp): Bite {
  return {
    by: `GET from ${from} to ${to}`,
    async measure(world) {
      const [client, server] = [await world.container(from), await world.container(to)];
      const url = `http://${server}${nodes[to]?.url}`;
      const { code, stdout } = await world.inside(from, client, ["curl", "-sS", "-m", "2", url]);
      if (code !== 0) return `no answer (${code})`;
      const seen = /"client":"([^"]*)"/.exec(stdout)?.[1];
      return seen === undefined || seen === client ? "own address seen" : `${seen} seen`;
    },
    healthy: /^own address seen$/,
    bitten,
  };
}

export const noAnswer = /^no answer/;
export const translated = /^\S+ seen$/;

/** One ping from a container to a container. @param size bytes of the packet, which must not be cut in pieces */
export function ping(from: NodeId, to: NodeId, size = 84): Bite {
  return {
    by: `ping of ${size} bytes from ${from} to ${to}`,
    async measure(world) {
      const [client, server] = [await world.container(from), await world.container(to)];
      const argv = ["ping", "-n", "-c1", "-W1", "-Mdo", "-s", String(size - 28), server];
      return (await world.inside(from, client, argv)).code === 0 ? "reply" : "no reply";
    },
    healthy: /^reply$/,
    bitten: /^no reply$/,
  };
}

/** The state of a node's session, as the reflector's daemon has it. */
export function sessionState(node: NodeId): Bite {
  return {
    by: `gobgp neighbor ${nodes[node]?.address}`,
    measure: async (world) =>
      /BGP state = (\S+?),?\s/.exec(
        await world.gobgp("neighbor", nodes[node]?.address ?? ""),
      )?.[1] ?? "unknown",
    healthy: /ESTABLISHED/,
    bitten: /^(?!.*ESTABLISHED)/,
  };
}

/** What a node's BIRD prints for a command. */
export function birdSays(
  node: NodeId,
  args: readonly string[],
  healthy: RegExp,
  bitten: RegExp,
): Bite {
  return {
    by: `birdc ${args.join(" ")} on ${node}`,
    measure: (world) => world.birdc(node, ...args),
    healthy,
    bitten,
  };
}

/** What the reflector's daemon prints for a command. */
export function gobgpSays(args: readonly string[], healthy: RegExp, bitten: RegExp): Bite {
  return {
    by: `gobgp ${args.join(" ")}`,
    measure: (world) => world.gobgp(...args),
    healthy,
    bitten,
  };
}

/** What a program on a node prints. */
export function nodeSays(
  node: NodeId,
  argv: readonly string[],
  healthy: RegExp,
  bitten: RegExp,
): Bite {
  return {
    by: `${argv.join(" ")} on ${node}`,
    measure: (world: World) => world.must(node, ...argv),
    healthy,
    bitten,
  };
}

/** Who answers a GET from a container to a container: the one that answers at its own node, or another. */
export function servedBy(from: NodeId, to: NodeId): Bite {
  return {
    by: `GET from ${from} to ${to}`,
    async measure(world) {
      const [client, server] = [await world.container(from), await world.container(to)];
      const get = ["curl", "-sS", "-m", "2", `http://${server}${nodes[to]?.url}`];
      const name = (text: string) => /"server":"([^"]*)"/.exec(text)?.[1] ?? "nobody";
      const [seen, own] = await Promise.all([world.inside(from, client, get), world.on(to, get)]);
      return name(seen.stdout) === name(own.stdout) ? "the right one" : "another";
    },
    healthy: /^the right one$/,
    bitten: /^another$/,
  };
}

/** How many routers a ping from a container to a container passes on the way back: 2 when nobody makes a detour. */
export function hops(from: NodeId, to: NodeId): Bite {
  return {
    by: `TTL of a ping from ${from} to ${to}`,
    async measure(world) {
      const [client, server] = [await world.container(from), await world.container(to)];
      const { stdout } = await world.inside(from, client, ["ping", "-n", "-c1", "-W1", server]);
      return `${64 - Number(/ttl=(\d+)/.exec(stdout)?.[1])} routers`;
    },
    healthy: /^2 routers$/,
    bitten: /^[3-9] routers$/,
  };
}
