import type { Plan, SessionPlan } from "./types";

/**
 * A model of BGP over the plan's sessions: RFC 4271 (AS loops), RFC 4456 (reflection) and what GoBGP adds. Paths go from
 * a node by a reflector to another node and no farther, since reflectors accept of a node only what it originates.
 */
export interface Propagation {
  /** The session on which the origin announces. */
  readonly announced: string;
  /** What the receiver has as AS_PATH; undefined where the path does not arrive. */
  readonly asPath?: readonly number[];
  /** The session where the path ends, and why; undefined where it arrives. */
  readonly end?: PathEnd;
}

export interface PathEnd {
  readonly session: string;
  readonly reason: string;
}

/** Two nodes of which one gets no path to the other's routes. */
export interface DeadEnd extends PathEnd {
  /** Ids of the nodes: who announces, and who gets nothing. */
  readonly from: string;
  readonly to: string;
}

type Sessions = Pick<Plan, "sessions">;

/** By each session of the origin, what becomes of its path on the way to another node. */
export function propagation({ sessions }: Sessions, from: string, to: string): Propagation[] {
  const all = Object.values(sessions);
  const of = (id: string) => all.filter(({ node }) => node.id === id);
  return ways(of(from), to, of(to));
}

function ways(
  announcing: readonly SessionPlan[],
  to: string,
  receiving: readonly SessionPlan[],
): Propagation[] {
  return announcing.map((first) => {
    const next = receiving.find(({ reflector }) => reflector.id === first.reflector.id);
    const fate =
      next === undefined
        ? end(first, `${first.reflector.id} has no session with ${to}`)
        : passedOn(first, next);
    return { announced: first.name, ...fate };
  });
}

/**
 * Where paths do not arrive. Nodes whose sessions are alike have the same paths, so one pair stands for all of its sort:
 * the answer does not grow with the number of nodes.
 */
export function deadEnds({ sessions }: Sessions): DeadEnd[] {
  const byNode = grouped(Object.values(sessions), ({ node }) => node.id);
  const sorts = [...grouped(byNode, ([, own]) => own.map(traits).join()).values()];
  return sorts.flatMap(([[from, announcing] = ["", []]]) =>
    sorts.flatMap((alike): DeadEnd[] => {
      const [to, receiving] = alike.find(([id]) => id !== from) ?? ["", []];
      if (receiving.length === 0) return [];
      const found = ways(announcing, to, receiving);
      if (found.some(({ asPath }) => asPath !== undefined)) return [];
      const [first] = found.flatMap((way) => way.end ?? []);
      return first === undefined ? [] : [{ from, to, ...first }];
    }),
  );
}

/** Everything about a session that a path depends on. */
function traits({ node, reflector, kind, client, replacePeerAs }: SessionPlan): string {
  return [reflector.id, node.asn, kind, client, replacePeerAs].join(" ");
}

function grouped<T>(all: Iterable<T>, keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

function passedOn(first: SessionPlan, next: SessionPlan): Omit<Propagation, "announced"> {
  const { reflector } = first;
  const announced = first.kind === "ebgp" ? [first.node.asn] : [];
  if (announced.includes(reflector.asn))
    return end(
      first,
      `${reflector.id} finds its own AS ${reflector.asn} in ${pathText(announced)}`,
    );
  if (first.kind === "ibgp" && next.kind === "ibgp" && !first.client && !next.client)
    return end(next, `neither ${first.node.id} nor ${next.node.id} is a reflector client`);
  const { asn } = next.node;
  const replaced =
    next.replacePeerAs === true
      ? announced.map((one) => (one === asn ? reflector.asn : one))
      : announced;
  if (replaced.includes(asn))
    return end(next, `${reflector.id} sends no path with the receiver's AS ${asn} in it`);
  const sent = next.kind === "ebgp" ? [reflector.asn, ...replaced] : replaced;
  if (sent.includes(asn))
    return end(next, `${next.node.id} finds its own AS ${asn} in ${pathText(sent)}`);
  return { asPath: sent };
}

function end({ name }: SessionPlan, reason: string): Pick<Propagation, "end"> {
  return { end: { session: name, reason } };
}

function pathText(path: readonly number[]): string {
  return `the AS path ${path.join(" ")}`;
}
