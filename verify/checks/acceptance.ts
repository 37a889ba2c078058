import { type Accepted, nodeResets } from "../../components/ask/router";
import { fenceAt } from "../../plan/families";
import { networkOf } from "../../plan/propagation";
import type { Plan, ReflectorPlan, SessionPlan } from "../../plan/types";
import { covers, hostOf, type PrefixPattern, setOf } from "../../util/net";
import { sessionsAt } from "../ends";
import type { AcceptanceState, Judged, Observation, Verdict } from "../types";
import { type About, fail, pass, refused, unreachable } from "../verdict";
import { daemonAway } from "./session";
import { askedOf, notAsked } from "./unread";

/** What each reflector really accepts, read back from its daemon. */
export function acceptanceChecks(plan: Plan): Judged[] {
  return Object.values(plan.reflectors).map(
    (reflector): Judged => ({
      id: `acceptance/${reflector.name}`,
      group: "acceptance",
      title: `${reflector.name} accepts from each neighbour what the plan says, and nothing else`,
      needs: askedOf(reflector, `accepts/${reflector.name}`),
      judge: (seen) => judgeAcceptance(plan, reflector, seen),
    }),
  );
}

function judgeAcceptance(plan: Plan, reflector: ReflectorPlan, seen: Observation): Verdict {
  const sessions = sessionsAt(plan, reflector.name);
  const expected = acceptedBy(plan, sessions);
  const about: About = {
    at: reflector.name,
    expected: `from each of ${sessions.length} neighbours its own ranges with itself as next hop; all else refused`,
    source: "plan: fences and sessions",
    cause: "somebody has changed the running daemon, or it runs an older configuration",
    remedy: `restart the daemon of ${reflector.name}: it then has what its own file says, and nodes keep their routes meanwhile (graceful restart)`,
  };
  const answer = seen.accepts[reflector.name];
  const unasked = notAsked(reflector);
  if (unasked !== undefined) return unasked;
  if (answer === undefined) return unreachable(about);
  if (!answer.ok) return refused(answer, { ...about, ...daemonAway(reflector.name) });
  // Of other neighbours, a router that we do not run accepts what its owner wants.
  const others = (neighbour: string) =>
    reflector.dialect !== undefined &&
    !sessions.some(({ far }) => far.address === (hostOf(neighbour) ?? neighbour));
  const accepted = answer.value.accepted.filter(
    ({ neighbors }) => neighbors.length === 0 || !neighbors.every(others),
  );
  const beside = answer.value.beside.filter(
    (line) => !others(/^from (\S+?):? /.exec(`${line} `)?.[1] ?? ""),
  );
  const found = rulesOf(accepted);
  const wrong = [
    ...beside.map((line) => `accepts ${line}`),
    ...linesBeyond(found, expected).map((line) => `accepts ${line}`),
    ...linesBeyond(expected, found).map((line) => `does not accept ${line}`),
    ...neighbourFaults(plan, reflector, sessions, answer.value),
  ];
  return wrong.length === 0
    ? pass(
        answer.asked,
        `${sessions.length} neighbours, each with its own ranges; all else refused`,
      )
    : fail(answer.asked, wrong.join("; "), about);
}

/** A session of the reflector, with its far end. */
type OwnSession = ReturnType<typeof sessionsAt>[number];

/** From whom, by which next hop and with which length of the AS path, the prefixes that are accepted. */
type Rules = ReadonlyMap<string, readonly PrefixPattern[]>;

/** What a reflector is to accept, by the model's own record of its sessions. */
function acceptedBy(plan: Plan, sessions: readonly OwnSession[]): Rules {
  const modelled = networkOf(plan).sessions;
  return grouped(
    sessions.flatMap(({ session: { name, a }, far }) => {
      const {
        prefixes = [],
        nextHops = [],
        longestPath,
        localPref,
      } = modelled[name]?.[far === a ? "b" : "a"].accepts ?? {};
      const sets = localPref === undefined ? undefined : nodeResets(localPref);
      const path = longestPath === undefined ? "" : `le ${longestPath}`;
      return prefixes.flatMap(({ cidr, minLength: min, maxLength: max }) =>
        nextHops.map(
          (hop): Rule => [ruleOf(far.address, hop, path, sets), { prefix: cidr, min, max }],
        ),
      );
    }),
  );
}

/** Each neighbour by itself: a statement for several lets in from one what is another's. */
function rulesOf(accepted: readonly Accepted[]): Rules {
  const plain = (text: string) => hostOf(text) ?? text;
  return grouped(
    accepted.flatMap(({ neighbors, prefix, lengths, nextHops, asPath, sets }) => {
      const [min = 0, max = 0] = lengths.split("..").map(Number);
      return (neighbors.length === 0 ? ["anybody"] : neighbors).flatMap((from) =>
        (nextHops.length === 0 ? ["any next hop"] : nextHops).map(
          (hop): Rule => [ruleOf(plain(from), plain(hop), asPath, sets), { prefix, min, max }],
        ),
      );
    }),
  );
}

type Rule = readonly [rule: string, pattern: PrefixPattern];

function grouped(rules: readonly Rule[]): Rules {
  const found = new Map<string, PrefixPattern[]>();
  for (const [rule, pattern] of rules) found.set(rule, [...(found.get(rule) ?? []), pattern]);
  return found;
}

function ruleOf(from: string, hop: string, asPath: string, sets: string | undefined): string {
  const path = asPath === "" ? "" : `, AS path ${asPath}`;
  return `from ${from} by ${hop}${path}${sets === undefined ? "" : `, set to ${sets}`}`;
}

/** What one accepts and the other does not; daemons write the same prefixes in other words. */
function linesBeyond(one: Rules, other: Rules): string[] {
  return [...one].flatMap(([rule, patterns]) => {
    const known = setOf(other.get(rule) ?? []);
    return patterns
      .filter((pattern) => !covers(known, pattern))
      .map(({ prefix, min, max }) => `${prefix} ${min}..${max} ${rule}`);
  });
}

/** What neighbours are to it. One that is not planned is told of by its session's check. */
function neighbourFaults(
  plan: Plan,
  { clusterId, dialect }: ReflectorPlan,
  sessions: readonly OwnSession[],
  { neighbours }: AcceptanceState,
): string[] {
  return sessions.flatMap(({ session: { a, b, ttlSecurity, bfd }, far }) => {
    const own = far === a ? b : a;
    const found = neighbours[far.address];
    // That one is missing is told of by its session's check, too.
    if (found === undefined) return [];
    const client = far.role === "client";
    const differences = [
      ...(found.asn === far.asn ? [] : [`AS ${found.asn} (should be ${far.asn})`]),
      ...(client && found.clusterId === undefined ? ["no reflector client"] : []),
      ...(!client && found.clusterId !== undefined ? ["a reflector client"] : []),
      ...(client && found.clusterId !== undefined && found.clusterId !== clusterId
        ? [`cluster-id ${found.clusterId} (should be ${clusterId})`]
        : []),
      ...(found.replacePeerAs === own.replacePeerAs
        ? []
        : [`its AS ${found.replacePeerAs === true ? "replaced" : "not replaced"}`]),
      ...(found.ttlSecurity === ttlSecurity
        ? []
        : [`${found.ttlSecurity === true ? "TTL security" : "no TTL security"}`]),
      // A router that we do not run may have BFD and a limit of its owner's, and does not always tell.
      ...(dialect === undefined ? watchFault(found.bfd, bfd) : []),
      ...(dialect === undefined ? limitFault(found.limit, fenceAt(plan, far)?.limit) : []),
    ];
    return differences.map((what) => `neighbour ${far.address} has ${what}`);
  });
}

function watchFault(found: true | undefined, planned: SessionPlan["bfd"]): string[] {
  if ((found === true) === (planned !== undefined)) return [];
  return [found === true ? "BFD" : "no BFD"];
}

function limitFault(found: number | undefined, planned: number | undefined): string[] {
  if (found === planned) return [];
  const said = found === undefined ? "no limit of prefixes" : `a limit of ${found} prefixes`;
  return [`${said} (should be ${planned ?? "none"})`];
}
