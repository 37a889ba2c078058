import type { NodePlan } from "../../../plan/types";
import { type Family, familyOf } from "../../../util/net";
import { forwardingOf } from "../../kernel/settings";
import { wrongAnswers } from "./answers";
import type { KernelView, Problem } from "./index";
import { tableProblems } from "./routes";
import { exitTo, others, ownContainer } from "./ways";

/** Settings by which a kernel drops what it should forward. */
export function forwardingProblems(view: KernelView): Problem[] {
  const own = ownContainer(view);
  const exits = others(view).flatMap((end) => {
    const exit = exitTo(view, end.node);
    return exit === undefined ? [] : [{ end, exit }];
  });
  const devices = new Set([
    ...exits.map(({ exit }) => exit.device),
    ...(own === undefined ? [] : [own.device]),
  ]);
  const back = exits.flatMap(({ end, exit }) => wrongWayBack(view, end.address, exit.device));
  const silent = new Set(exits.map(({ exit }) => exit.device));
  const wrong = [...off(view, devices), ...back, ...[...silent].flatMap((one) => mute(view, one))];
  if (wrong.length > 0 || tableProblems(view).length > 0) return wrong;
  return wrongAnswers(view).filter(({ by }) => by === "settings");
}

function off(view: KernelView, devices: ReadonlySet<string>): Problem[] {
  const { node, kernel } = view;
  const { settings } = kernel;
  if (familyOf(node.address) === 6)
    return [...closed(view), ...[...devices].flatMap((one) => without(view, one))];
  const names = ["ip_forward", ...[...devices].map((device) => `conf/${device}/forwarding`)];
  return names.filter((name) => settings[name] === 0).map((name) => forwarded(node, name, 4));
}

function forwarded({ id }: NodePlan, name: string, family: Family): Problem {
  return {
    found: `net.ipv${family}.${dotted(name)} = 0`,
    expected: `net.ipv${family}.${dotted(name)} = 1`,
    cause: "the kernel drops what is not for the node itself",
    remedy: `on ${id}: sysctl -w ${writable(name, family)}=1, and in /etc/sysctl.d`,
  };
}

/** In IPv6 one setting decides for all links. */
function closed({ node, kernel: { settings } }: KernelView): Problem[] {
  const name = forwardingOf[6];
  return settings[name] === 0 ? [forwarded(node, name, 6)] : [];
}

/** A link on which IPv6 is off takes and sends no packet of it. */
function without({ node, kernel: { settings } }: KernelView, device: string): Problem[] {
  const name = `conf/${device}/disable_ipv6`;
  if (settings[name] !== 1) return [];
  return [
    {
      found: `net.ipv6.${dotted(name)} = 1`,
      expected: `net.ipv6.${dotted(name)} = 0`,
      cause: "IPv6 is switched off there, and its addresses are gone",
      remedy: `on ${node.id}: sysctl -w ${writable(name, 6)}=0, and in /etc/sysctl.d; then give the link its address again`,
    },
  ];
}

/** 8: the node answers nobody who asks for its link address (net.ipv4.conf.*.arp_ignore). */
function mute({ node, kernel: { settings } }: KernelView, device: string): Problem[] {
  if (familyOf(node.address) === 6) return [];
  const names = [`conf/${device}/arp_ignore`, "conf/all/arp_ignore"];
  return names
    .filter((name) => settings[name] === 8)
    .map((name) => ({
      found: `net.ipv4.${dotted(name)} = 8`,
      expected: `net.ipv4.${dotted(name)} = 0`,
      cause: `the node answers no question for its link address on ${device}, so that nobody there can send to it`,
      remedy: `on ${node.id}: sysctl -w ${writable(name, 4)}=0, and in /etc/sysctl.d`,
    }));
}

/** Reverse path filtering (RFC 3704): 1 wants the way back by the same device, 2 any way back. */
function wrongWayBack(view: KernelView, from: string, device: string): Problem[] {
  const { settings } = view.kernel;
  const strict = Math.max(
    settings["conf/all/rp_filter"] ?? 0,
    settings[`conf/${device}/rp_filter`] ?? 0,
  );
  if (strict === 0) return [];
  // The kernel looks the sender up as if the node itself wrote to it (fib_validate_source).
  const { route } = view.lookups.way({ from: view.node.address, to: from, iif: "lo", mark: 0 });
  const ways = route?.type === "unicast" ? route.hops.map((hop) => hop.device) : [];
  if (strict === 1 ? ways.includes(device) : ways.length > 0) return [];
  const way = ways.length === 0 ? "there is no way back" : `the way back is dev ${ways.join(", ")}`;
  return [
    {
      found: `rp_filter ${strict} on ${device} drops packets from ${from}: ${way}`,
      expected: `packets from ${from} are taken from ${device}`,
      cause:
        "reverse path filtering, where packets come in by another device than the one they would leave by",
      remedy: `on ${view.node.id}: sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.${device}.rp_filter=0, or mend the route to ${from}`,
    },
  ];
}

/** `conf/eth0/forwarding` as sysctl prints it. */
function dotted(name: string): string {
  return name.replaceAll("/", ".");
}

/** The same for `sysctl -w`, which takes slashes where a device has dots in its name. */
function writable(name: string, family: Family): string {
  return name.includes(".") ? `net/ipv${family}/${name}` : `net.ipv${family}.${dotted(name)}`;
}
