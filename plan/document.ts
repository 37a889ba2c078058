/** Reads back what `seamless plan --json` prints. */
import { z } from "zod";
import { fenceName } from "./families";
import { type Plan, planSchema } from "./types";

const named = z.looseObject({ name: z.string() });
const document = z.looseObject({
  schemaVersion: z.literal(2),
  coes: z.array(z.looseObject({ name: z.string(), nodes: z.array(named) })),
  reflectors: z.array(named),
  sessions: z.array(named),
  fences: z.array(z.looseObject({ node: z.string(), address: z.string() })),
  racks: z.array(named).exactOptional(),
});

/** A plan out of the lists that are printed of it. */
export const planDocumentSchema = document
  .transform(({ racks, ...printed }) => ({
    ...printed,
    ...(racks === undefined ? {} : { racks: keyed(racks, ({ name }) => name) }),
    coes: keyed(
      printed.coes.map((coe) => ({
        ...coe,
        nodes: keyed(
          coe.nodes.map((node) => ({ ...node, id: `${coe.name}/${node.name}` })),
          ({ name }) => name,
        ),
      })),
      ({ name }) => name,
    ),
    reflectors: keyed(printed.reflectors, ({ name }) => name),
    sessions: keyed(printed.sessions, ({ name }) => name),
    fences: keyed(printed.fences, fenceName),
  }))
  .pipe(planSchema satisfies z.ZodType<Plan>);

function keyed<T>(all: readonly T[], key: (one: T) => string): Record<string, T> {
  return Object.fromEntries(all.map((one) => [key(one), one]));
}
