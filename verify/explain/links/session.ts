import type { RouterNeighbour } from "../../../components/ask/router";
import type { ObjectFault } from "../../../components/ask/types";
import type { Plan, SessionPlan } from "../../../plan/types";
import { isReflector } from "../../ends";
import { signatureFault } from "../../signatures";
import type { Observation } from "../../types";
import type { Standing } from "../types";
import { sessionLink } from "./planned";
import { unknownLink } from "./unknown";

type Findings = Pick<Standing, "says" | "status" | "why" | "remedy">;

/** A session as both its ends have it: the reflector, and the node's own speaker. */
export function liveSession(plan: Plan, session: SessionPlan, seen: Observation): Standing {
  const planned = sessionLink(session);
  const { a, b } = session;
  if (!isReflector(plan, a.id)) return { ...planned, ...betweenNodes(session, seen) };
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
  if (peer.state !== "Established") return { ...planned, ...down(plan, session, peer, seen) };
  const speaker = seen.speakers[b.id];
  // The reflector finds out by its hold timer only.
  const half = speaker?.ok === true && ownEnd(speaker, a.address).says !== "Established";
  if (half) return { ...planned, ...down(plan, session, peer, seen) };
  const { received, accepted } = peer;
  const says = `Established, ${received} received, ${accepted} accepted`;
  if (speaker?.ok !== false) return { ...planned, says };
  return {
    ...{ ...planned, says: `${says}; ${b.id} itself does not tell`, status: "unknown" },
    why: `${speaker.asked}: ${speaker.error}`,
    remedy: `on ${b.id}: see that its BGP speaker runs and answers`,
  };
}

/** What the speakers of both nodes say of their session. */
function betweenNodes({ a, b }: SessionPlan, seen: Observation): Findings {
  const ends = [
    { ...ownEnd(seen.speakers[a.id], b.address), at: a.id },
    { ...ownEnd(seen.speakers[b.id], a.address), at: b.id },
  ];
  const says = ends.map((end) => `${end.says} at ${end.at}`).join(", ");
  if (ends.every((end) => end.says === "Established")) return { says, status: "ok" };
  const away = ends.find((end) => end.away !== undefined);
  if (away !== undefined)
    return {
      ...{ says, status: "broken", why: `${away.at}: ${away.away}` },
      remedy: `on ${away.at}: start its BGP speaker again`,
    };
  const silent = ends.find((end) => end.says === "not asked");
  if (silent !== undefined)
    return {
      ...{ says, status: "unknown", why: `no access to ${silent.at} in the stack outputs` },
      remedy: `give the stack access to ${silent.at}`,
    };
  const fault = objectFault(seen, a.id) ?? objectFault(seen, b.id);
  if (fault !== undefined)
    return {
      ...{ says, status: "broken", why: `${fault.object}: ${fault.found}; ${fault.effect}` },
      remedy: fault.remedy ?? "pulumi up --refresh, which writes the plan's objects again",
    };
  const why = ends.find((end) => end.why !== undefined);
  return {
    ...{ says, status: "broken" },
    why:
      why === undefined
        ? `TCP port 179 is not reached between ${a.address} and ${b.address}`
        : `${why.at}: ${why.why}`,
    remedy: `on ${a.id} and ${b.id}: see that nothing drops TCP port 179 between them`,
  };
}

/** A session that is not up: what each end says, and what objects of the COE keep it down. */
function down(
  plan: Plan,
  session: SessionPlan,
  peer: RouterNeighbour,
  seen: Observation,
): Findings {
  const { a, b, password } = session;
  const own = ownEnd(seen.speakers[b.id], a.address);
  const says = `${peer.state} at ${a.id}, ${own.says} at ${b.id}`;
  const fault = objectFault(seen, b.id);
  if (fault !== undefined)
    return {
      ...{ says, status: "broken", why: `${fault.object}: ${fault.found}; ${fault.effect}` },
      remedy: fault.remedy ?? "pulumi up --refresh, which writes the plan's objects again",
    };
  const port = plan.reflectors[a.id]?.port ?? 179;
  const reach = `on ${b.id}: see that nothing drops TCP port ${port} to ${a.address}`;
  if (own.away !== undefined)
    return {
      ...{ says, status: "broken", why: own.away },
      remedy: `on ${b.id}: start its BGP speaker again`,
    };
  const signed = signatureFault(session, seen.signatures?.[b.id]);
  if (signed !== undefined)
    return {
      ...{ says: `${says}: ${signed.found}`, status: "broken", why: signed.cause },
      remedy: `pulumi up --refresh, which gives both ends the password again`,
    };
  const secret =
    password === undefined
      ? ""
      : `; or ${b.id} has not the password of seamless:bgpPasswords.${password}`;
  return {
    ...{ says, status: "broken" },
    why: `${own.why ?? `TCP port ${port} of ${a.address} is not reached from ${b.address}, or ${a.id} has the session switched off`}${secret}`,
    remedy: `${reach}, and that ${a.id} has the session enabled (pulumi up writes it again)`,
  };
}

/** What a node's own speaker says of a session. */
interface OwnEnd {
  readonly says: string;
  readonly why?: string;
  /** Why there is no answer; absent where there is one. */
  readonly away?: string;
}

function ownEnd(answer: Observation["speakers"][string] | undefined, address: string): OwnEnd {
  if (answer === undefined) return { says: "not asked" };
  if (!answer.ok)
    return { says: "no answer", away: `its BGP speaker does not answer: ${answer.error}` };
  const own = answer.value.sessions.find((one) => one.address === address);
  if (own === undefined)
    return { says: "no such session", why: `its BGP speaker is not told of ${address}` };
  const { state, problem } = own;
  return {
    says: state,
    ...(problem === undefined ? {} : { why: `its BGP speaker says: ${problem}` }),
  };
}

/** An object of the COE by which its node has no such session, or another. */
function objectFault(seen: Observation, node: string): ObjectFault | undefined {
  const [coe = "", name = ""] = node.split("/");
  const answer = seen.objects[coe];
  // Filters decide about routes, and keep no session down.
  const faults = (answer?.ok ? answer.value : []).filter(({ filters }) => filters === undefined);
  const about = ({ object }: ObjectFault) => object.includes(name);
  return (
    faults.find((fault) => ["nodes", "agents"].includes(fault.group) && about(fault)) ??
    faults.find(({ group }) => group === "peers" || group === "bgp")
  );
}
