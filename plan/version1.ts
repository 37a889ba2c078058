/** The plan as it was written before its sessions were symmetrical: in outputs of stacks, and in what steps were given. */
import { z } from "zod";
import { familyOf } from "../util/net";
import { isInternal, sessionOf, timersOf } from "./sessions";
import { type Plan, planSchema, type SessionEnd } from "./types";

const text = z.string();
const end = z.object({ id: text, address: text, asn: z.number() }).readonly();
const session = z
  .object({
    name: text,
    reflector: end,
    node: end,
    kind: z.enum(["ibgp", "ebgp"]),
    client: z.boolean(),
    replacePeerAs: z.literal(true).exactOptional(),
    password: text.exactOptional(),
  })
  .readonly();
const version1 = planSchema
  .unwrap()
  .extend({ schemaVersion: z.literal(1), sessions: z.record(text, session).readonly() })
  .readonly();

export type Version1 = z.infer<typeof version1>;

/** Reads a plan of today, or one of before. */
export const anyPlanSchema = z.union([planSchema, version1.transform(fromVersion1)]);

function fromVersion1(old: Version1): Plan {
  const sessions = Object.entries(old.sessions).flatMap(([name, { reflector, node, password }]) => {
    const { port } = old.reflectors[reflector.id] ?? {};
    const hub = { ...reflector, name: reflector.id, ...(port === undefined ? {} : { port }) };
    const own = { password, timers: timersOf() };
    const made = sessionOf(hub, node, familyOf(node.address) ?? 4, own);
    return made === undefined ? [] : [[name, made] as const];
  });
  return { ...old, schemaVersion: 2, sessions: Object.fromEntries(sessions) };
}

/** What a step is given whose input is part of a stack's state: the same text as before. */
export function asVersion1(plan: Plan): Version1 {
  const bare = ({ id, address, asn }: SessionEnd) => ({ id, address, asn });
  const sessions = Object.entries(plan.sessions).map(([key, one]) => {
    const { name, a, b, password } = one;
    return [
      key,
      {
        name,
        reflector: bare(a),
        node: bare(b),
        kind: isInternal(one) ? ("ibgp" as const) : ("ebgp" as const),
        client: b.role === "client",
        ...(a.replacePeerAs === true ? { replacePeerAs: a.replacePeerAs } : {}),
        ...(password === undefined ? {} : { password }),
      },
    ] as const;
  });
  return { ...plan, schemaVersion: 1, sessions: Object.fromEntries(sessions) };
}
