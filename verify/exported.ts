/** Reads what `pulumi stack export --show-secrets` writes: unlike outputs, it has what the steps of the stack printed. */
import { z } from "zod";
import { exitCode, SeamlessError } from "../util/errors";

/**
 * Of a state that was exported, the outputs of the stack and what its steps printed; anything else as it is.
 * @throws SeamlessError where its secrets are encrypted
 */
export function outputsIn(raw: unknown, from: string): unknown {
  const state = exportedState.safeParse(raw);
  if (!state.success) return raw;
  const { resources } = state.data.deployment;
  const plain = (value: unknown) => decrypted(value, from);
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const printed = resources.flatMap(({ urn, outputs: { stdout } }): [string, unknown][] =>
    stdout === undefined ? [] : [[urn.slice(urn.lastIndexOf("::") + 2), plain(stdout)]],
  );
  const own = plain(stack?.outputs ?? {});
  const named = objectIn(own);
  return Object.keys(named).length === 0
    ? named
    : { ...named, printed: Object.fromEntries(printed) };
}

const exportedState = z.object({
  deployment: z.object({
    resources: z.array(
      z.looseObject({
        urn: z.string(),
        type: z.string(),
        outputs: z.record(z.string(), z.unknown()).default({}),
      }),
    ),
  }),
});

/** How Pulumi marks a secret in a state: its key for what is no plain value, and the value for a secret. */
const [marked, isSecret] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"];

function decrypted(value: unknown, from: string): unknown {
  if (Array.isArray(value)) return value.map((one) => decrypted(one, from));
  if (typeof value !== "object" || value === null) return value;
  const fields = objectIn(value);
  if (fields[marked] !== isSecret)
    return Object.fromEntries(
      Object.entries(fields).map(([key, one]) => [key, decrypted(one, from)]),
    );
  if (typeof fields.plaintext === "string") return decrypted(JSON.parse(fields.plaintext), from);
  throw new SeamlessError(
    `${from}: found encrypted secrets; needed: pulumi stack export --show-secrets`,
    exitCode.usage,
  );
}

function objectIn(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
