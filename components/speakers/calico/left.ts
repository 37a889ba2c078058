import { isDeepStrictEqual } from "node:util";
import type { CoePlan } from "../../../plan/types";
import { podRanges } from "../../../util/ranges";
import type { LeftBehind, ObjectFault, ObjectGroup } from "../../ask/types";
import { bgpDefaults, type DatastoreState, type Fields, type PoolState } from "./inspect/state";
import { calicoObjects } from "./objects";
import { peerName } from "./peers";
import { ipPools, isAdopted } from "./pools";
import type { CalicoObject, CalicoPlan } from "./types";

/** What there was before the COE joined: fields as they were stored, absent or null where they were not set. */
export interface CalicoPast {
  /** Of adopted pools, by name. */
  readonly pools: Readonly<Record<string, Fields>>;
  /** Of the BGPConfiguration `default`; absent where there was none. */
  readonly bgp?: Fields;
  /** All other objects of the plan's names, as `kind/name`, which are given back. Absent: there were none. */
  readonly others?: readonly string[];
}

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** What was read of a COE that has left. */
export interface LeftState {
  readonly coe: CoePlan;
  readonly plan: CalicoPlan;
  readonly state: Pick<DatastoreState, "pools" | "peers" | "taken" | "bgp">;
  /** Absent where nobody kept it. */
  readonly past?: CalicoPast | undefined;
  /** An object of the plan by the datastore's own name. Default: as it is. */
  readonly stored?: (object: CalicoObject) => Named;
}

/** What was there before the stack, and is compared. */
function comparedWith(past: CalicoPast | undefined): string[] {
  return [
    ...Object.keys(past?.pools ?? {}).map((name) => `IPPool/${name}`),
    ...(past === undefined ? [] : ["BGPConfiguration/default"]),
  ];
}

/** What a stack that is gone has left in the Calico of a COE, and what it has not given back as it found it. */
export function leftBehind(left: LeftState): LeftBehind {
  return {
    faults: [...remaining(left), ...adopted(left), ...configuration(left)],
    compared: comparedWith(left.past),
  };
}

/** Objects of the names that the plan gives its own. */
function remaining({
  coe,
  plan,
  state,
  past,
  stored = (object) => object,
}: LeftState): ObjectFault[] {
  const { pools, ranges, admission, datastore } = calicoObjects(plan);
  const made = [
    ...podRanges(coe).flatMap((range) => (isAdopted(plan, range) ? [] : (pools[range] ?? []))),
    ...Object.values(ranges),
  ].map(({ metadata }) => metadata.name);
  const named = [
    ...Object.values(admission.sets),
    ...(admission.tier === undefined ? [] : [admission.tier]),
    admission.policy,
    ...(datastore === undefined ? [] : [datastore]),
  ]
    .map(stored)
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  const reflectors = Object.values(plan.reflectors);
  return [
    ...state.pools
      .filter(({ name }) => made.includes(name))
      .map(({ name, cidr }) =>
        still(
          "pools",
          `IPPool/${name}`,
          cidr,
          "its blocks are announced, or no other pool may overlap it",
        ),
      ),
    ...state.peers
      .filter(({ name, peer }) =>
        reflectors.some((one) => peerName(one) === name || one.address === peer),
      )
      .map(({ name, peer }) =>
        still(
          "peers",
          `BGPPeer/${name}`,
          `peer ${peer}`,
          "nodes ask for sessions with it for ever",
        ),
      ),
    ...state.taken
      .map(({ kind, name }) => `${kind}/${name}`)
      .filter((object) => named.includes(object) && past?.others?.includes(object) !== true)
      .map((object) => still("policies", object, object, "it decides who is let in")),
  ];
}

function still(group: ObjectGroup, object: string, found: string, effect: string): ObjectFault {
  return {
    ...{ group, object, found: `${found} is still there`, expected: "gone", effect },
    remedy: `remove ${object}, unless somebody else has made it since`,
  };
}

/** Calico's defaults of what is written into an adopted pool. */
const poolDefaults = {
  disabled: false,
  ipipMode: "Never",
  natOutgoing: false,
  vxlanMode: "Never",
} as const satisfies Partial<PoolState>;

/** Pools that were there before: they are there now, with the fields that they had. */
function adopted({ coe, plan, state, past }: LeftState): ObjectFault[] {
  const names = podRanges(coe)
    .filter((range) => isAdopted(plan, range))
    .flatMap((range) => ipPools(plan)[range]?.metadata.name ?? []);
  return names.flatMap((name): ObjectFault[] => {
    const pool = state.pools.find((one) => one.name === name);
    const object = `IPPool/${name}`;
    if (pool === undefined)
      return [
        {
          ...{
            group: "pools",
            object,
            found: "it is gone",
            expected: "there, as before the stack",
          },
          effect: "containers get no addresses of it, and their routes go with it",
        },
      ];
    const was = past?.pools[name];
    if (was === undefined) return [];
    return Object.entries(poolDefaults).flatMap(([field, usual]) =>
      differs(
        "pools",
        object,
        field,
        Object.entries(pool).find(([key]) => key === field)?.[1],
        was[field] ?? usual,
      ),
    );
  });
}

function configuration({ state, past }: LeftState): ObjectFault[] {
  if (past === undefined) return [];
  const { asNumber, nodeToNodeMeshEnabled } = past.bgp ?? {};
  const object = "BGPConfiguration/default";
  return [
    ...differs("bgp", object, "asNumber", state.bgp.asn, asNumber ?? bgpDefaults.asn),
    ...differs(
      "bgp",
      object,
      "nodeToNodeMeshEnabled",
      state.bgp.mesh,
      nodeToNodeMeshEnabled ?? bgpDefaults.mesh,
    ),
  ];
}

function differs(
  group: ObjectGroup,
  object: string,
  field: string,
  found: unknown,
  was: unknown,
): ObjectFault[] {
  if (isDeepStrictEqual(found, was)) return [];
  return [
    {
      ...{ group, object, found: `${field} ${text(found)}`, expected: `${field} ${text(was)}` },
      effect: "it is not as it was before the stack",
      remedy: `set ${field} of ${object} to ${text(was)}`,
    },
  ];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
