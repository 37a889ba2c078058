import type { Plan, SessionPlan } from "../types";
import { isAdopted, names } from "./ranges";
import { liveSessions } from "./sessions";
import type {
  AcceptanceChange,
  Loss,
  OutgoingChange,
  PlanChange,
  RangeChange,
  ReachChange,
  SessionReset,
} from "./types";

type Seen = Pick<
  PlanChange,
  "acceptances" | "outgoing" | "ranges" | "reach" | "reflectors" | "sessions"
>;

/** Which packets are lost by the change, as far as the plans say. */
export function lossesOf(before: Plan, after: Plan, seen: Seen): Loss[] {
  return [
    ...seen.reach.filter(({ change }) => change === "lost").map((one) => unreached(after, one)),
    ...names(before, after).flatMap((coe) => [
      ...takenOut(before, after, coe),
      ...nodesLost(before, after, coe),
      ...withoutRoutes(before, after, coe, seen),
    ]),
    ...seen.outgoing.flatMap(withoutNat),
    ...seen.ranges.flatMap((one) => withdrawn(before, after, one)),
    ...replaced(before, after, seen),
  ];
}

function unreached(after: Plan, { from, to, after: left, why }: ReachChange): Loss {
  const part = left === "some" ? "only in part" : "no longer";
  const what =
    from === to
      ? `containers on different nodes of ${from} reach each other ${part}`
      : `containers of ${from} reach those of ${to} ${part}`;
  return { what, why, ...wordFor(after, from, to) };
}

/** The field of the configuration that asks for it; none where it follows from something else. */
function wordFor(after: Plan, from: string, to: string): Pick<Loss, "allowedBy"> {
  for (const name of [to, from]) {
    const coe = after.coes[name];
    if (coe === undefined) return { allowedBy: `coes without ${name}` };
    if (!coe.deployed) return { allowedBy: `coes.${name}.deploy: false` };
  }
  const { mode, from: admitted } = after.coes[to]?.policy ?? { mode: "open", from: [] };
  if (mode === "open" || from === to || admitted.includes(from)) return {};
  return mode === "closed"
    ? { allowedBy: `coes.${to}.policy: closed` }
    : { allowedBy: `coes.${to}.allowFrom: [${admitted.join(", ")}]` };
}

/** A COE whose entry goes at once: what it has is removed last of all, after its sessions. */
function takenOut(before: Plan, after: Plan, coe: string): Loss[] {
  if (before.coes[coe]?.deployed !== true || after.coes[coe] !== undefined) return [];
  return [
    {
      what: `containers on different nodes of ${coe} do not reach each other until its own mesh is back`,
      why: `${coe} is removed in one update; with coes.${coe}.deploy: false in an update before, its mesh comes back first`,
      allowedBy: `coes without ${coe}`,
    },
  ];
}

/** Nodes that are taken out of a COE that stays. */
function nodesLost(before: Plan, after: Plan, coe: string): Loss[] {
  const [was, is] = [before.coes[coe], after.coes[coe]];
  if (was?.deployed !== true || is?.deployed !== true) return [];
  const lost = Object.values(was.nodes).filter(
    ({ name, speaker }) => speaker && is.nodes[name]?.speaker !== true,
  );
  return lost.map(({ id, name }) => ({
    what: `containers on ${id} are not reached any more`,
    why: is.nodes[name] === undefined ? `${id} is removed` : `${id} speaks BGP no longer`,
    allowedBy:
      is.nodes[name] === undefined
        ? `coes.${coe}.nodes without ${name}`
        : `coes.${coe}.nodes.${name}.speaker: false`,
  }));
}

/** Nodes of which every session goes down, so that they have no routes until one is back. */
function withoutRoutes(before: Plan, after: Plan, coe: string, seen: Seen): Loss[] {
  const [old, next] = [liveSessions(before), liveSessions(after)];
  const down = new Map(seen.sessions.reset.map((one) => [one.session, one]));
  const hit = Object.values(after.coes[coe]?.nodes ?? {}).flatMap(({ id }) => {
    const own = Object.keys(next).filter((name) => hasEnd(next[name], id));
    const both = own.filter((name) => old[name] !== undefined);
    // A session that stays, or one more that is there before the others go, has the node keep its routes.
    if (both.length === 0 || own.some((name) => survives(old[name] !== undefined, down.get(name))))
      return [];
    const turns = own.filter((name) => down.get(name)?.inTurn === true);
    if (new Set(turns.map((name) => next[name]?.a.id)).size > 1) return [];
    return [id];
  });
  const [first] = hit;
  if (first === undefined) return [];
  const [who, have, are] =
    hit.length === 1 ? [first, "has", "is"] : [`${hit.length} nodes of ${coe}`, "have", "are"];
  const sessions = Object.values(next).filter((session) => hasEnd(session, first)).length;
  return [
    {
      what: `${who} ${have} no routes, and ${are} not reached, until a session is back`,
      why: whyDown(hit.length === 1, sessions === 1),
      ...insteadOf(before, after, coe),
    },
  ];
}

/** How nodes and reflectors get another AS, or another port or cluster-id, or wait to be connected to, without a node that has no routes. */
function insteadOf(before: Plan, after: Plan, coe: string): Pick<Loss, "instead"> {
  const nodes = Object.values(after.coes[coe]?.nodes ?? {});
  const moved = nodes.filter(
    ({ name, asn }) => (before.coes[coe]?.nodes[name]?.asn ?? asn) !== asn,
  );
  const [first] = moved;
  if (first !== undefined && moved.length === 1)
    return { instead: `drain ${first.id} before the update` };
  if (first !== undefined)
    return {
      instead: `drain one node at a time, give it the AS by coes.${coe}.nodes.<node>.asn, and run pulumi up; give it to the COE when all nodes have it`,
    };
  const changed = Object.values(after.reflectors).filter((is) => {
    const was = before.reflectors[is.name];
    return was !== undefined && (was.asn !== is.asn || was.port !== is.port);
  });
  const resetting = Object.values(after.reflectors).some((is) => {
    const was = before.reflectors[is.name];
    return was !== undefined && (was.clusterId !== is.clusterId || was.passive !== is.passive);
  });
  if (changed.length > 1) return { instead: "change one reflector in each update" };
  return changed.length + Number(resetting) > 0
    ? { instead: "have a second reflector first, in an update of its own" }
    : {};
}

function hasEnd(session: SessionPlan | undefined, id: string): boolean {
  return session?.a.id === id || session?.b.id === id;
}

function whyDown(oneNode: boolean, oneSession: boolean): string {
  if (oneNode) return oneSession ? "its only session is reset" : "each of its sessions is reset";
  return oneSession ? "their only sessions are reset" : "all their sessions are reset";
}

/** Whether a node has its routes by a session all the time, as far as it has them by that one before. */
function survives(wasThere: boolean, down: SessionReset | undefined): boolean {
  return !wasThere || down === undefined || down.keepsRoutes;
}

function withoutNat({ coe, nat }: OutgoingChange): Loss[] {
  if (nat) return [];
  return [
    {
      what: `containers of ${coe} reach networks outside the plan only where these have a route back`,
      why: "packets keep the container's own address",
      allowedBy: `coes.${coe}.natOutgoing: false`,
    },
  ];
}

/** Ranges that are in use, as nobody looks whether they are. */
function withdrawn(before: Plan, after: Plan, { coe, range, use, change }: RangeChange): Loss[] {
  const [was, is] = [before.coes[coe], after.coes[coe]];
  if (change !== "withdrawn" || was === undefined || is?.deployed !== true) return [];
  if (use !== "containers")
    return [
      {
        what: `services of ${coe} are not reached any more by addresses of ${range}`,
        why: `${use} are announced no longer`,
        allowedBy: `coes.${coe} without ${range}`,
      },
    ];
  return isAdopted(was, range)
    ? [
        {
          what: `containers of ${coe} with addresses of ${range} are not reached by other COEs any more`,
          why: "the pool was there before the stack, and nobody looks whether it is in use",
          allowedBy: `coes.${coe}.podCidr without ${range}`,
        },
      ]
    : [];
}

/** A daemon of another kind keeps nothing of what the one before it accepted. */
function replaced(before: Plan, after: Plan, { acceptances, reflectors }: Seen): Loss[] {
  const stays = ({ coe }: AcceptanceChange) =>
    before.coes[coe]?.deployed === true && after.coes[coe]?.deployed === true;
  const given = acceptances.filter((one) => one.narrowed.length > 0 && stays(one));
  const cidrs = given.flatMap(({ narrowed }) => narrowed.map((one) => one.cidr));
  return reflectors.flatMap(({ reflector, change }) =>
    change !== "replaced" || cidrs.length === 0
      ? []
      : [
          {
            what: `blocks of ${[...new Set(cidrs)].join(", ")} are refused before COEs have moved`,
            why: `${reflector} is replaced by another kind, which keeps nothing of what it accepted; change its kind in an update of its own`,
          },
        ],
  );
}
