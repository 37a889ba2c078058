import { familiesOfCoe } from "../../../plan/one-family";
import type { CoePlan } from "../../../plan/types";
import { familyOf, prefix } from "../../../util/net";
import { blockSizeIn, containedIn, podRanges } from "../../../util/ranges";
import type { Finding } from "../../speakers/calico/inspect/finding";
import { calicoObjects, inOrder } from "../../speakers/calico/objects";
import { ipipModeOf } from "../../speakers/calico/pools";
import type { CalicoPlan } from "../../speakers/calico/types";
import { calicoNamespaceOf } from "../model/namespace";
import { agentAccount } from "../session-passwords";
import { ipv6Findings } from "./ipv6";
import type { CalicoState } from "./state";

/** What Calico's agents are: their backend, what gives pods addresses, the dataplane, the definitions of objects. */
export function agentFindings(coe: CoePlan, plan: CalicoPlan, calico: CalicoState): Finding[] {
  return [
    ...backendFindings(calico),
    ...passwordFindings(coe, plan, calico),
    ...ipamFindings(coe, calico),
    ...ipv6Findings(coe, calico),
    ...dataplaneFindings(calico),
    ...definitionFindings(plan, calico),
    ...operatorFindings(plan, calico),
  ];
}

const enable =
  "set it to bird in the calico-node DaemonSet or in the ConfigMap it reads (bgp: Enabled of the operator's Installation)";

function backendFindings({ backend }: CalicoState): Finding[] {
  const { name, from, against } = backend;
  if (name === "bird")
    return against === undefined
      ? []
      : [
          {
            id: "calico/backend",
            level: "notes",
            found: `bird, by ${from}; but ${against}`,
            effect: "one of them is about to change the other; without BIRD no node has a session",
          },
        ];
  if (name === "unknown")
    return [
      {
        id: "calico/backend",
        level: "blocks",
        found: `not known whether nodes run BIRD: ${from}`,
        effect: "without BIRD no node would have a session, and joining takes the tunnel away",
        advice: enable,
      },
    ];
  return [
    {
      id: "calico/backend",
      level: "blocks",
      found: `the backend is ${name} (${from})${against === undefined ? "" : `; but ${against}`}; the plan needs bird`,
      effect: "no node runs BIRD, so none would have a session",
      advice: enable,
    },
  ];
}

/** calico-node looks for passwords of BGP sessions in its own namespace, and has to be allowed to read them. */
function passwordFindings(coe: CoePlan, plan: CalicoPlan, { agent }: CalicoState): Finding[] {
  if (Object.values(plan.reflectors).every(({ password }) => password === undefined)) return [];
  const planned = calicoNamespaceOf(coe);
  const effect = "it could not read the password of its sessions, and would have none";
  if (agent.namespace !== planned)
    return [
      {
        id: "calico/namespace",
        level: "blocks",
        found: `calico-node runs in ${agent.namespace}; the Secret with passwords is for ${planned}`,
        effect,
        advice: `plan calicoNamespace: ${agent.namespace}`,
      },
    ];
  if (agent.account === agentAccount) return [];
  return [
    {
      id: "calico/account",
      level: "blocks",
      found: `calico-node runs as ${agent.account}; the Role to read passwords is for ${agentAccount}`,
      effect,
      advice: `have its DaemonSet run as ${agentAccount}`,
    },
  ];
}

function ipamFindings(coe: CoePlan, { ipam, nodes, pools }: CalicoState): Finding[] {
  const id = "calico/ipam";
  const move = "move to calico-ipam first (calico-ipam -upgrade)";
  if (ipam.name === "calico-ipam") return [];
  if (ipam.name === "unknown")
    return [
      {
        id,
        level: "notes",
        found: "not known what gives pods their addresses: no CNI configuration was found",
        effect: "the reflector accepts routes to blocks of calico-ipam alone",
      },
    ];
  if (ipam.name !== "host-local")
    return [
      {
        id,
        level: "blocks",
        found: `${ipam.name} gives pods their addresses; the plan needs calico-ipam`,
        effect: "pods have addresses outside the plan, and nodes announce no routes to them",
        advice: "install Calico with its own IPAM",
      },
    ];
  if (!ipam.podCidrs)
    return [
      {
        id,
        level: "blocks",
        found: "host-local gives pods their addresses, and USE_POD_CIDR is not set",
        effect: "nodes announce no routes to their pods",
        advice: move,
      },
    ];
  const odd = nodes.flatMap(({ name, podCidrs }) =>
    podCidrs
      .filter((range) => familiesOfCoe(coe).some((family) => familyOf(range) === family))
      .filter((range) => !fits(coe, range))
      .map((range) => ({ name, range, length: prefix(range).length })),
  );
  if (odd.length === 0) return [];
  const lengths = [...new Set(odd.map(({ length }) => length))];
  const own = podRanges(coe);
  const pool = pools.find((one) => own.includes(one.cidr));
  const [length] = lengths;
  const plannable =
    lengths.length === 1 &&
    (pool === undefined || pool.blockSize === length) &&
    odd.every(({ range }) => containedIn(own, range));
  return [
    {
      id,
      level: "blocks",
      found: `host-local with a range per node: ${odd
        .slice(0, 3)
        .map(({ name, range }) => `${range} on ${name}`)
        .join(", ")}${odd.length > 3 ? `, ${odd.length - 3} more` : ""}`,
      effect: `the reflector accepts blocks of /${coe.blockSize} inside ${own.join(", ")} and refuses these: nodes of the cluster would lose each other`,
      advice: plannable ? `plan blockSize: ${length}` : move,
    },
  ];
}

/** Whether the reflector accepts it. */
function fits(coe: CoePlan, range: string): boolean {
  return containedIn(podRanges(coe), range) && prefix(range).length >= blockSizeIn(coe, range);
}

function dataplaneFindings({ dataplane, clusterRouting }: CalicoState): Finding[] {
  return [
    ...(dataplane === undefined
      ? []
      : [
          {
            id: "calico/dataplane",
            level: dataplane === "VPP" ? ("blocks" as const) : ("notes" as const),
            found: `the dataplane is ${dataplane}`,
            effect:
              dataplane === "VPP"
                ? "it speaks BGP by an agent of its own, which the plan does not know"
                : "routes are BIRD's there, too; `seamless verify` was tried with iptables alone",
          },
        ]),
    ...(clusterRouting !== "Felix"
      ? []
      : [
          {
            id: "calico/clusterRoutingMode",
            level: "blocks" as const,
            found: "clusterRoutingMode Felix in the operator's Installation",
            effect: "BIRD puts no route of a pool without encapsulation into the kernel",
            advice: "set clusterRoutingMode: FelixIPIPOnly, or BIRD",
          },
        ]),
  ];
}

/** Fields without which an object says little else than the plan; the others change what it does. */
const dispensable = ["assignmentMode", "disableBGPExport"];

/** Kinds that are to be made here and that the cluster has no definitions of, and fields that it would drop. */
function definitionFindings(plan: CalicoPlan, { definitions, version }: CalicoState): Finding[] {
  // Profiles are no resources of the Kubernetes API.
  const objects = inOrder(calicoObjects(plan)).filter(({ kind }) => kind !== "Profile");
  const missing = objects.map(({ kind }) => kind).filter((kind) => !(kind in definitions));
  const advice = `apply the definitions that belong to Calico ${version} (crds.yaml of its release)`;
  const findings: Finding[] = [];
  if (missing.length > 0)
    findings.push({
      id: "calico/definitions",
      level: "blocks",
      found: `no definitions of ${[...new Set(missing)].join(", ")} in crd.projectcalico.org`,
      effect: "objects of these kinds cannot be made, and Calico's agents wait for them",
      advice,
    });
  const dropped = new Set(
    objects.flatMap(({ kind, spec }) => {
      const known = definitions[kind];
      if (known === undefined || known === "any") return [];
      return Object.keys(spec)
        .filter((field) => !known.includes(field))
        .map((field) => `${kind}.${field}`);
    }),
  );
  for (const field of [...dropped].sort()) {
    const light = dispensable.some((one) => field.endsWith(`.${one}`));
    findings.push({
      id: `calico/definitions/${field}`,
      level: light ? "notes" : "blocks",
      found: `the cluster's definition has no field ${field}, which the plan sets`,
      effect: light
        ? "the API drops it; this version of Calico does without"
        : "the API drops it, so the object does not say what the plan says",
      ...(light ? {} : { advice }),
    });
  }
  return findings;
}

/** The operator writes pools of its Installation as a whole. */
function operatorFindings(plan: CalicoPlan, { operatorPools, pools }: CalicoState): Finding[] {
  // A pool with the operator's label is looked at with all pools.
  const fine = pools.filter(
    (one) =>
      one.managedBy !== undefined ||
      (one.ipipMode === ipipModeOf(plan, one.cidr) &&
        one.vxlanMode === "Never" &&
        one.natOutgoing === (plan.natOutgoing && familyOf(one.cidr) === 4)),
  );
  return podRanges(plan)
    .filter((range) => operatorPools.includes(range) && !fine.some(({ cidr }) => cidr === range))
    .map((range) => ({
      id: "calico/operator",
      level: "blocks",
      found: `${range} is in calicoNetwork.ipPools of the operator's Installation`,
      effect: "the operator makes this pool as it is written there, and puts back what is changed",
      advice: `set the planned values there (encapsulation: ${plan.ipipMode === undefined ? "None" : "IPIPCrossSubnet"}, natOutgoing), wait until the pool is so, and adopt it by its name`,
    }));
}
