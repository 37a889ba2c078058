import { isDeepStrictEqual } from "node:util";
import { endsAt, isReflector } from "../../../plan/sessions";
import type { NodePlan, Plan } from "../../../plan/types";
import { familyOf, withPort } from "../../../util/net";
import { acceptedFilter, ownRoutesFilter } from "./filters";
import { nameOfAddress, passwordSecret, passwordSecretFor } from "./names";
import type { BGPPeer, CalicoReflector } from "./types";

/**
 * The far ends of the nodes' sessions: one by reflector or node of another COE, and one by far end and node where the nodes'
 * sessions with it differ, or some nodes have none with a reflector; with `.ipv6` behind the name of the far end for a session
 * of IPv6.
 */
export function reflectorsOf(
  plan: Plan,
  speakers: readonly NodePlan[],
): Readonly<Record<string, CalicoReflector>> {
  const all = speakers.flatMap((node) =>
    endsAt(plan.sessions, node.id).flatMap(({ session, own, far }) => {
      if (session.ownMesh === true) return [];
      const { id, address, asn, port } = far;
      const { password, ttlSecurity } = session;
      const reflector: CalicoReflector = {
        address,
        asn,
        ...(port === undefined ? {} : { port }),
        ...(password === undefined ? {} : { password, ...ownSecret(plan, id) }),
        ...(own.ownRoutesOnly === undefined ? {} : { ownRoutesOnly: own.ownRoutesOnly }),
        ...(ttlSecurity === undefined ? {} : { ttlSecurity }),
        ...(plan.nodeAcceptance === undefined ? {} : { filtered: true }),
      };
      const far6 = familyOf(address) === 6;
      return [{ id: far6 ? `${id}.ipv6` : id, far: id, node: node.name, reflector }];
    }),
  );
  const first = new Map<string, CalicoReflector>();
  const counts = new Map<string, number>();
  const differing = new Set<string>();
  for (const { id, reflector } of all) {
    const one = first.get(id) ?? reflector;
    first.set(id, one);
    counts.set(id, (counts.get(id) ?? 0) + 1);
    if (!isDeepStrictEqual(one, reflector)) differing.add(id);
  }
  // The router of a rack has sessions with the rack's nodes alone.
  for (const { id, far } of all)
    if ((counts.get(id) ?? 0) < speakers.length && isReflector(plan, far)) differing.add(id);
  const entries = all.map(({ id, node, reflector }): [string, CalicoReflector] =>
    differing.has(id) ? [`${id}/${node}`, { ...reflector, node }] : [id, reflector],
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Where there are several reflectors, each has a Secret: its sessions get another password before those of the next. */
function ownSecret({ reflectors }: Plan, reflector: string): Pick<CalicoReflector, "secret"> {
  return Object.keys(reflectors).length > 1 ? { secret: passwordSecretFor(reflector) } : {};
}

/** A global peer: no `node` and no `nodeSelector`, hence a session from every node; or one of a node alone. */
export function bgpPeer(reflector: CalicoReflector): BGPPeer {
  const { asn, node, password, secret = passwordSecret, ttlSecurity } = reflector;
  const filters = filtersOf(reflector);
  return {
    apiVersion: "projectcalico.org/v3",
    kind: "BGPPeer",
    metadata: { name: peerName(reflector) },
    spec: {
      asNumber: asn,
      ...(filters.length === 0 ? {} : { filters }),
      ...(node === undefined ? {} : { node }),
      ...(password === undefined
        ? {}
        : { password: { secretKeyRef: { name: secret, key: password } } }),
      peerIP: peerIP(reflector),
      ...(ttlSecurity === undefined ? {} : { ttlSecurity: nearest }),
    },
  };
}

/** Names of the filters of a peer. */
export function filtersOf({ filtered, ownRoutesOnly }: CalicoReflector): readonly string[] {
  return [
    ...(filtered === undefined ? [] : [acceptedFilter]),
    ...(ownRoutesOnly === undefined ? [] : [ownRoutesFilter]),
  ];
}

/** Hops to a peer on the same segment: Calico then takes packets with a TTL of 255 alone. */
export const nearest = 1;

/** After its address, and the node where it is for one. */
export function peerName({ address, node }: CalicoReflector): string {
  return [nameOfAddress(address), ...(node === undefined ? [] : [node])].join(".");
}

/** How Calico names a peer: by its address, and its port where it is not 179. */
export function peerIP({ address, port }: CalicoReflector): string {
  return port === undefined ? address : withPort(address, port);
}
