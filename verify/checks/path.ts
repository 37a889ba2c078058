import type { Workload } from "../../components/ask/types";
import { admits, describePolicy } from "../../plan/policy";
import type { CoePlan, NodePlan, Plan } from "../../plan/types";
import { withPort } from "../../util/net";
import { deployedCoes, speakersOf } from "../coes";
import { workloadsOf } from "../needs";
import { routersBetween, tripsNeed } from "../seen/trips";
import { cover } from "../trips/cover";
import type { TriedInVain, Trip, Trips } from "../trips/types";
import type { Judged, Observation, Verdict } from "../types";
import { type About, fail, pass, refused, skip, unreachable } from "../verdict";
import { missingProbe } from "./http";
import { mayBeElse } from "./kernel/suspects";

/** What else is tried. */
export interface PathOptions {
  /** Every node with every other, those of its own COE among them; default: each node of two COEs at least once. */
  readonly allPairs?: boolean;
}

/** Trips between containers of all pairs of COEs, by which each node is a source and a target. */
export function pathChecks(plan: Plan, { allPairs = false }: PathOptions = {}): Judged[] {
  const coes = deployedCoes(plan);
  return coes.flatMap((coe) =>
    speakersOf(coe).flatMap((node) =>
      coes
        .filter((to) => allPairs || to !== coe)
        .map(
          (to): Judged => ({
            id: `path/${node.id}-to-${to.name}`,
            group: "path",
            title: admits(to, coe)
              ? `a container on ${node.id} reaches ${to.name}: straight, whole, by its own address`
              : `a container on ${node.id} reaches nobody in ${to.name}, which is ${describePolicy(to)}`,
            needs: [
              ...[tripsNeed(node, to, allPairs), workloadsOf(coe), workloadsOf(to)],
              `containers/${coe.name}`,
            ],
            judge: (seen) => judgePath(plan, coe, node, to, allPairs, seen),
          }),
        ),
    ),
  );
}

function judgePath(
  plan: Plan,
  coe: CoePlan,
  node: NodePlan,
  to: CoePlan,
  all: boolean,
  seen: Observation,
): Verdict {
  const about: About = {
    at: `${node.id} -> ${to.name}`,
    expected: admits(to, coe)
      ? "answers that saw the container's own address, 64 KiB taken, packets of the full MTU, no router more than planned"
      : "nothing at all: neither an answer nor a refusal",
    source: admits(to, coe) ? "plan" : `plan: coes.${to.name}.policy`,
    cause: `the container on ${node.id} cannot be entered, or has not what it takes`,
    remedy: `on ${node.id}: enter the network of its probe, and ask the other COE's probe for a page`,
  };
  const missing = missingProbe([coe, to], seen, about);
  if (missing !== undefined) return missing;
  const own = seen.workloads[coe.name];
  const made = seen.trips?.[`${node.id}->${to.name}${all ? "/all" : ""}`];
  if (own?.ok && !own.value.some((one) => one.node === node.id))
    return judgeStranger(made, own.asked, node, (trips) =>
      wrongIn(plan, coe, node, to, trips, seen),
    );
  if (made === undefined) {
    const others = seen.workloads[to.name];
    const trips = own?.ok && others?.ok ? cover(own.value, others.value, all) : [];
    return trips.some(([from]) => from.node === node.id)
      ? unreachable(about)
      : skip("", `no other node of ${to.name} runs a probe`);
  }
  if (!made.answer.ok) return refused(made.answer, about);
  const { asked } = made.answer;
  const wrong = wrongIn(plan, coe, node, to, made, seen);
  const [first] = wrong;
  if (first === undefined) return pass(asked, soundness(made, admits(to, coe)));
  return fail(asked, written(wrong), {
    ...about,
    at: `${node.id} -> ${first.server.node}`,
    ...blame(plan, seen, node.id, first.server.node),
  });
}

interface Wrong {
  readonly server: Workload;
  readonly text: string;
}

function wrongIn(
  plan: Plan,
  coe: CoePlan,
  node: NodePlan,
  to: CoePlan,
  made: Trips,
  seen: Observation,
): Wrong[] {
  const trips = made.answer.ok ? made.answer.value : {};
  return made.to.flatMap((server) => {
    const trip = trips[server.address];
    const routers = routersBetween(plan, node, to, server.node);
    const faults = () =>
      trip === undefined
        ? ["not tried"]
        : admits(to, coe)
          ? faultsOf(trip, made.from, routers, seen)
          : leakOf(trip);
    return faults().map((text) => ({ server, text }));
  });
}

function written(wrong: readonly Wrong[]): string {
  return wrong
    .map(
      ({ server, text }) => `to ${server.node} (${withPort(server.address, server.port)}): ${text}`,
    )
    .join("; ");
}

/**
 * Of a node without a probe another container is asked, which may have policies of its own: what it reaches proves the path,
 * what it does not proves nothing.
 */
function judgeStranger(
  made: Trips | undefined,
  asked: string,
  node: NodePlan,
  wrongOf: (trips: Trips) => readonly Wrong[],
): Verdict {
  const none = `no probe runs on ${node.id}`;
  if (made === undefined)
    return skip(asked, `${none}, and no other container: nothing was tried from or to it`);
  const { name, address } = made.from;
  if (!made.answer.ok)
    return skip(made.answer.asked, `${none}, and ${name} cannot be entered: ${made.answer.error}`);
  const wrong = wrongOf(made);
  const tried = `by ${name} (${address}), for ${none}`;
  return wrong.length === 0
    ? pass(made.answer.asked, `${made.to.map((one) => one.node).join(", ")}: ${tried}`)
    : skip(made.answer.asked, `${tried}; a policy of its own may keep it in: ${written(wrong)}`);
}

function soundness(made: Trips, open: boolean): string {
  const nodes = made.to.map(({ node }) => node).join(", ");
  return open ? `${nodes}: pages, 64 KiB and whole packets` : `${nodes}: dropped, as planned`;
}

/** What is wrong with a trip that should have been made. */
function faultsOf(
  trip: Trip,
  from: Workload,
  routers: number | undefined,
  seen: Observation,
): string[] {
  const { page, mtu, whole, straight, body } = trip;
  if (!page.ok) return [`GET: ${page.error}${page.silent ? ", and no refusal either" : ""}`];
  const { client, server } = page.value;
  return [
    ...(client === from.address
      ? []
      : [`${server} saw the client as ${client} instead of ${from.address}`]),
    ...(whole === undefined || whole.ok || whole.untried || cutByPlan(trip, seen)
      ? []
      : [`a packet of ${mtu ?? "full"} bytes that may not be cut: ${whole.error}`]),
    ...(body === undefined || body.ok || body.untried ? [] : [`64 KiB: ${body.error}`]),
    ...(straight === undefined || straight.ok || straight.untried || both(whole)
      ? []
      : [`a packet for ${routers ?? "few"} routers on the way there: ${straight.error}`]),
    ...wayBack(whole, routers),
  ];
}

/** Pings that get no answer at all have failed before the number of routers counts. */
function both(whole: Trip["whole"]): boolean {
  return whole !== undefined && !whole.ok && whole.silent === true;
}

/** Containers there have a smaller MTU of their own, as far as one of them has said: the path is as wide as planned. */
function cutByPlan({ to, whole }: Trip, seen: Observation): boolean {
  if (whole === undefined || whole.ok) return false;
  const limit = /mtu ?= ?(\d+)/.exec(whole.error)?.[1];
  const own = Object.values(seen.trips ?? {}).find(({ from }) => from.address === to);
  const mtus = own?.answer.ok ? Object.values(own.answer.value).map(({ mtu }) => mtu) : [];
  return limit !== undefined && mtus.includes(Number(limit));
}

/** By what TTL packets start: whichever of these is next above what came. */
const starts = [64, 128, 255];

function wayBack(whole: Trip["whole"], routers: number | undefined): string[] {
  if (routers === undefined || whole === undefined || !whole.ok) return [];
  const start = starts.find((one) => one >= whole.value) ?? 255;
  const passed = start - whole.value;
  return passed === routers ? [] : [`${passed} routers on the way back, planned are ${routers}`];
}

/** Why a trip that a policy forbids was no silence. */
function leakOf({ page }: Trip): string[] {
  if (page.ok)
    return [`${page.value.server} answered ${page.value.client}, which the policy keeps out`];
  return page.silent ? [] : [`not dropped: ${page.error}`];
}

/** Which node it is, by what other trips came to, and what to look at. */
function blame(
  plan: Plan,
  seen: Observation,
  from: string,
  to: string,
): Pick<Verdict, "cause" | "remedy"> {
  const score = (node: string) => {
    const all = Object.values(seen.trips ?? {}).flatMap(outcomes);
    const of = all.filter((one) => one.from === node || one.to === node);
    const other = of.filter((one) => !(one.from === from && one.to === to));
    return { tried: other.length, bad: other.filter(({ ok }) => !ok).length };
  };
  const [a, b] = [score(from), score(to)];
  const only = (one: typeof a, two: typeof b) => one.bad > 0 && two.tried > 0 && two.bad === 0;
  const suspects = only(a, b) ? [from] : only(b, a) ? [to] : [from, to];
  const other = suspects[0] === from ? to : from;
  const program = mayBeElse(plan, seen, ...suspects);
  return {
    cause: `${
      suspects.length === 1
        ? `${suspects[0]}: other trips of it fail, too, and those of ${other} do not`
        : "a link, route, rule or policy on one of the two nodes, or between them"
    }${program}`,
    remedy: `see ${suspects.map((node) => `kernel/${node}/*`).join(" and ")}; then: seamless explain`,
  };
}

/** The trips that should have been made, and whether all went well; of others only a page is asked for. */
function outcomes(made: Trips): { from: string; to: string; ok: boolean }[] {
  const trips = made.answer.ok ? made.answer.value : {};
  return made.to.flatMap((server) => {
    const trip = trips[server.address];
    if (trip?.whole === undefined) return [];
    const parts: (TriedInVain | { readonly ok: true } | undefined)[] = [
      ...[trip.page, trip.whole, trip.body, trip.straight],
    ];
    const whole = parts.every((part) => part === undefined || part.ok || part.untried === true);
    const own = !trip.page.ok || trip.page.value.client === made.from.address;
    return [{ from: made.from.node, to: server.node, ok: whole && own }];
  });
}
