import { addressesOf } from "../../plan/families";
import { announcedPrefixes } from "../../plan/services";
import type { CoePlan, NodePlan, Plan, ReflectorPlan } from "../../plan/types";
import { containedIn, podRanges } from "../../util/ranges";
import { deployedCoes, speakersOf } from "../coes";
import { coeOf, sessionsAt } from "../ends";
import type { TableRoute } from "../kernel/types";
import type { CheckResult, Judged, Observation } from "../types";
import { type About, fail, pass, refused, skip, unreachable } from "../verdict";

/** Of a COE: how the kernel names who installed the routes of its nodes' speaker. */
export type RouteProtocols = (coe: CoePlan) => { readonly routeProtocol: string } | undefined;

const source = "plan of the stack that is gone";

/** After a destroy: nothing of the stack is left, and what was there before is as it was found. */
export function goneChecks(plan: Plan, speakers: RouteProtocols): Judged[] {
  const coes = deployedCoes(plan);
  return [
    ...Object.values(plan.reflectors).map(daemonGone),
    ...coes.flatMap((coe) => [objectsGone(coe), asFound(coe)]),
    ...coes.flatMap((coe) =>
      speakersOf(coe).flatMap((node) => [
        peersGone(plan, node),
        routesGone(plan, coe, node, speakers(coe)?.routeProtocol),
      ]),
    ),
  ];
}

function daemonGone({ name }: ReflectorPlan): Judged {
  const about: About = {
    ...{ at: name, expected: "no container and no volume of its name", source },
    cause: "the destroy was ended before, or the container was made again since",
    remedy: `remove what was found on the Docker host of ${name}`,
  };
  return judged(
    `gone/reflector/${name}`,
    `${name} is gone from its Docker host`,
    [`daemons/${name}`],
    (seen) => {
      const answer = seen.daemons?.[name];
      if (answer === undefined) return unreachable(about);
      if (!answer.ok) return refused(answer, about);
      const { asked, value } = answer;
      return value.length === 0
        ? pass(asked, "neither container nor volume")
        : fail(asked, value.join(", "), about);
    },
  );
}

function objectsGone({ name }: CoePlan): Judged {
  const about: About = {
    ...{ at: name, expected: "no pool, peer, policy, set or tier of the plan", source },
    cause: "the destroy was ended before, or could not reach the COE then",
  };
  return judged(
    `gone/object/${name}`,
    `no object of the plan is left in ${name}`,
    [`left/${name}`],
    (seen) => {
      const answer = seen.left?.[name];
      if (answer === undefined) return unreachable(about);
      if (!answer.ok) return refused(answer, about);
      const still = answer.value.faults.filter(({ expected }) => expected === "gone");
      if (still.length === 0)
        return pass(answer.asked, "no pool, peer, policy, set or tier of the plan");
      const found = still.map(({ object, found }) => `${object}: ${found}`).join("; ");
      return fail(answer.asked, found, {
        ...about,
        remedy: `remove ${still.map(({ object }) => object).join(", ")}`,
      });
    },
  );
}

/** What joining has overwritten is given back; how it was, the steps of the stack have kept. */
function asFound({ name }: CoePlan): Judged {
  const about: About = {
    ...{ at: name, expected: "what was there before the stack, with the fields that it had" },
    source: `${name}: what the look before joining kept`,
    cause: "somebody changed it since the destroy, or the destroy did not reach it",
  };
  return judged(
    `gone/found/${name}`,
    `what was there before in ${name} is as it was found`,
    [`left/${name}`],
    (seen) => {
      const answer = seen.left?.[name];
      if (answer === undefined) return unreachable(about);
      if (!answer.ok) return refused(answer, about);
      const { asked, value } = answer;
      const changed = value.faults.filter(({ expected }) => expected !== "gone");
      if (changed.length > 0) {
        const found = changed
          .map(({ object, found, expected }) => `${object}: ${found} instead of ${expected}`)
          .join("; ");
        const remedy = changed.flatMap((one) => one.remedy ?? []).join("; ");
        return fail(asked, found, { ...about, ...(remedy === "" ? {} : { remedy }) });
      }
      return value.compared.length === 0
        ? skip(
            asked,
            "there was nothing before, or nobody kept it (give --outputs the file of: pulumi stack export --show-secrets)",
          )
        : pass(asked, `${value.compared.join(", ")} as before`);
    },
  );
}

function peersGone(plan: Plan, node: NodePlan): Judged {
  const { id } = node;
  const mesh = plan.topology === "mesh";
  // Sessions inside a COE may be of its own making again.
  const addresses = sessionsAt(plan, id)
    .filter(({ far }) => coeOf(far.id) !== coeOf(id))
    .map(({ far }) => far.address);
  const who = mesh ? "a node of another COE" : "a reflector";
  const about: About = {
    ...{ at: id, expected: `no session with ${addresses.join(", ")}`, source },
    cause: `the peer is still in the COE's objects, or the speaker on ${id} has not read them since`,
    remedy: `see gone/object, then restart the speaker on ${id}`,
  };
  return judged(
    `gone/peer/${id}`,
    `the speaker on ${id} has no session with ${who}`,
    [`speakers/${id}`],
    (seen) => {
      const answer = seen.speakers[id];
      if (answer === undefined) return unreachable(about);
      if (!answer.ok) return refused(answer, about);
      const { asked, value } = answer;
      const left = value.sessions.filter(({ address }) => addresses.includes(address));
      const found = left.map(({ name, address, state }) => `${name} with ${address} ${state}`);
      return left.length === 0
        ? pass(asked, `${value.sessions.length} sessions, none with ${who}`)
        : fail(asked, found.join(", "), about);
    },
  );
}

/** Routes inside a COE may be of its own making again; those to others came from the reflectors alone. */
function routesGone(
  plan: Plan,
  coe: CoePlan,
  node: NodePlan,
  protocol: string | undefined,
): Judged {
  const { id } = node;
  const others = Object.values(plan.coes).filter(({ name }) => name !== coe.name);
  const ranges = others.flatMap((one) => [...podRanges(one), ...announcedPrefixes(one)]);
  const gateways = others.flatMap(({ nodes }) => Object.values(nodes).flatMap(addressesOf));
  const about: About = {
    ...{ at: id, expected: `no route of proto ${protocol ?? "any"} to another COE`, source },
    cause: `the speaker on ${id} still has a session, or ended without taking its routes away`,
    remedy:
      `restart the speaker on ${id}; then remove what is left: ip route del PREFIX proto ${protocol ?? ""}`.trim(),
  };
  const learned = (route: TableRoute) =>
    (protocol === undefined || route.protocol === protocol) &&
    (containedIn(ranges, route.prefix) ||
      route.hops.some(({ gateway = "" }) => gateways.includes(gateway)));
  return judged(
    `gone/route/${id}`,
    `${id} has no route to another COE`,
    [`kernels/${id}`],
    (seen) => {
      const answer = seen.kernels?.[id];
      if (answer === undefined) return unreachable(about);
      if (!answer.ok) return refused(answer, about);
      const { asked, value } = answer;
      const parts = [...value.untold, ...(value.ipv6?.untold ?? [])];
      const untold = parts.find(({ part }) => part === "routes");
      if (untold !== undefined)
        return refused({ ok: false, asked, error: untold.why, unasked: true }, about);
      const all = [...value.routes, ...(value.ipv6?.routes ?? [])];
      const left = all.filter(learned);
      return left.length === 0
        ? pass(
            asked,
            `${all.length} routes in all tables, none of ${protocol ?? "any"} to another COE`,
          )
        : fail(asked, left.map(written).join(", "), about);
    },
  );
}

function written({ prefix, hops, table }: TableRoute): string {
  const gateways = hops.flatMap(({ gateway }) => (gateway === undefined ? [] : ["via", gateway]));
  return [prefix, ...gateways, "table", table].join(" ");
}

function judged(
  id: string,
  title: string,
  needs: Judged["needs"],
  judge: (seen: Observation) => Omit<CheckResult, "id" | "group" | "title">,
): Judged {
  return { id, group: "gone", title, needs, judge };
}
