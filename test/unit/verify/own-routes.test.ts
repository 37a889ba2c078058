import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { checksOf } from "../../../verify/checks";
import type { Observation } from "../../../verify/types";
import { healthy } from "./families-fixture";
import { ok, path } from "./fixture";

/* Nodes with a range of their own: some learn the routes to each other by BGP, some have them from their CNI plugin. */
const at = { a: "172.16.18.11", b: "172.16.18.12", x: "172.16.18.21" };
const ranges = { a: "10.128.0.0/23", b: "10.130.0.0/23", x: "10.1.0.0/26" };

function planOf(coe: object) {
  const access = { kubeconfig: "/no" };
  return makePlan(
    parseConfig({
      network: { nodes: "172.16.18.0/24", asn: 64511 },
      reflectors: { rr: { kind: "gobgp", address: "172.16.18.1" } },
      coes: {
        own: {
          ...{ policy: "open", access, podCidr: "10.128.0.0/14" },
          nodes: {
            a: { address: at.a, podCidr: ranges.a },
            b: { address: at.b, podCidr: ranges.b },
          },
          ...coe,
        },
        other: {
          ...{ kind: "kubernetes", policy: "open", access, podCidr: "10.1.0.0/16" },
          nodes: { x: { address: at.x } },
        },
      },
    }),
  );
}

/** Node a has the route to the other COE from its speaker, and none to its own cluster's. */
const seen = (): Observation => ({
  ...healthy,
  containers: { own: ok("own", []), other: ok("other", []) },
  rib: {
    rr: ok("rr", [path(ranges.a, at.a), path(ranges.b, at.b), path(ranges.x, at.x)]),
  },
  routes: {
    "own/a": ok("own/a", [
      {
        ...{ prefix: ranges.x, type: "unicast", device: "eth0", protocol: "bgp" },
        gateways: [at.x],
      },
    ]),
  },
  blocks: {
    own: ok(
      "own",
      (["a", "b"] as const).map((name) => ({
        ...{ cidr: ranges[name], owners: [`own/${name}`], addresses: [] },
      })),
    ),
    other: ok("other", [{ cidr: ranges.x, owners: ["other/x"], addresses: [] }]),
  },
});

function fib(coe: object): string {
  const check = checksOf(planOf(coe)).find(({ id }) => id === "fib/own/a");
  const verdict = check?.judge(seen());
  return `${verdict?.status}: ${verdict?.found}`;
}

test("routes to the own cluster's nodes are expected where these are learned by BGP", () => {
  expect(fib({ kind: "kubernetes", speaker: "frr-k8s" })).toBe(
    `fail: no route to ${ranges.b} (should be via ${at.b})`,
  );
  expect(fib({ kind: "openshift" })).toBe("pass: 1 routes proto bgp, next hops as planned");
});
