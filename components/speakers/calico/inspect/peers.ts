import { ownFilters } from "../filters";
import { nearest, peerIP, peerName } from "../peers";
import type { CalicoPlan, CalicoReflector } from "../types";
import type { Finding } from "./finding";
import type { DatastoreState, PeerState } from "./state";

/** Peers that are there: beside those of the plan, or in their place. */
export function peerFindings(
  plan: CalicoPlan,
  { peers }: Pick<DatastoreState, "peers">,
): Finding[] {
  return peers.flatMap((peer) => {
    const there = Object.entries(plan.reflectors).filter(
      ([, { address }]) => address === peer.peer,
    );
    const reflector = there.find(([, one]) => peerName(one) === peer.name) ?? there[0];
    if (reflector === undefined) return [beside(peer)];
    return atReflector(peer, ...reflector);
  });
}

function beside(peer: PeerState): Finding {
  return {
    id: `peer/${peer.name}`,
    level: "notes",
    found: `${described(peer)}, which is not in the plan`,
    effect: "it stays: every node takes its routes, too",
  };
}

/** A session with an address that the plan has a peer for. */
function atReflector(peer: PeerState, reflector: string, planned: CalicoReflector): Finding[] {
  const name = peerName(planned);
  const id = `peer/${peer.name}`;
  const { port, filters, ttlSecurity, ...others } = peer.others;
  // The plan's own filters and TTL security may come and go.
  const guards =
    (!Array.isArray(filters) || filters.every((one) => ownFilters.includes(one))) &&
    (ttlSecurity === undefined || ttlSecurity === nearest);
  const sameSession = peer.asn === planned.asn && port === planned.port && guards;
  const equal = sameSession && Object.keys(others).length === 0;
  if (peer.name !== name)
    return [
      {
        id,
        level: "blocks",
        found: `${described(peer)}, which is reflector ${reflector}; the plan's peer is ${name}`,
        effect: "there would be two peers of one address",
        advice: equal
          ? `apply the same peer under the name ${name}, which is adopted, and remove this one`
          : `remove it right before \`pulumi up\`, which makes ${name}`,
      },
    ];
  if (peer.ours === true) return [];
  if (!equal)
    return [
      {
        id,
        level: "blocks",
        found: `${described(peer)}; the plan says ${planned.port === undefined ? "" : `${peerIP(planned)} in `}AS ${planned.asn}, on every node, and nothing else`,
        effect: `its sessions with reflector ${reflector} are not those of the plan`,
        advice: "make it as the plan has it, or remove it right before `pulumi up`",
      },
    ];
  // Where nobody keeps who has made an object, this is what joining leaves behind.
  if (peer.ours === undefined) return [];
  return [
    {
      id,
      level: "notes",
      found: `${described(peer)}, as the plan has it, and there before`,
      effect: "the stack takes it over: it goes when the stack is destroyed",
    },
  ];
}

/** `10.0.0.1 in AS 64512 (node worker-1, filters ["a"])`. */
function described({ peer, asn, others }: PeerState): string {
  const fields = Object.entries(others).map(([field, value]) =>
    // What a password is found by is nobody's business here.
    field === "password"
      ? "password"
      : `${field} ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return [
    peer,
    ...(asn === undefined ? [] : [`in AS ${asn}`]),
    ...(fields.length === 0 ? [] : [`(${fields.join(", ")})`]),
  ].join(" ");
}
