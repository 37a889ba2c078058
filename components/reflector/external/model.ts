import { z } from "zod";
import type { ReflectorDraft } from "../../../config/draft";
import type { ReflectorKind } from "../../../config/kind";
import type { Path, Problem } from "../../../config/problems";
import { isFields, readable } from "../../../config/readable";

/** In whose language the configuration of a router is written that we do not run. */
export const dialectNames = ["bird", "eos", "frr", "ios-xe", "junos", "nx-os"] as const;

export type DialectName = (typeof dialectNames)[number];

const argv = z
  .array(z.string().min(1))
  .refine((words) => words.length > 0, { error: "allowed: a program and its arguments" })
  .readonly();

/** How a router is asked: by a program of its own, or by one of the user's that prints JSON. */
export type ReadConfig = z.infer<typeof readSchema>;
const readSchema = z
  .strictObject({
    vtysh: argv.exactOptional(),
    birdc: argv.exactOptional(),
    json: argv.exactOptional(),
  })
  .readonly();

const fields = {
  /** `embedded`: a machine of the lab, with what is rendered for it. Default: it is there already. */
  access: z.literal("embedded").exactOptional(),
  /** In whose language its configuration is rendered. */
  dialect: z.enum(dialectNames),
  /** How it is asked. Default: nobody asks it, and its sessions are seen from the nodes alone. */
  read: readSchema.exactOptional(),
};
const schema = z.object(fields).readonly();

/** Programs by the dialect that they go with. */
const programs = { vtysh: "frr", birdc: "bird" } as const;

/** Who listens at 179 alone. */
const onePort: readonly string[] = ["eos", "ios-xe", "junos", "nx-os"];

/** Dialects in which a router is rendered that writes itself as next hop of what comes from another rack. */
const forRacks: readonly string[] = ["bird", "frr"];

/** What the configuration says of a router that we do not run. */
export const externalModel: ReflectorKind = {
  fields,
  noBfd: "its owner decides what it watches",
  *check({ written, port, rack, embedded }: ReflectorDraft, at: Path): Iterable<Problem> {
    const { dialect } = readable(schema, written) ?? {};
    const named = Object.keys(isFields(written.read) ? written.read : {});
    if (isFields(written.read) && named.length !== 1)
      yield {
        path: [...at, "read"],
        message: `found ${named.length === 0 ? "nothing" : named.sort().join(" and ")}; allowed: one of vtysh, birdc, json`,
      };
    if (embedded && written.read !== undefined)
      yield {
        path: [...at, "read"],
        message: "found with access: embedded, whose router the lab asks; allowed: no read",
      };
    if (embedded && dialect !== undefined && dialect !== "frr")
      yield {
        path: [...at, "dialect"],
        message: `found ${dialect} with access: embedded; allowed: frr, which the lab's routers run`,
      };
    if (embedded && port !== undefined && port !== 179)
      yield {
        path: [...at, "port"],
        message: `found ${port} with access: embedded, whose router takes sessions at 179 alone; allowed: no port`,
      };
    for (const [program, its] of Object.entries(programs))
      if (named.includes(program) && dialect !== undefined && dialect !== its)
        yield {
          path: [...at, "read", program],
          message: `found ${program} with dialect ${dialect}; allowed: ${program} with dialect ${its}, or json`,
        };
    if (port !== undefined && port !== 179 && dialect !== undefined && onePort.includes(dialect))
      yield {
        path: [...at, "port"],
        message: `found ${port} with dialect ${dialect}, which takes sessions at 179 alone; allowed: no port`,
      };
    if (rack !== undefined && dialect !== undefined && !forRacks.includes(dialect))
      yield {
        path: [...at, "rack"],
        message: `found ${JSON.stringify(rack)} with dialect ${dialect}, in which next hops of other racks are not rendered; allowed: rack with dialect ${forRacks.join(" or ")}`,
      };
  },
  plan(written) {
    const { dialect, read, access } = schema.parse(written);
    return { dialect, ...(read === undefined && access === undefined ? { unread: true } : {}) };
  },
};

/** How the configuration has a router asked; undefined where nobody asks it. */
export function readConfigOf(
  reflector: object,
): { readonly program: string; readonly argv: readonly string[] } | undefined {
  const { data } = z.object({ read: readSchema }).safeParse(reflector);
  const [first] = Object.entries(data?.read ?? {});
  return first === undefined ? undefined : { program: first[0], argv: first[1] ?? [] };
}
