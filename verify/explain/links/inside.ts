import { hostOf } from "../../../util/net";
import type { KernelView } from "../../checks/kernel";
import { packetsBack, packetsThere } from "../../checks/kernel/packets";
import { writeTableRoute } from "../../checks/kernel/ways";
import { lookupsOf } from "../../kernel/lookup";
import type { Inside } from "../../kernel/types";
import { passage } from "../../kernel/walk";
import type { Observation } from "../../types";
import type { Standing, Way } from "../types";
import { isView, viewOf } from "../view";
import type { Trip } from "../way";
import { harmful } from "./harm";

/** No rules in a container are of the network's making. */
const nobodys = { chains: "\0", comments: "\0" };

/** What the container that sends does by itself: its own route to the other end, its own rules, and whether its gateway answers. */
export function sendingLinks(
  trip: Trip,
  seen: Observation,
  direction: Way["direction"],
): Standing[] {
  const { from, to, source } = trip;
  const found = insideOf(trip, seen, "from");
  if (found === undefined || source === undefined) return [];
  const [view, inside] = found;
  const at = source.id;
  const { route } = lookupsOf({ routes: inside.routes, rules: [] }).way({
    ...{ from: from.address ?? "", to: to.address ?? "", mark: 0 },
  });
  const place = `in ${from.name}`;
  const routed: Standing =
    route?.type === "unicast"
      ? { layer: "fib", at, says: `${place}: ${writeTableRoute(route)}`, status: "ok" }
      : {
          ...{ layer: "fib", at, status: "broken" },
          says: `${place}: ${route === undefined ? `no route to ${to.address}` : writeTableRoute(route)}`,
          why: "the container itself does not send it to its node",
          remedy: `start ${from.name} again; its COE gives it a default route`,
        };
  return [
    routed,
    ...gateway(view, trip, route?.hops[0]?.gateway),
    ...rules(trip, inside, direction, "sent", from.name, at),
  ];
}

/** What the container that receives does with it: its own rules. */
export function receivingLinks(
  trip: Trip,
  seen: Observation,
  direction: Way["direction"],
): Standing[] {
  const found = insideOf(trip, seen, "to");
  if (found === undefined) return [];
  return rules(trip, found[1], direction, "received", trip.to.name, found[0].node.id);
}

function insideOf(
  trip: Trip,
  seen: Observation,
  which: "from" | "to",
): [KernelView, Inside] | undefined {
  const end = trip[which];
  const node = which === "from" ? trip.source : trip.target;
  const view = node === undefined ? undefined : viewOf(trip, seen, node);
  if (end.sort !== "container" || !isView(view)) return undefined;
  const inside = view.kernel.insides?.[end.address ?? ""];
  return inside === undefined ? undefined : [view, inside];
}

/** A gateway that no machine has is answered for by the node, on the cable of the container. */
function gateway(
  { node, kernel }: KernelView,
  trip: Trip,
  address: string | undefined,
): Standing[] {
  const cable = kernel.routes.find(
    ({ prefix, hops }) => hostOf(prefix) === trip.from.address && hops[0]?.device !== undefined,
  )?.hops[0]?.device;
  const answered = kernel.routes.some(
    ({ type, prefix }) => type === "local" && hostOf(prefix) === address,
  );
  if (cable === undefined || address === undefined || answered) return [];
  const names = [`conf/${cable}/proxy_arp`, "conf/all/proxy_arp"];
  const values = names.map((name) => kernel.settings[name]);
  if (values.some((value) => value === undefined || value !== 0)) return [];
  return [
    {
      ...{ layer: "sysctl", at: node.id, status: "broken" },
      says: `net.ipv4.conf.${cable}.proxy_arp = 0`,
      why: `nobody answers for ${address}, the gateway of ${trip.from.name}`,
      remedy: `on ${node.id}: sysctl -w net/ipv4/conf/${cable}/proxy_arp=1`,
    },
  ];
}

function rules(
  trip: Trip,
  inside: Inside,
  direction: Way["direction"],
  course: "sent" | "received",
  name: string,
  at: string,
): Standing[] {
  const packet = {
    ...{ from: trip.from.address ?? "", to: trip.to.address ?? "" },
    ...(trip.port === undefined ? {} : { port: trip.port }),
  };
  const packets = direction === "there" ? packetsThere(packet, 1500) : packetsBack(packet, 1500);
  const harms = inside.firewalls.flatMap((firewall) =>
    packets.flatMap((one) => {
      const { harm } = passage(firewall, nobodys, one, course);
      return harm === undefined ? [] : [{ harm, length: one.length, protocol: one.protocol }];
    }),
  );
  const [first] = harms;
  if (first === undefined) return [];
  const layer = first.harm.does === "drops" ? "drop" : "nat";
  return [{ layer, at, ...harmful(`in ${name}`, first, `in the network namespace of ${name}`) }];
}
