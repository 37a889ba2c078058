import { addressesOf, announceable } from "../plan/families";
import { describePolicy } from "../plan/policy";
import { announcedPrefixes } from "../plan/services";
import { endsAt } from "../plan/sessions";
import { spansText } from "../plan/spans";
import type { Plan } from "../plan/types";
import { blocksText } from "../plan/views";
import { listOf, nodeNetworks, podRanges, supernets } from "../util/ranges";
import { type Html, html, table } from "./html";

/** The plan as tables. */
export function planSection(plan: Plan): Html[] {
  const coes = Object.values(plan.coes);
  const spaces = supernets(plan);
  return [
    html`<dl>
<dt>container range</dt><dd>${spaces.join(", ") || "none; each COE has its own"}</dd>
<dt>node network</dt><dd>${nodeNetworks(plan).join(", ")}</dd>
<dt>AS of the reflectors</dt><dd>${plan.asn}</dd>
</dl>`,
    table(
      "COEs",
      ["COE", "Kind", "Containers", "Services", "Blocks", "Nodes", "Lets in", "Deployed"],
      coes.map((coe) => [
        coe.name,
        coe.kind,
        podRanges(coe)
          .map((range) => (coe.retiring?.includes(range) ? `${range} (retiring)` : range))
          .join(", "),
        [...new Set([...announcedPrefixes(coe), ...listOf(coe.serviceCidr)])].join(", ") || "none",
        blocksText(coe),
        String(Object.keys(coe.nodes).length),
        describePolicy(coe),
        coe.deployed ? "yes" : "no",
      ]),
    ),
    table(
      "Nodes",
      ["Node", "Address", "Role", "AS", "May announce"],
      coes.flatMap((coe) =>
        Object.values(coe.nodes).map((node) => [
          node.id,
          addressesOf(node).join(", "),
          node.role,
          String(node.asn),
          spansText(announceable(plan, node)) || "nothing (no BGP speaker)",
        ]),
      ),
    ),
    table(
      "Reflectors",
      ["Reflector", "Kind", "Address", "AS", "Cluster-id", "Sessions"],
      Object.values(plan.reflectors).map((one) => [
        one.name,
        one.kind,
        addressesOf(one).join(", "),
        String(one.asn),
        one.clusterId,
        String(endsAt(plan.sessions, one.name).length),
      ]),
    ),
  ];
}
