import { z } from "zod";
import type { CoeDraft, Draft } from "../../../config/draft";
import type { Path, Problem } from "../../../config/problems";
import { isIn } from "../../../config/racks";
import { isPrefix, parsePrefix } from "../../../util/net";
import { listOf } from "../../../util/ranges";

/** A field of COEs whose nodes run Calico. */
export const ipipField = {
  /**
   * `CrossSubnet`: the IPv4 pools have or keep that mode, whose tunnel no packet takes where next hops are on the node's own
   * segment. Default: Never.
   */
  ipipMode: z.enum(["CrossSubnet", "Never"]).exactOptional(),
};

/** What the plan has of it. */
export function ipipPart(mode: "CrossSubnet" | "Never" | undefined): {
  readonly ipipMode?: "CrossSubnet";
} {
  return mode === "CrossSubnet" ? { ipipMode: mode } : {};
}

/**
 * With CrossSubnet Calico sends packets into a tunnel whose next hop is off the node's segment. That is as if it were not there
 * where a router of the rack is the next hop, and cannot be where nodes are: see docs/racks.md.
 */
export function* ipipProblems(
  mode: string | undefined,
  at: Path,
  coe: CoeDraft,
  config: Draft,
): Iterable<Problem> {
  if (mode !== "CrossSubnet") return;
  const path = [...at, "ipipMode"];
  if (coe.embedded)
    yield {
      path,
      message:
        "found CrossSubnet; nodes of the lab have Debian's BIRD, which knows no tunnels; allowed: Never, or no ipipMode",
    };
  const spanned = spannedNetworks(coe, config);
  if (spanned.length < 2) return;
  const routed = Object.values(config.reflectors).flatMap(({ rack }) => rack ?? []);
  if (spanned.every(({ rack }) => rack !== undefined && routed.includes(rack))) return;
  yield {
    path,
    message: `found CrossSubnet, and nodes of it are in ${spanned.map(({ cidr }) => cidr).join(" and ")}, where next hops of routes are nodes of the other network; packets inside the COE would go through a tunnel, and those to other COEs would not, for Calico drops tunnelled packets of hosts that are not its own; allowed: Never; or racks by name, each with a reflector as its router (reflectors.<name>.rack), with which no packet takes the tunnel`,
  };
}

/** The IPv4 networks that a COE has nodes in. */
function spannedNetworks(
  { nodes }: CoeDraft,
  { network }: Draft,
): { readonly cidr: string; readonly rack?: string }[] {
  const all =
    network.racks === undefined
      ? (network.nodes ?? []).map((cidr) => ({ cidr }))
      : Object.entries(network.racks).flatMap(([rack, { cidr }]) =>
          cidr === undefined ? [] : listOf(cidr).map((range) => ({ cidr: range, rack })),
        );
  return all.filter(({ cidr }) => {
    const range = parsePrefix(cidr);
    return (
      isPrefix(range) &&
      range.family === 4 &&
      Object.values(nodes).some(({ address }) => isIn(range, address))
    );
  });
}
