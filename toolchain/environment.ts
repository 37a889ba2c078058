import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stateDir } from "../util/paths";
import type { Choice } from "./choose";
import { pulumiHome } from "./home";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the environment lacks for pulumi to work on this machine alone; what the user has set stays as it is.
 * A pulumi of the user's own keeps its own home and plugins, but both kinds use the same state.
 */
export function missingEnvironment(
  env: Environment,
  choice: Choice,
): Readonly<Record<string, string>> {
  const state = stateDir(env);
  const wanted: Record<string, string> = {
    PULUMI_BACKEND_URL: `file://${join(state, "pulumi")}`,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Types are checked by the tests; checking them again at every start would take twice as long as all the rest.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
  };
  if (env.PULUMI_CONFIG_PASSPHRASE === undefined)
    wanted.PULUMI_CONFIG_PASSPHRASE_FILE = join(state, "passphrase");
  if (choice.kind === "own") {
    wanted.PULUMI_HOME = pulumiHome();
    wanted.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION = "true";
  }
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => env[name] === undefined));
}

/** Makes the state folder and the passphrase, where they are ours and missing. Only the user can read them. */
export async function makeState(added: Readonly<Record<string, string>>): Promise<void> {
  const backend = added.PULUMI_BACKEND_URL;
  if (backend !== undefined)
    await mkdir(backend.slice("file://".length), { recursive: true, mode: 0o700 });
  const passphrase = added.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (passphrase !== undefined) await makePassphrase(passphrase);
}

async function makePassphrase(file: string): Promise<void> {
  await mkdir(join(file, ".."), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(temporary, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
    // A link fails when the file is there: nobody's passphrase is ever replaced, however many start at once.
    await link(temporary, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}
