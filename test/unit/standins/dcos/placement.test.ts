import type { AppDefinition, Constraint } from "../../../../standins/dcos/master/app";
import { type Place, satisfies } from "../../../../standins/dcos/master/constraints";
import { parseApp } from "../../../../standins/dcos/master/parse-app";
import { type Offer, place, summary } from "../../../../standins/dcos/master/placement";

const at = (hostname: string, rack?: string): Place => ({
  hostname,
  attributes: rack === undefined ? {} : { rack },
});
const [a, b, c] = [at("a", "r1"), at("b", "r1"), at("c", "r2")];
const all = [a, b, c];

test.each<[Constraint, Place, readonly Place[], boolean]>([
  [["hostname", "UNIQUE"], a, [b], true],
  [["hostname", "UNIQUE"], a, [a], false],
  [["@hostname", "UNIQUE"], a, [a], false],
  [["rack", "UNIQUE"], b, [a], false],
  [["rack", "UNIQUE"], at("d"), [], false],
  [["rack", "CLUSTER", "r2"], c, [], true],
  [["rack", "CLUSTER", "r2"], a, [], false],
  [["rack", "CLUSTER"], b, [a], true],
  [["rack", "CLUSTER"], c, [a], false],
  [["hostname", "LIKE", "a|b"], b, [], true],
  [["hostname", "LIKE", "a"], at("ab"), [], false],
  [["hostname", "UNLIKE", "a|b"], c, [], true],
  [["hostname", "UNLIKE", "a|b"], a, [], false],
  [["rack", "UNLIKE", "r1"], at("d"), [], true],
  [["rack", "IS", "r1"], a, [], true],
  [["rack", "IS", "r1"], c, [], false],
  [["rack", "MAX_PER", "2"], a, [b], true],
  [["rack", "MAX_PER", "2"], a, [a, b], false],
  [["rack", "GROUP_BY"], a, [], true],
  [["rack", "GROUP_BY"], b, [a], false],
  [["rack", "GROUP_BY"], c, [a], true],
  [["rack", "GROUP_BY"], a, [a, c], true],
  [["rack", "GROUP_BY", "3"], a, [a, c], false],
])("%j at %j with tasks at %j: %s", (constraint, where, taken, expected) => {
  expect(satisfies(constraint, where, taken, all)).toBe(expected);
});

function app(fields: Readonly<Record<string, unknown>>): AppDefinition {
  const parsed = parseApp({ id: "/x", cmd: "true", cpus: 1, mem: 100, ...fields });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.app;
}

function offer(agent: string, changes: Partial<Offer> = {}): Offer {
  const free = { cpus: 4, mem: 4096 };
  return {
    agent,
    hostname: agent,
    attributes: {},
    role: "*",
    free,
    usedPorts: new Set(),
    ...changes,
  };
}

const offers = [
  offer("one"),
  offer("two"),
  offer("public", { role: "slave_public" }),
  offer("small", { free: { cpus: 0.5, mem: 4096 } }),
  offer("full", { free: { cpus: 4, mem: 64 } }),
];

test("spreads tasks, then takes the emptier agent, then the first by name", () => {
  expect(place(app({}), offers, [])).toEqual({ agent: "one" });
  expect(place(app({}), offers, [at("one")])).toEqual({ agent: "two" });
  const busy = offer("one", { free: { cpus: 2, mem: 4096 } });
  expect(place(app({}), [busy, offer("two")], [])).toEqual({ agent: "two" });
});

test("says why every agent was declined, in the order in which it is looked at", () => {
  const unique = app({ constraints: [["hostname", "UNIQUE"]] });
  const placement = place(unique, offers, [at("one"), at("two")]);
  expect(placement).toEqual({
    declined: {
      one: "UnfulfilledConstraint",
      two: "UnfulfilledConstraint",
      public: "UnfulfilledRole",
      small: "InsufficientCpus",
      full: "InsufficientMemory",
    },
  });
  expect("declined" in placement && summary(placement.declined)).toEqual([
    { reason: "UnfulfilledRole", declined: 1, processed: 5 },
    { reason: "UnfulfilledConstraint", declined: 2, processed: 4 },
    { reason: "InsufficientCpus", declined: 1, processed: 2 },
    { reason: "InsufficientMemory", declined: 1, processed: 1 },
    { reason: "InsufficientPorts", declined: 0, processed: 0 },
  ]);
});

test("a public agent is taken when its role is accepted", () => {
  const everywhere = app({ acceptedResourceRoles: ["slave_public"] });
  expect(place(everywhere, offers, [])).toEqual({ agent: "public" });
});
