import { keyIn } from "../../../plan/families";
import { admits, describePolicy } from "../../../plan/policy";
import type { Path, PathEnd } from "../../../plan/propagation";
import { announcedPrefixes } from "../../../plan/services";
import { spansText } from "../../../plan/spans";
import type { CoePlan, NodePlan, Plan, SessionPlan } from "../../../plan/types";
import { contains, familyOf, hostPrefix } from "../../../util/net";
import { containedIn, listOf, nodeNetworks, podRanges } from "../../../util/ranges";
import { nameOf, type Standing } from "../types";
import { coeOf, type Trip } from "../way";

/** What the plan says of an address: whose range it is in, and that its COE is there. */
export function ownerLink({ plan, from, to, target, prefix }: Trip): Standing {
  const coe = coeOf(plan, to);
  const own = { layer: "owner", at: coe.name } as const;
  if (!coe.deployed)
    return {
      ...own,
      ...{ says: `${coe.name} is planned and not deployed`, status: "broken" },
      why: "nothing of the plan is applied to it yet",
      remedy: `coes.${coe.name}.deploy: true in the stack's file, then pulumi up`,
    };
  if (to.sort === "host")
    return { ...own, says: `${to.address} is the node ${to.name} itself`, status: "ok" };
  const ranges = to.sort === "service" ? announcedPrefixes(coe) : podRanges(coe);
  const range = ranges.find((one) => to.address === undefined || contains(one, to.address));
  if (range === undefined && to.sort === "service" && from.coe === to.coe)
    return { ...own, says: `${to.address} is a service of ${coe.name} itself`, status: "ok" };
  if (range === undefined) return { ...own, ...outside(coe, to) };
  const which =
    to.nodes.length > 1 ? ` (or ${to.nodes.length - 1} other nodes, by the same rules)` : "";
  const subject = to.address ?? to.name;
  const what = to.sort === "service" ? "services" : "containers";
  return {
    ...own,
    says: `${subject} is in ${range}, ${what} of ${coe.name}; ${target?.id ?? "no node"} announces ${prefix ?? range}${which}`,
    status: "ok",
  };
}

function outside(coe: CoePlan, { sort, address }: Trip["to"]): Omit<Standing, "layer" | "at"> {
  if (sort === "service" && coe.serviceCidr !== undefined)
    return {
      ...{
        says: `${address} is in ${listOf(coe.serviceCidr).join(" or ")}, which no node announces`,
        status: "broken",
      },
      why: `services of ${coe.name} are for its own containers and nodes`,
      remedy: `coes.${coe.name}.announceServices: true in the stack's file, then pulumi up`,
    };
  const ranges = podRanges(coe).join(", ");
  return {
    ...{ says: `${address} is outside ${ranges}, the ranges of ${coe.name}`, status: "broken" },
    why: "no node outside accepts or learns a route to it",
    remedy: `give the container an address of ${ranges}, or add its range to coes.${coe.name}.podCidr`,
  };
}

/** Whom the other end lets in, by the plan. */
export function policyLink({ plan, from, to }: Trip): Standing {
  const coe = coeOf(plan, to);
  const own = { layer: "policy", at: coe.name } as const;
  if (to.sort === "host")
    return { ...own, says: "hosts are under no policy of ours", status: "ok" };
  const says = describePolicy(coe);
  const source = coeOf(plan, from);
  if (from.sort === "host" && from.coe !== to.coe) return hostPolicy(coe, from.address, own, says);
  if (admits(coe, source)) return { ...own, says: `${coe.name} is ${opened(says)}`, status: "ok" };
  return {
    ...own,
    ...{ says: `${coe.name} is ${opened(says)}`, status: "broken" },
    why: `containers of ${source.name} are not let in`,
    remedy: `coes.${coe.name}.policy: cross-coe and allowFrom: [${[...coe.policy.from, source.name].sort().join(", ")}] in the stack's file, then pulumi up`,
  };
}

function opened(policy: string): string {
  return policy.startsWith("from ") ? `open ${policy.replace("from", "to")} and itself` : policy;
}

function hostPolicy(
  { name, policy }: CoePlan,
  address: string | undefined,
  own: Pick<Standing, "layer" | "at">,
  says: string,
): Standing {
  const listed = address !== undefined && containedIn(policy.hosts ?? [], address);
  if (policy.mode === "open" || listed)
    return {
      ...own,
      says: `${name} is ${opened(says)}${listed ? ", and to this host" : ""}`,
      status: "ok",
    };
  return {
    ...own,
    ...{ says: `${name} is ${opened(says)}`, status: "broken" },
    why: `${address} is a host of another COE, and hosts are not let in`,
    remedy: `coes.${name}.allowFromHosts: [${address === undefined ? "" : hostPrefix(address)}] in the stack's file, then pulumi up`,
  };
}

/** Whether the source's address is left as it is on its way out. */
export function natLink({ plan, from, to, source }: Trip): Standing {
  const coe = coeOf(plan, from);
  const own = { layer: "nat", at: source?.id ?? coe.name } as const;
  const says = !coe.natOutgoing
    ? "natOutgoing is off: the address of the container stays"
    : from.coe === to.coe || to.sort !== "host"
      ? "natOutgoing is on, and leaves the planned ranges alone: the address of the container stays"
      : "natOutgoing is on: hosts see the address of the node";
  return { ...own, says, status: "ok" };
}

/** Whether the source's node reaches the target's directly. */
export function nextHopLink({ plan, source, target }: Trip): Standing | undefined {
  if (source === undefined || target === undefined || source.id === target.id) return undefined;
  const networks = nodeNetworks(plan);
  const own = networks.find((one) => contains(one, source.address));
  const other = networks.find((one) => contains(one, target.address));
  const routers = Object.values(plan.reflectors).filter(
    ({ rack }) => rack !== undefined && rack === source.rack,
  );
  const by = routers.map(({ name, address }) => `${name} (${address})`).join(" or ");
  const says =
    own === other
      ? `${target.address} is on ${own}, as ${source.id} is`
      : routers.length > 0
        ? `${target.address} is in ${target.rack ?? other}; packets leave ${source.rack} by its router ${by}`
        : `${target.address} is on ${other}, to which ${source.id} (${own}) needs a router`;
  return { layer: "next hop", at: source.id, says, status: "ok" };
}

/** The links of one path, from the node that announces to the one that uses it: in the order of the packet's way. */
export function pathLinks(plan: Plan, path: Path, origin: string): Standing[] {
  const links: Standing[] = [];
  const before: string[] = [];
  let sender = origin;
  for (const name of path.over) {
    const session = plan.sessions[name];
    if (session === undefined) continue;
    const up = sessionLink(session);
    links.push({ ...up, standsOn: [...before] });
    before.push(nameOf(up));
    const receiver = session.a.id === sender ? session.b.id : session.a.id;
    if (plan.reflectors[receiver] !== undefined) {
      const taken = acceptanceLink(plan, receiver, sender, path.prefix);
      const held: Standing = {
        ...{ layer: "rib", at: receiver, status: "ok" },
        says: `${path.prefix} next hop ${nextHopOf(plan, sender, origin, path.prefix)}, from ${sender}`,
      };
      links.push(
        { ...taken, standsOn: [...before] },
        { ...held, standsOn: [...before, nameOf(taken)] },
      );
      before.push(nameOf(taken), nameOf(held));
    } else links.push(...nodeAcceptanceLinks(plan, receiver, sender));
    sender = receiver;
  }
  return links.reverse();
}

/** The router of a rack is itself the next hop of what it sends to another one. */
function nextHopOf(
  { fences, reflectors }: Plan,
  sender: string,
  origin: string,
  prefix: string,
): string {
  const nextHop = reflectors[sender]?.rack === undefined ? origin : sender;
  return fences[keyIn(nextHop, familyOf(prefix) ?? 4)]?.address ?? "unknown";
}

export function sessionLink(session: SessionPlan): Standing {
  const { a, b } = session;
  const kind = a.asn === b.asn ? "ibgp" : "ebgp";
  const role = a.role === "reflector" ? ", a reflector client" : "";
  return {
    ...{ layer: "session", at: b.id, peer: a.id, status: "ok" },
    says: `${b.address} AS ${b.asn} with ${a.address} AS ${a.asn}, ${kind}${role}`,
  };
}

/** What a reflector takes from a node. */
export function acceptanceLink(
  plan: Plan,
  reflector: string,
  node: string,
  prefix: string,
): Standing {
  const fence = plan.fences[keyIn(node, familyOf(prefix) ?? 4)];
  const own = { layer: "acceptance", at: reflector, status: "ok" } as const;
  const accepted = spansText(fence?.prefixes ?? []);
  return {
    ...own,
    says: `from ${node}: ${accepted || "nothing"}, next hop ${fence?.address ?? "none"}`,
  };
}

/** What a node itself takes, where the plan has it take what somebody of the plan announces alone. */
export function nodeAcceptanceLinks(
  { nodeAcceptance }: Plan,
  node: string,
  sender: string,
): Standing[] {
  if (nodeAcceptance === undefined) return [];
  const says = `from ${sender}: what the plan announces`;
  return [{ layer: "acceptance", at: node, says, status: "ok" }];
}

/** Where a path ends by the model, as the broken link that it is. */
export function endLink(
  plan: Plan,
  { session: name, sender, receiver, reason }: PathEnd,
): Standing {
  const node = [receiver, sender].find((id) => plan.reflectors[id] === undefined) ?? receiver;
  const session = plan.sessions[name];
  const [coe = "", own = ""] = node.split("/");
  return {
    layer: "session",
    ...(session === undefined ? { at: receiver } : { at: session.b.id, peer: session.a.id }),
    ...{ says: `the path from ${sender} to ${receiver} ends here`, status: "broken", why: reason },
    remedy: `coes.${coe}.nodes.${own}.asn in the stack's file: the AS of the reflectors, or another from which paths arrive; then pulumi up`,
  };
}

/** A node that learns no routes, for it speaks no BGP. */
export function speechlessLink({ id }: NodePlan, to: string): Standing {
  const [coe = "", name = ""] = id.split("/");
  return {
    ...{ layer: "fib", at: id, says: `no route to ${to}`, status: "broken" },
    why: `${id} speaks no BGP, so it learns no routes to containers`,
    remedy: `coes.${coe}.nodes.${name}.speaker: true in the stack's file, then pulumi up`,
  };
}
