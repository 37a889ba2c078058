import { coeModels, routerModels } from "../../components/kinds/models";
import { routerTraits } from "../../components/kinds/traits";
import { parseConfig } from "../../config";
import { makePlan, type Plan } from "../../plan";
import type { Traits } from "../../plan/propagation";

/** Kinds of reflectors, with one that can be the router of a rack: frr without a container. */
export const rackKinds = {
  coes: coeModels,
  reflectors: { ...routerModels, frr: { fields: {}, check: () => [] } },
};

const cluster = (podCidr: string | readonly string[], nodes: object) => ({
  kind: "kubernetes",
  podCidr,
  policy: "open",
  access: { kubeconfig: "kubeconfig" },
  nodes,
});

/** Two racks, each with a router and with nodes of two COEs. */
export const twoRacks = {
  network: {
    nodes: {
      "rack-1": { cidr: "10.1.1.0/24", gateway: "10.1.1.1" },
      "rack-2": { cidr: "10.1.2.0/24", gateway: "10.1.2.1" },
    },
    asn: 64511,
  },
  reflectors: {
    "tor-1": { kind: "frr", address: "10.1.1.1", rack: "rack-1" },
    "tor-2": { kind: "frr", address: "10.1.2.1", rack: "rack-2" },
  },
  coes: {
    blue: cluster("10.64.0.0/16", {
      "blue-1": { address: "10.1.1.11" },
      "blue-2": { address: "10.1.2.11" },
    }),
    green: cluster("10.65.0.0/16", {
      "green-1": { address: "10.1.1.12" },
      "green-2": { address: "10.1.2.12" },
    }),
  },
};

/** The same with both families: each rack, its router and its nodes have addresses of IPv6, too. */
export const dualRacks = {
  network: {
    nodes: {
      "rack-1": {
        cidr: ["10.1.1.0/24", "2001:db8:1::/64"],
        gateway: "10.1.1.1",
        gateway6: "2001:db8:1::1",
      },
      "rack-2": {
        cidr: ["10.1.2.0/24", "2001:db8:2::/64"],
        gateway: "10.1.2.1",
        gateway6: "2001:db8:2::1",
      },
    },
    asn: 64511,
  },
  reflectors: {
    "tor-1": { ...twoRacks.reflectors["tor-1"], address6: "2001:db8:1::1" },
    "tor-2": { ...twoRacks.reflectors["tor-2"], address6: "2001:db8:2::1" },
  },
  coes: {
    blue: cluster(["10.64.0.0/16", "2001:db8:64::/64"], {
      "blue-1": { address: "10.1.1.11", address6: "2001:db8:1::11" },
      "blue-2": { address: "10.1.2.11", address6: "2001:db8:2::11" },
    }),
    green: cluster(["10.65.0.0/16", "2001:db8:65::/64"], {
      "green-1": { address: "10.1.1.12", address6: "2001:db8:1::12" },
      "green-2": { address: "10.1.2.12", address6: "2001:db8:2::12" },
    }),
  },
};

export function rackPlan(config: object = twoRacks, traits: Traits = routerTraits): Plan {
  return makePlan(parseConfig(config, { kinds: rackKinds }), coeModels, traits);
}
