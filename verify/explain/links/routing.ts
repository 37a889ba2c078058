import type { RouterNeighbour, RouterPath } from "../../../components/ask/router";
import type { Path } from "../../../plan/propagation";
import type { NodePlan, Plan, SessionPlan } from "../../../plan/types";
import { contains } from "../../../util/net";
import type { Observation } from "../../types";
import { longest } from "../kernel";
import type { Scene } from "../scene";
import { nameOf, type Standing } from "../types";
import type { Trip } from "../way";
import { acceptanceLink, endLink, sessionLink } from "./planned";
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
  const before: string[] = [];
  const add = (link: Standing) => {
    links.push({ ...link, standsOn: [...before] });
    before.push(nameOf(link));
  };
  let sender = target.id;
  for (const name of path.over) {
    const session = plan.sessions[name];
    if (session === undefined) continue;
    add(liveSession(plan, session, seen));
    const receiver = session.a.id === sender ? session.b.id : session.a.id;
    if (plan.reflectors[receiver] !== undefined) {
      add(liveAcceptance(plan, receiver, sender, trip, seen));
      add(liveRib(plan, receiver, trip, target, seen));
    }
    sender = receiver;
  }
  return links.reverse();
}

/** A session as the reflector has it. */
export function liveSession(plan: Plan, session: SessionPlan, seen: Observation): Standing {
  const planned = sessionLink(session);
  const { a, b } = session;
  const answer = seen.neighbours[a.id];
  if (!answer?.ok) return unknownLink(planned, answer);
  const peer = answer.value.find(({ address }) => address === b.address);
  if (peer === undefined)
    return {
      ...{ ...planned, says: `${a.id} has no neighbour ${b.address}`, status: "broken" },
      why: "the session is planned and not configured there",
      remedy: "pulumi up, which writes the reflector's configuration again",
    };
  if (peer.asn !== b.asn)
    return {
      ...{ ...planned, says: `AS ${peer.asn} instead of ${b.asn}`, status: "broken" },
      why: `${b.id} or ${a.id} was given another AS by hand`,
      remedy: "pulumi up, which sets the AS of the plan at both ends",
    };
  if (peer.state !== "Established") return { ...planned, ...down(plan, session, peer) };
  const { received, accepted } = peer;
  return { ...planned, says: `Established, ${received} received, ${accepted} accepted` };
}

function down(
  plan: Plan,
  { a, b, password }: SessionPlan,
  { state }: RouterNeighbour,
): Pick<Standing, "says" | "status" | "why" | "remedy"> {
  const other = plan.reflectors[a.id]?.port ?? 179;
  const secret =
    password === undefined
      ? ""
      : `, or ${b.id} has not the password of seamless:bgpPasswords.${password}`;
  return {
    ...{ says: `${state}, not Established`, status: "broken" },
    why: `the BGP speaker of ${b.id} is down, or TCP port ${other} of ${a.address} is not reached from ${b.address}${secret}`,
    remedy: `on ${b.id}: see that its BGP speaker runs and that nothing drops TCP port ${other} to ${a.address}`,
  };
}

/** What a reflector takes from the node that announces. */
function liveAcceptance(
  plan: Plan,
  reflector: string,
  sender: string,
  { prefix = "", to }: Trip,
  seen: Observation,
): Standing {
  const planned = acceptanceLink(plan, reflector, sender);
  const address = plan.fences[sender]?.address;
  const [neighbours, rib] = [seen.neighbours[reflector], seen.rib[reflector]];
  if (!neighbours?.ok || !rib?.ok) return planned;
  const peer = neighbours.value.find((one) => one.address === address);
  const refused = (peer?.received ?? 0) - (peer?.accepted ?? 0);
  const has = rib.value.some(
    (path) => path.nextHop === address && contains(path.prefix, to.address ?? ""),
  );
  if (has || refused <= 0) return planned;
  return {
    ...{ ...planned, status: "broken" },
    says: `${refused} of ${peer?.received} prefixes from ${sender} refused, and ${prefix} is not in the RIB`,
    why: `what ${reflector} accepts from ${sender} is not what the plan says`,
    remedy: "pulumi up, which writes the reflector's configuration again",
  };
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
      why: `${target.id} does not announce it, or ${reflector} does not hold it`,
      remedy: `on ${target.id}: see what its BGP speaker sends to ${reflector}`,
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
