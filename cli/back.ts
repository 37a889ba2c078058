import { parseDocument } from "yaml";
import { z } from "zod";
import { SeamlessError } from "../util/errors";

/** What `pulumi stack history --json` says of an update, as far as going back needs it. */
const history = z.array(
  z.looseObject({
    kind: z.string(),
    result: z.string(),
    startTime: z.string().default(""),
    config: z.record(
      z.string(),
      z.looseObject({
        value: z.string().optional(),
        objectValue: z.unknown(),
        secret: z.boolean().default(false),
      }),
    ),
  }),
);

/** The configuration of an update that went well. */
export interface Good {
  /** When it began, as Pulumi writes it. */
  readonly time: string;
  readonly config: z.infer<typeof history>[number]["config"];
}

/** The last update that went well; undefined where there was none. @param text what `pulumi stack history --json` prints */
export function lastGood(text: string): Good | undefined {
  const found = history
    .parse(JSON.parse(text.trim() === "" ? "[]" : text))
    .find(({ kind, result }) => kind === "update" && result === "succeeded");
  return found === undefined ? undefined : { time: found.startTime, config: found.config };
}

/**
 * A stack file with an earlier configuration. Pulumi's history does not tell secrets, so these are taken from the stack
 * file as it is now, where they are encrypted.
 * @param now text of the stack's file
 * @throws SeamlessError when a secret of the earlier configuration is no longer in the file
 */
export function backFile(now: string, file: string, { config }: Good): string {
  const document = parseDocument(now);
  const entries = Object.entries(config).map(([key, { value, objectValue, secret }]) => {
    const secretNow: unknown = document.getIn(["config", key]);
    if (secret && secretNow === undefined)
      throw new SeamlessError(
        `${file}: found no ${key}, a secret of the configuration before; write it back, then run: pulumi up`,
      );
    return [key, secret ? secretNow : (objectValue ?? value)] as const;
  });
  document.set("config", document.createNode(Object.fromEntries(entries)));
  return document.toString();
}
