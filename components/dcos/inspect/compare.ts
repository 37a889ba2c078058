import type { CoePlan } from "../../../plan/types";
import { isPrefix, overlap, parsePrefix, prefix } from "../../../util/net";
import { podRanges } from "../../../util/ranges";
import { bgpFindings } from "../../speakers/calico/inspect/bgp";
import { type Finding, inOrderOfWeight } from "../../speakers/calico/inspect/finding";
import { leavingPool } from "../../speakers/calico/inspect/leaving";
import { networkFindings, nodeFindings } from "../../speakers/calico/inspect/nodes";
import { peerFindings } from "../../speakers/calico/inspect/peers";
import { otherPolicyFindings, policyFindings } from "../../speakers/calico/inspect/policies";
import { poolFindings } from "../../speakers/calico/inspect/pools";
import type { PoolState } from "../../speakers/calico/inspect/state";
import { nameOfAddress } from "../../speakers/calico/names";
import { admission } from "../../speakers/calico/policy";
import type { CalicoPlan } from "../../speakers/calico/types";
import { openBalancer } from "../model/services";
import { type CalicoDatastore, calicoUnit, type DcosState } from "./state";

/** Everything in which a cluster differs from the plan, what stops the plan first. */
export function compareDcos(coe: CoePlan, plan: CalicoPlan, seen: DcosState): Finding[] {
  const { datastore } = seen;
  return inOrderOfWeight([
    ...versionFindings(seen),
    ...ownCalicoFindings(coe, seen),
    ...balancerFindings(coe, seen),
    ...accessFindings(seen),
    ...("pools" in datastore
      ? datastoreFindings(coe, plan, datastore)
      : silentFindings(coe, plan, seen, datastore.unreachable)),
  ]);
}

/** Whether DC/OS brings its own Calico: its units are there even where it is switched off. */
function bringsCalico({ units }: DcosState): boolean {
  return units.some(({ id }) => id === calicoUnit("felix"));
}

/** marathon-lb starts and is healthy without a login, but Admin Router tells it of no apps. */
function balancerFindings(coe: CoePlan, { asksForToken }: DcosState): Finding[] {
  const url = openBalancer(coe);
  if (url === undefined || asksForToken !== true) return [];
  return [
    {
      id: "package/marathon-lb",
      level: "blocks",
      found: `Admin Router asks for a token, and marathon-lb has no login to read ${url} with`,
      effect: "HAProxy would run, be healthy, and serve no app",
      advice: `set coes.${coe.name}.packages.marathon-lb.options.marathon-lb.secret_name to a secret with a service account (Enterprise DC/OS), or leave out packages.marathon-user`,
    },
  ];
}

/** Who reaches an etcd that asks for nothing can write there what he likes. */
function accessFindings({ openDatastore }: DcosState): Finding[] {
  if (openDatastore === undefined) return [];
  return [
    {
      id: "datastore/access",
      level: "notes",
      found: `${openDatastore.join(", ")} without TLS; no policy of the plan keeps containers away from it`,
      effect: "a container that reaches it can change every pool, peer and policy of Calico",
      advice:
        "close its port to containers by a policy or a firewall, or let it ask for clients' certificates (https://)",
    },
  ];
}

/** DC/OS 1.x and 2.x; what is built by hand has other versions. */
function versionFindings({ version, units }: DcosState): Finding[] {
  if (/^\d+\.\d+/.test(version)) return [];
  return [
    {
      id: "version",
      level: "notes",
      found: `${JSON.stringify(version)}, which is no version of DC/OS such as 2.2.1`,
      effect: `whether it brings its own Calico, as 2.1 and later do, is judged by its units alone: ${units.length === 0 ? "it does not" : "it does"}`,
    },
  ];
}

const reinstall =
  "set calico_vxlan_enabled: false in DC/OS's config.yaml and upgrade, or install DC/OS anew, with it";

/** DC/OS's own Calico (2.1 and later): by default it has VXLAN and no BIRD ("Calico" in DC/OS's documentation). */
function ownCalicoFindings(coe: CoePlan, seen: DcosState): Finding[] {
  if (!bringsCalico(seen)) return [];
  const { units, datastore, version } = seen;
  const findings: Finding[] = [];
  if (!units.some(({ id }) => id === calicoUnit("bird")))
    findings.push({
      id: "calico/backend",
      level: "blocks",
      found: `DC/OS ${version} has its own Calico without BIRD: dcos-calico-felix is there, dcos-calico-bird is not`,
      effect: "no node would have a session with the reflector",
      advice: reinstall,
    });
  else if ("pools" in datastore) findings.push(...vxlanFindings(version, datastore));
  for (const { id, health } of units) {
    if (health !== 0)
      findings.push({
        id: `unit/${id}`,
        level: "notes",
        found: "not healthy on every node",
        effect: "nodes where it does not run have no session, or no routes",
        advice: `look at it there: journalctl -u ${id}`,
      });
  }
  if (coe.calicoApi === "v1")
    findings.push({
      id: "calico/api",
      level: "notes",
      found: `calicoApi v1, and DC/OS ${version}, whose own Calico reads v3 objects`,
      effect: "unless it is switched off (calico_enabled: false), it never sees what is applied",
      advice: `leave coes.${coe.name}.calicoApi out`,
    });
  return [...findings, ...masterFindings(coe, seen), networkFinding(coe)];
}

/** The unit of BIRD is there in either case, but it is not started with VXLAN; the pool tells which was installed. */
function vxlanFindings(version: string, { pools }: CalicoDatastore): Finding[] {
  return pools
    .filter(({ vxlanMode, disabled }) => vxlanMode !== "Never" && !disabled)
    .map(({ name, vxlanMode }) => ({
      id: "calico/backend",
      level: "blocks",
      found: `pool ${name} has vxlanMode ${vxlanMode}, with which DC/OS ${version} runs its own Calico without BIRD`,
      effect: "no node would have a session with the reflector",
      advice: `${reinstall}; if the pool is then still as it is, set its vxlanMode to Never with calicoctl`,
    }));
}

/** Masters that the datastore does not know yet; the others are looked at with all nodes. */
function masterFindings({ name, nodes }: CoePlan, { datastore }: DcosState): Finding[] {
  const known = "pools" in datastore && datastore.pools.length > 0 ? datastore.nodes : [];
  const silent = Object.values(nodes).filter(
    ({ role, speaker, address }) =>
      role === "master" && !speaker && !known.some((node) => node.address === address),
  );
  return silent.map((node) => ({
    id: `node/${node.name}`,
    level: "notes",
    found: "DC/OS's own Calico runs on masters, too; the plan has no session with this one",
    effect: "the reflector refuses it, so that this master has no routes to containers of others",
    advice: `say speaker: true in coes.${name}.nodes.${node.name}`,
  }));
}

function networkFinding({ name }: CoePlan): Finding {
  return {
    id: "network",
    level: "notes",
    found:
      "DC/OS's own Calico has the container network calico; apps of the plan are on calico-open",
    effect: "they are not started on agents that do not know that network",
    advice: `put what \`seamless render cni --coe ${name}\` prints onto the agents`,
  };
}

function datastoreFindings(coe: CoePlan, plan: CalicoPlan, datastore: CalicoDatastore): Finding[] {
  const { pools } = datastore;
  // Without a pool there are no containers, whose traffic could change.
  if (pools.length === 0) return peerFindings(plan, datastore);
  const meshEffect =
    "sessions between nodes end when the peers are there; a node without routes from the reflector by then reaches only its own containers until it has them";
  return [
    ...pools.flatMap((pool) =>
      isEarlier(coe, pool)
        ? [leavingPool(coe, datastore, pool) ?? earlierPool(coe, pool)]
        : poolFindings(coe, plan, datastore, pool),
    ),
    ...bgpFindings(plan, datastore, meshEffect),
    ...peerFindings(plan, datastore),
    // Agents are known there once Calico runs on one.
    ...(datastore.nodes.length === 0 ? [] : nodeFindings(coe, plan, planNames(coe, datastore))),
    ...networkFindings(coe, plan, datastore),
    ...policyFindings(coe, datastore),
    // Documents of v1 name no selector, which is all().
    ...otherPolicyFindings(
      datastore,
      coe.calicoApi === "v1" ? "all()" : admission(plan.policy).policy.spec.selector,
    ),
  ];
}

/** With the names of the plan where the addresses are the same: Calico has names of its own for agents. */
export function planNames({ nodes }: CoePlan, datastore: CalicoDatastore): CalicoDatastore {
  const names = new Map(Object.values(nodes).map(({ address, name }) => [address, name]));
  return {
    ...datastore,
    nodes: datastore.nodes.map((node) => ({ ...node, name: names.get(node.address) ?? node.name })),
  };
}

/** Whether it has the name that a plan gives a pool, but another range than this plan's, which it overlaps. */
function isEarlier(coe: CoePlan, { name, cidr: range }: PoolState): boolean {
  const own = podRanges(coe);
  if (!isPrefix(parsePrefix(range)) || own.includes(range) || name !== nameOfAddress(range))
    return false;
  return own.some((one) => overlap(prefix(range), prefix(one)));
}

function earlierPool(coe: CoePlan, { name, cidr: range }: PoolState): Finding {
  return {
    id: `pool/${name}`,
    level: "changes",
    found: `${range}, named as a plan names pools; the plan says ${podRanges(coe).join(", ")}`,
    effect: "it is removed if this stack made it; none of its addresses is known to be in use",
  };
}

/** DC/OS's default of calico_network_cidr. */
const ownRange = "172.29.0.0/16";

/** A datastore that is still to be installed has nothing to say. */
function silentFindings(
  coe: CoePlan,
  plan: CalicoPlan,
  seen: DcosState,
  unreachable: string,
): Finding[] {
  const own = bringsCalico(seen);
  if (!own && coe.packages?.includes("etcd") === true) return [];
  const ranges = [...podRanges(coe), ...Object.values(plan.foreign).flat()];
  const close = own ? ranges.filter((range) => overlap(prefix(range), prefix(ownRange))) : [];
  return [
    {
      id: "datastore",
      level: "notes",
      found: unreachable,
      effect: own
        ? "whether DC/OS's own Calico runs BIRD could not be seen, nor its pools, AS and peers"
        : "Calico's pools, AS and peers could not be seen",
      advice: `check coes.${coe.name}.access.etcd${own ? ", which for DC/OS's own Calico is port 2379 of the masters" : ""}`,
    },
    ...close.map(
      (range): Finding => ({
        id: "calico/range",
        level: "blocks",
        found: `${range} of the plan overlaps ${ownRange}, from which DC/OS's own Calico assigns unless calico_network_cidr says otherwise`,
        effect: "an address would be a container of one here and of another there",
        advice: `plan other ranges, or make the datastore reachable, so that its pool can be seen`,
      }),
    ),
  ];
}
