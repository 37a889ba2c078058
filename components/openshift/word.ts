import { messageOf } from "../../util/errors";
import { familyOf } from "../../util/net";
import type { Answer, IpamBlock, ObjectFault } from "../ask/types";
import { nodeObject } from "../cluster/nodes";
import { list } from "../cluster/objects";
import type { MakeWord } from "../cluster/verify";
import { difference, frrObjectFaults } from "../speakers/frr-k8s/inspect/faults";
import type { FRRConfiguration, FrrNeighbor } from "../speakers/frr-k8s/types";
import { frrWord, runningOn } from "../speakers/frr-k8s/word";
import { openshiftFindings } from "./inspect/findings";
import { readOpenshift } from "./inspect/read";
import type { OpenshiftState } from "./inspect/state";
import { subnetsIn } from "./nodes";
import { routeAdvertisements, templatesOf } from "./objects";

/** What an OpenShift cluster says of itself. */
export const openshiftWord: MakeWord = (coe, kubectl, run, beside) => {
  const asked = `${coe.name}: kubectl get networks.operator,routeadvertisements,frrconfigurations,...`;
  return {
    ...frrWord(templatesOf)(coe, kubectl, run, beside),

    async blocks(): Promise<Answer<readonly IpamBlock[]>> {
      const asked = `${coe.name}: kubectl get nodes`;
      try {
        const nodes = (await list(run, ["nodes"])).map((one) => nodeObject.parse(one));
        const value = nodes.flatMap(({ metadata }) =>
          subnetsIn(metadata.annotations).map((cidr) => ({
            cidr,
            owners: [coe.nodes[metadata.name]?.id ?? metadata.name],
            addresses: [],
          })),
        );
        return { ok: true, asked, value };
      } catch (thrown) {
        return { ok: false, asked, error: messageOf(thrown), unasked: true };
      }
    },

    async objects(plan) {
      try {
        const seen = await readOpenshift(run);
        const objects = templatesOf(plan, coe.name);
        const findings = openshiftFindings(coe, objects, seen);
        const value = [
          ...frrObjectFaults(coe, objects, seen.frr, findings),
          ...advertisementsFaults(seen),
          ...(await runningOn(coe, merged(objects, seen), beside)),
        ];
        return { ok: true, asked, value };
      } catch (thrown) {
        return { ok: false, asked, error: messageOf(thrown), unasked: true };
      }
    },
  };
};

/** The templates with what OVN-Kubernetes itself adds to what nodes accept; FRR-K8s merges both. */
function merged(
  objects: readonly FRRConfiguration[],
  { receives = [] }: OpenshiftState,
): readonly FRRConfiguration[] {
  const more = (address: string) =>
    receives.filter(({ prefix }) => familyOf(prefix) === familyOf(address));
  const accepting = (neighbor: FrrNeighbor): FrrNeighbor => {
    const { mode, prefixes } = neighbor.toReceive.allowed;
    const all = [...prefixes, ...more(neighbor.address)];
    return { ...neighbor, toReceive: { allowed: { mode, prefixes: all } } };
  };
  return objects.map((object) => {
    const routers = object.spec.bgp.routers.map((router) => ({
      ...router,
      neighbors: router.neighbors.map(accepting),
    }));
    return { ...object, spec: { ...object.spec, bgp: { ...object.spec.bgp, routers } } };
  });
}

const putBack = "run: pulumi up --refresh";

/** The operator's switches, and what OVN-Kubernetes says of the plan's RouteAdvertisements. */
function advertisementsFaults({ enabled, advertisements }: OpenshiftState): ObjectFault[] {
  const object = "RouteAdvertisements/seamless";
  const effect = "no node announces its pods";
  const switches: ObjectFault[] = enabled
    ? []
    : [
        {
          ...{
            group: "bgp",
            object: "Network/cluster",
            found: "no FRR, or no route advertisements",
          },
          ...{ expected: "both on", effect, remedy: putBack },
        },
      ];
  if (advertisements === undefined)
    return [
      ...switches,
      {
        group: "bgp",
        object,
        found: "not there",
        expected: "as the plan has it",
        effect,
        remedy: putBack,
      },
    ];
  const { spec, status } = advertisements;
  const where = difference(spec, routeAdvertisements().spec, "spec");
  return [
    ...switches,
    ...(where === undefined
      ? []
      : [
          {
            ...{ group: "bgp" as const, object, found: `${where.path} is ${where.found}` },
            ...{ expected: where.expected, effect: "other ranges are announced", remedy: putBack },
          },
        ]),
    ...(status === "Accepted"
      ? []
      : [
          {
            ...{ group: "bgp" as const, object, found: status || "no status yet" },
            ...{ expected: "Accepted", effect },
            remedy:
              "look at the FRRConfigurations in openshift-frr-k8s, and at OVN-Kubernetes' log",
          },
        ]),
  ];
}
