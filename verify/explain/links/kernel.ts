import { familyOf } from "../../../util/net";
import type { KernelView, Problem } from "../../checks/kernel";
import { forwardingProblems } from "../../checks/kernel/forwarding";
import { disturbed, fixed, narrowRoutes } from "../../checks/kernel/links";
import { neighbourProblems } from "../../checks/kernel/neighbours";
import { packetsBack, packetsThere, traitsOf } from "../../checks/kernel/packets";
import { programText } from "../../kernel/programs";
import { forwardingOf } from "../../kernel/settings";
import { passage } from "../../kernel/walk";
import type { Observation } from "../../types";
import type { Layer, Standing, Way } from "../types";
import { devicesOf, isView, viewOf } from "../view";
import type { Trip } from "../way";
import { harmful } from "./harm";
import { natLink } from "./planned";
import { unknownLink } from "./unknown";

/** What a packet can be as large as where no link says it. */
const usualMtu = 1500;

/** What the kernel of the source's or the target's node does with the packet beside routing it. */
export function kernelLinks(
  trip: Trip,
  seen: Observation,
  place: "source" | "target",
  direction: Way["direction"],
): Standing[] {
  const node = trip[place];
  // A host's own packets are not forwarded.
  const host = (place === "source" ? trip.from : trip.to).sort === "host";
  if (node === undefined || (host && place === "target")) return [];
  const view = viewOf(trip, seen, node);
  if (!isView(view)) {
    const layers: readonly Layer[] = ["sysctl", "drop", "mtu"];
    return layers.map((layer) => unknownLink({ layer, at: node.id }, view));
  }
  return [
    ...(host ? [] : [forwarding(view), ...firewall(view, trip, direction)]),
    ...(place === "source" ? hopLink(view, trip) : []),
    mtuLink(view, trip, seen),
  ];
}

function link(
  view: KernelView,
  layer: Layer,
  problems: readonly Problem[],
  says: string,
): Standing {
  const own = { layer, at: view.node.id } as const;
  const [first] = problems;
  if (first === undefined) return { ...own, says, status: "ok" };
  const { found, cause, remedy } = first;
  return { ...own, says: found, status: "broken", why: cause, remedy };
}

function forwarding(view: KernelView): Standing {
  const family = familyOf(view.node.address) ?? 4;
  const setting = forwardingOf[family];
  const value = view.kernel.settings[setting];
  const name = `net.ipv${family}.${setting.replaceAll("/", ".")}`;
  if (value === undefined)
    return {
      ...{ layer: "sysctl", at: view.node.id, says: `${name} is not known` },
      ...{ status: "unknown", why: `/proc/sys/net/ipv${family} cannot be read there` },
    };
  const says = `${name} = ${value}; ${family === 4 ? "rp_filter drops nothing" : "IPv6 is on"}`;
  return link(view, "sysctl", forwardingProblems(view), says);
}

/** Rules that drop or translate the packets of this trip: those that ask there, those that answer back. */
function firewall(view: KernelView, trip: Trip, direction: Way["direction"]): Standing[] {
  const { id } = view.node;
  const mtu = usualOf(view, trip);
  const course = {
    ...{ from: trip.from.address ?? "", to: trip.to.address ?? "" },
    ...devicesOf(view, trip),
    ...(trip.port === undefined ? {} : { port: trip.port }),
  };
  const packets = direction === "there" ? packetsThere(course, mtu) : packetsBack(course, mtu);
  const harms = view.kernel.firewalls.flatMap((one) =>
    packets.flatMap((packet) => {
      const { harm } = passage(one, traitsOf(view), packet);
      return harm === undefined ? [] : [{ harm, length: packet.length, protocol: packet.protocol }];
    }),
  );
  const dropped = harms.find(({ harm }) => harm.does === "drops");
  // Whoever serves a service puts a server's address in place of its own.
  const serves = [trip.from, trip.to].some(({ sort }) => sort === "service");
  const translated = serves ? undefined : harms.find(({ harm }) => harm.does === "translates");
  const backends = view.kernel.firewalls.map(({ backend }) => backend).join(" and ");
  const { iif, oif } = devicesOf(view, trip);
  const programs = (view.kernel.programs ?? [])
    .filter(({ device }) => device === iif || device === oif)
    .map((one) => `; eBPF on ${programText(one)}, whose rules cannot be read`);
  const passes = `${backends === "" ? "no rules" : `the rules of ${backends}`} let it pass${programs.join("")}`;
  const untold = view.kernel.untold.find(({ part }) => part.startsWith("firewall"));
  const drop: Standing =
    dropped !== undefined
      ? { layer: "drop", at: id, ...harmful("", dropped, `on ${id}`) }
      : untold !== undefined
        ? {
            layer: "drop",
            at: id,
            says: "its rules are not known",
            status: "unknown",
            why: untold.why,
          }
        : { layer: "drop", at: id, says: passes, status: "ok" };
  if (translated !== undefined)
    return [drop, { layer: "nat", at: id, ...harmful("", translated, `on ${id}`) }];
  return trip.source?.id === id ? [drop, { ...natLink(trip), at: id }] : [drop];
}

/** The link to the other node, and the address of its next hop there. */
function hopLink(view: KernelView, trip: Trip): Standing[] {
  const { oif } = devicesOf(view, trip);
  const { source, target } = trip;
  if (source === undefined || target === undefined || source.id === target.id) return [];
  const own = fixed(view).filter(({ found }) => found.startsWith(`${target.address} `));
  const cable = oif === undefined ? [] : disturbed(view, oif);
  const problems = [...own, ...cable, ...neighbourProblems(view)];
  return [
    link(view, "next hop", problems, `${target.address} (${target.id}) by ${oif ?? "no link"}`),
  ];
}

/** Whether what the sender's container sends whole fits the links of a node, and the route there. */
function mtuLink(view: KernelView, trip: Trip, seen: Observation): Standing {
  const size = sizeOf(trip, seen) ?? usualOf(view, trip);
  const { iif, oif } = devicesOf(view, trip);
  const narrow = [iif, oif].flatMap((device) => {
    const mtu = device === undefined ? undefined : view.kernel.links[device]?.mtu;
    if (device === undefined || mtu === undefined || mtu >= size) return [];
    return [
      {
        ...{ found: `MTU of ${device} is ${mtu}, and ${trip.from.name} sends packets of ${size}` },
        ...{ expected: "", cause: "larger packets are dropped, or cut where they may be" },
        remedy: `on ${view.node.id}: ip link set ${device} mtu ${size}, or give all containers an MTU of ${mtu}`,
      },
    ];
  });
  const routes = view.node.id === trip.source?.id ? narrowRoutes(view, size) : [];
  const devices = [iif, oif].filter((device) => device !== undefined);
  const says = devices.map((device) => `${device} ${view.kernel.links[device]?.mtu ?? "?"}`);
  return link(
    view,
    "mtu",
    [...narrow, ...routes],
    says.length === 0 ? "no link of it is known" : says.join(", "),
  );
}

/** The MTU of the cable to the container that sends. */
function sizeOf(trip: Trip, seen: Observation): number | undefined {
  if (trip.source === undefined) return undefined;
  const view = viewOf(trip, seen, trip.source);
  if (!isView(view)) return undefined;
  const { iif, oif } = devicesOf(view, trip);
  return view.kernel.links[iif ?? oif ?? ""]?.mtu;
}

function usualOf(view: KernelView, trip: Trip): number {
  const { iif, oif } = devicesOf(view, trip);
  const all = [iif, oif].flatMap((device) =>
    device === undefined ? [] : (view.kernel.links[device]?.mtu ?? []),
  );
  return Math.max(...all, 0) || usualMtu;
}
