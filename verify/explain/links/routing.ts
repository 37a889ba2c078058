import type { RouterPath } from "../../../components/ask/router";
import type { Path } from "../../../plan/propagation";
import type { NodePlan, Plan, SessionEnd } from "../../../plan/types";
import { contains } from "../../../util/net";
import type { Observation } from "../../types";
import { longest } from "../longest";
import type { Scene } from "../scene";
import { nameOf, type Standing } from "../types";
import type { Trip } from "../way";
import { liveAcceptance, liveNodeAcceptance } from "./acceptance";
import { endLink } from "./planned";
import { liveSession } from "./session";
import { unknownLink } from "./unknown";

/**
 * By whom the source's node has its route, in the order of the packet's way: sessions, RIBs and what they accept. One path
 * that holds is enough; where none does, the first is told.
 */
export function routingLinks({ plan, model, seen }: Scene, trip: Trip): readonly Standing[] {
  const { source, target, prefix } = trip;
  if (source === undefined || target === undefined || prefix === undefined) return [];
  const { paths, ends } = model.between(prefix, target.id, source.id);
  if (paths.length === 0) return ends.slice(0, 1).map((end) => endLink(plan, end));
  const chains = paths.map((path) => chainOf(plan, seen, trip, path, target));
  const whole = chains.find((links) => links.every(({ status }) => status !== "broken"));
  return whole ?? chains[0] ?? [];
}

/** The links of one path, from the node that announces to the one that uses it, then turned round. */
function chainOf(
  plan: Plan,
  seen: Observation,
  trip: Trip,
  path: Path,
  target: NodePlan,
): Standing[] {
  const links: Standing[] = [];
  const before = [`owner of ${trip.to.coe}`];
  const add = (link: Standing) => {
    links.push({ ...link, standsOn: [...before] });
    before.push(nameOf(link));
  };
  let sender = target.id;
  for (const name of path.over) {
    const session = plan.sessions[name];
    if (session === undefined) continue;
    add(liveSession(plan, session, seen));
    const [own, far] = session.a.id === sender ? [session.a, session.b] : [session.b, session.a];
    if (sender === target.id) for (const link of announced(own, far, trip, seen)) add(link);
    const receiver = far.id;
    if (plan.reflectors[receiver] !== undefined) {
      add(liveAcceptance(plan, receiver, sender, trip, seen));
      add(liveRib(plan, receiver, trip, target, seen));
    } else for (const link of liveNodeAcceptance(plan, receiver, sender, trip, seen)) add(link);
    sender = receiver;
  }
  return links.reverse();
}

/** Whether the node at the origin of the route sends it to the far end, by the word of its own speaker. */
function announced(node: SessionEnd, far: SessionEnd, trip: Trip, seen: Observation): Standing[] {
  const answer = seen.speakers[node.id];
  const sessions = answer?.ok ? answer.value.sessions : [];
  const own = sessions.find(({ address }) => address === far.address);
  if (own?.state !== "Established") return [];
  const { prefix = "", to } = trip;
  const link = { layer: "rib", at: node.id } as const;
  const sent = own.exported.find((one) => contains(one, to.address ?? ""));
  if (sent !== undefined) return [{ ...link, says: `sends ${sent} to ${far.id}`, status: "ok" }];
  return [
    {
      ...{ ...link, says: `sends no ${prefix} to ${far.id}`, status: "broken" },
      why: `the BGP speaker of ${node.id} has no such block, or a filter keeps it`,
      remedy: `on ${node.id}: ip route show type blackhole ${prefix}; where it is missing, start the container again`,
    },
  ];
}

/** What a reflector has for the other end. */
function liveRib(
  plan: Plan,
  reflector: string,
  { to, prefix = "" }: Trip,
  target: NodePlan,
  seen: Observation,
): Standing {
  const own = { layer: "rib", at: reflector } as const;
  const answer = seen.rib[reflector];
  if (!answer?.ok) return unknownLink(own, answer);
  const paths = answer.value.filter((path) => contains(path.prefix, to.address ?? ""));
  const most = longest(paths, (path) => path.prefix);
  const same = paths.filter((path) => path.prefix === most?.prefix);
  const best = same.find((path) => path.best) ?? most;
  if (best === undefined)
    return {
      ...{ ...own, says: `no path to ${prefix}`, status: "broken" },
      ...unheld(plan, reflector, to.address ?? "", target, seen),
    };
  const says = `${best.prefix} next hop ${best.nextHop}${fromOf(plan, best)}`;
  const nodes = Object.values(plan.coes).flatMap((coe) => Object.values(coe.nodes));
  const wanted = nodes.filter(({ id }) =>
    to.sort === "service" ? to.nodes.includes(id) : id === target.id,
  );
  if (wanted.some(({ address }) => address === best.nextHop)) return { ...own, says, status: "ok" };
  const owner = nodes.find(({ address }) => address === best.nextHop)?.id ?? "no planned node";
  return {
    ...{ ...own, says, status: "broken" },
    why: `${to.address} is behind ${target.id} (${target.address}), and ${best.nextHop} is ${owner}`,
    remedy: withdrawal(plan, reflector, best),
  };
}

/** Why a reflector has no path, as far as the speaker of the origin tells. */
function unheld(
  plan: Plan,
  reflector: string,
  address: string,
  { id }: NodePlan,
  { speakers }: Observation,
): Pick<Standing, "why" | "remedy"> {
  const answer = speakers[id];
  const hub = plan.reflectors[reflector]?.address;
  const sent = (answer?.ok ? answer.value.sessions : [])
    .filter((session) => session.address === hub)
    .some(({ exported }) => exported.some((one) => contains(one, address)));
  return sent
    ? {
        why: `${id} sends it, and ${reflector} does not hold it`,
        remedy: "pulumi up, which has the reflector read its configuration again",
      }
    : {
        why: `${id} does not announce it, or ${reflector} does not hold it`,
        remedy: `on ${id}: see what its BGP speaker sends to ${reflector}`,
      };
}

function fromOf(plan: Plan, { peer }: RouterPath): string {
  const node = nodeWith(plan, peer);
  return node === undefined ? ", from nobody of the plan" : `, from ${node.id}`;
}

function nodeWith(plan: Plan, address: string): NodePlan | undefined {
  return Object.values(plan.coes)
    .flatMap(({ nodes }) => Object.values(nodes))
    .find((node) => node.address === address);
}

function withdrawal(plan: Plan, reflector: string, { prefix, peer }: RouterPath): string {
  const node = nodeWith(plan, peer);
  return node === undefined
    ? `on ${reflector}: take ${prefix} out of its RIB, where somebody has put it by hand`
    : `on ${node.id}: ip route show ${prefix}, and take away what leads there: its BGP speaker announces it`;
}
