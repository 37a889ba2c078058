import type { CoeDraft, Draft, NodeDraft } from "../../../config/draft";
import { familiesOf } from "../../../config/family";
import { contains, familyOf, isPrefix, parsePrefix } from "../../../util/net";
import { listOf } from "../../../util/ranges";

/**
 * Why nodes with FRR, of whoever configures it, have no routes of IPv6 by a reflector of kind frr on their link; undefined
 * where there is none.
 * @param instead what else is allowed
 */
export function blindReflector(
  coe: CoeDraft,
  { network, reflectors }: Draft,
  instead = "",
): string | undefined {
  if (!familiesOf(coe.podCidr ?? []).includes(6)) return undefined;
  const racks = Object.values(network.racks ?? {});
  const links = [...(network.nodes ?? []), ...racks.flatMap(({ cidr }) => listOf(cidr))];
  const own = Object.values(coe.nodes).flatMap((node) => ipv6Of(node) ?? []);
  const near = (address: string) =>
    links.some(
      (link) =>
        isPrefix(parsePrefix(link)) &&
        contains(link, address) &&
        own.some((one) => contains(link, one)),
    );
  const found = Object.entries(reflectors).find(([, one]) => {
    const address = one.kind === "frr" ? ipv6Of(one) : undefined;
    return address !== undefined && near(address);
  });
  if (found === undefined) return undefined;
  return `a range of IPv6, beside the reflector ${found[0]} of kind frr; that one knows no interface, and refuses the link-local next hop that an FRR on its own link tells with each route of IPv6: allowed: a reflector of kind gobgp or bird${instead}`;
}

function ipv6Of({ address, address6 }: Pick<NodeDraft, "address" | "address6">) {
  return [address6, address].find((one) => familyOf(one ?? "") === 6);
}
