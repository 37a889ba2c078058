import { parse, stringify } from "smol-toml";
import { z } from "zod";
import { hostOf } from "../../../util/net";
import { type Accepted, fenceLine, type Running, type Widened } from "../contract";
import { acceptReset } from "./config";
import { parseGobgp } from "./toml";

const list = z.array(z.string()).default([]);
const neighborSet = z.looseObject({ "neighbor-set-name": z.string(), "neighbor-info-list": list });
const statement = z.looseObject({
  conditions: z
    .looseObject({ "match-neighbor-set": z.looseObject({ "neighbor-set": z.string() }).optional() })
    .prefault({}),
});
const definition = z.looseObject({
  name: z.string(),
  statements: z.array(statement).default([]),
});
const file = z.looseObject({
  global: z.looseObject({
    "apply-policy": z.looseObject({
      config: z.looseObject({ "import-policy-list": list, "export-policy-list": list }),
    }),
  }),
  "defined-sets": z
    .looseObject({
      "neighbor-sets": z.array(neighborSet).default([]),
      "prefix-sets": z.array(z.looseObject({})).default([]),
    })
    .prefault({}),
  "policy-definitions": z.array(definition).default([]),
  neighbors: z
    .array(z.looseObject({ config: z.looseObject({ "neighbor-address": z.string() }) }))
    .default([]),
});

type File = z.infer<typeof file>;

/** Name of the import policy where the plan has none because nobody announces any more. */
const importName = "fence";

/**
 * The plan's file, and with it whatever the daemon accepts now: ranges that are to be given up, and neighbours that are to
 * go. Without it their routes would be gone before those who use them have moved.
 */
export function widen(next: string, running: Running): Widened {
  const [plan, old] = [file.parse(parse(next)), file.parse(parse(running.file))];
  const planned = new Set(plan.neighbors.map(addressOf));
  const leaving = old.neighbors
    .filter((one) => running.neighbors.includes(addressOf(one)) && !planned.has(addressOf(one)))
    .sort((a, b) => (addressOf(a) < addressOf(b) ? -1 : 1));
  const known = new Set([...planned, ...leaving.map(addressOf)]);
  const lines = new Set(parseGobgp(next).fence);
  const more = running.accepted.filter(
    (one) =>
      !lines.has(fenceLine(one)) &&
      one.neighbors.some((prefix) => known.has(hostOf(prefix) ?? prefix)),
  );
  if (leaving.length === 0 && more.length === 0) return { text: next, kept: [] };
  const wide = { ...plan, neighbors: [...plan.neighbors, ...leaving] };
  const text = withExports(withAccepted(wide, more), old, new Set(leaving.map(addressOf)));
  return {
    text: stringify(text),
    kept: [...leaving.map((one) => `neighbour ${addressOf(one)}`), ...more.map(fenceLine).sort()],
  };
}

function addressOf({ config }: File["neighbors"][number]): string {
  return config["neighbor-address"];
}

/** Each sender with its next hops gets statements of its own, so that those of the plan stay as they are. */
function withAccepted(wide: File, more: readonly Accepted[]): File {
  if (more.length === 0) return wide;
  const groups = new Map<string, Accepted[]>();
  for (const one of more) {
    const key = JSON.stringify([one.neighbors, one.nextHops, one.asPath, one.sets]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  // No node is called like this: a COE's name begins with a letter or a digit.
  const kept = [...groups.values()].map((entries, index) => ({ name: `-kept/${index}`, entries }));
  const [policy = importName] = wide.global["apply-policy"].config["import-policy-list"];
  const sets = wide["defined-sets"];
  const statements = kept.map(({ name, entries }) => ({
    name,
    conditions: {
      "match-neighbor-set": { "neighbor-set": name },
      "match-prefix-set": { "prefix-set": name },
      "bgp-conditions": {
        "next-hop-in-list": entries[0]?.nextHops ?? [],
        ...pathLength(entries[0]?.asPath ?? ""),
      },
    },
    // What was accepted as the neighbour sent it, is until the end of the update.
    actions: entries[0]?.sets === undefined ? { "route-disposition": "accept-route" } : acceptReset,
  }));
  return {
    ...wide,
    "defined-sets": {
      ...sets,
      "neighbor-sets": [
        ...sets["neighbor-sets"],
        ...kept.map(({ name, entries }) => ({
          "neighbor-set-name": name,
          "neighbor-info-list": [...(entries[0]?.neighbors ?? [])],
        })),
      ],
      "prefix-sets": [
        ...sets["prefix-sets"],
        ...kept.map(({ name, entries }) => ({
          "prefix-set-name": name,
          "prefix-list": entries.map(({ prefix, lengths }) => ({
            "ip-prefix": prefix,
            "masklength-range": lengths,
          })),
        })),
      ],
    },
    ...withPolicy(wide, "import-policy-list", { name: policy, statements }),
  };
}

function pathLength(asPath: string) {
  const [operator, value] = asPath.split(" ");
  return value === undefined ? {} : { "as-path-length": { operator, value: Number(value) } };
}

/** What is sent to the neighbours that are to go stays as it is: they are in the sets of the export policies. */
function withExports(wide: File, old: File, leaving: ReadonlySet<string>): File {
  let result = wide;
  for (const name of old.global["apply-policy"].config["export-policy-list"]) {
    const policy = old["policy-definitions"].find((one) => one.name === name);
    for (const one of policy?.statements ?? []) {
      const set = one.conditions["match-neighbor-set"]?.["neighbor-set"] ?? "";
      const members = old["defined-sets"]["neighbor-sets"]
        .filter((other) => other["neighbor-set-name"] === set)
        .flatMap((other) => other["neighbor-info-list"])
        .filter((prefix) => leaving.has(hostOf(prefix) ?? prefix));
      if (members.length === 0) continue;
      result = {
        ...withMembers(result, set, members),
        ...withPolicy(result, "export-policy-list", { name, statements: [one] }),
      };
    }
  }
  return result;
}

function withMembers(wide: File, name: string, members: readonly string[]): File {
  const sets = wide["defined-sets"];
  const others = sets["neighbor-sets"];
  const has = others.some((set) => set["neighbor-set-name"] === name);
  return {
    ...wide,
    "defined-sets": {
      ...sets,
      "neighbor-sets": has
        ? others.map((set) =>
            set["neighbor-set-name"] === name
              ? { ...set, "neighbor-info-list": [...set["neighbor-info-list"], ...members] }
              : set,
          )
        : [...others, { "neighbor-set-name": name, "neighbor-info-list": [...members] }],
    },
  };
}

/** A policy with some statements more, those of the same name left alone; made and applied where there is none. */
function withPolicy(
  wide: File,
  direction: "import-policy-list" | "export-policy-list",
  { name, statements }: { name: string; statements: readonly Record<string, unknown>[] },
): Pick<File, "global" | "policy-definitions"> {
  const { global } = wide;
  const applied = global["apply-policy"].config;
  const definitions = wide["policy-definitions"];
  const there = definitions.find((one) => one.name === name);
  const has = new Set(there?.statements.map((one) => one.name));
  const added = z.array(statement).parse(statements.filter((one) => !has.has(one.name)));
  return {
    global: {
      ...global,
      "apply-policy": {
        ...global["apply-policy"],
        config: {
          ...applied,
          [direction]: [...new Set([...applied[direction], name])],
        },
      },
    },
    "policy-definitions":
      there === undefined
        ? [...definitions, { name, statements: added }]
        : definitions.map((one) =>
            one === there ? { ...one, statements: [...one.statements, ...added] } : one,
          ),
  };
}
