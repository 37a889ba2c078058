import { type KernelTraits, kernelTraits } from "../../../components/kinds/traits";
import type { Packet } from "../../kernel/lookup";
import type { FirewallPacket } from "../../kernel/match";
import { passage } from "../../kernel/walk";
import type { KernelView } from "./index";

export function traitsOf({ coe }: KernelView): KernelTraits {
  const traits = kernelTraits(coe);
  if (traits === undefined) throw new Error(`${coe.name}: nothing is known of kind ${coe.kind}`);
  return traits;
}

/** Where a packet goes: from container to container, in by one device and out by another. */
export type Course = Pick<FirewallPacket, "from" | "to" | "iif" | "oif"> & {
  /** The server's, of TCP. Default: that of the probes. */
  readonly port?: number;
};

/** Port of the probes; any other for the client. */
const ports = { server: 8080, client: 40_000 };

const small = 60;

/** The first packet of a connection. */
export function podPacket({ port = ports.server, ...course }: Course): FirewallPacket {
  return {
    ...course,
    ...{ protocol: "tcp", length: small, state: "NEW" },
    ports: { from: ports.client, to: port },
  };
}

/** The same, as the rules that choose a table see it: with what the firewalls have marked it with by then. */
export function routedPacket(view: KernelView, course: Course): Packet {
  const packet = podPacket(course);
  const { from, to, iif, protocol, ports } = packet;
  return {
    ...{ from, to, mark: markOf(view, packet), protocol },
    ...(iif === undefined ? {} : { iif }),
    ...(ports === undefined ? {} : { ports }),
  };
}

function markOf(view: KernelView, packet: FirewallPacket): number {
  // No rule asks for it.
  if (view.kernel.rules.every(({ mark }) => mark === undefined)) return 0;
  return view.kernel.firewalls.reduce(
    (mark, firewall) => mark | passage(firewall, traitsOf(view), packet).mark,
    0,
  );
}

/** Packets by which a container speaks to another: first ones, large ones, of each protocol. @param mtu the largest */
export function packetsThere(all: Course, mtu: number): FirewallPacket[] {
  const { port: _, ...course } = all;
  const first = podPacket(all);
  return [
    first,
    ...[small, mtu].map((length): FirewallPacket => ({ ...first, length, state: "ESTABLISHED" })),
    ...[small, mtu].map(
      (length): FirewallPacket => ({ ...course, protocol: "icmp", length, state: "NEW" }),
    ),
    { ...course, protocol: "udp", length: small, state: "NEW" },
  ];
}

/** Packets of the answers to those. */
export function packetsBack(
  { port = ports.server, ...course }: Course,
  mtu: number,
): FirewallPacket[] {
  return [small, mtu].map((length) => ({
    ...course,
    ...{ protocol: "tcp", length, state: "ESTABLISHED" },
    ports: { from: port, to: ports.client },
  }));
}
