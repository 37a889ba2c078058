import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { create } from "tar";
import { parseDocument, stringify } from "yaml";
import { exitCode, messageOf, SeamlessError } from "../util/errors";
import { isRecord } from "../util/json";
import { cut, isSecretName, type Redactor, secretsIn, textsIn } from "../util/redact";
import { inScratch } from "../util/scratch";

/** Outputs of a stack that say nothing of how it is reached. */
const publicOutputs: readonly string[] = ["next", "plan", "probes", "reflectors", "subnets"];

/** What may be said of how something is reached; all else there is cut. */
const publicAccess: readonly string[] = [
  ...["via", "container", "api", "dockerHost", "target", "url", "etcdEndpoints"],
];

/** A stack's outputs without secrets. */
export function publicPart(outputs: unknown, redactor: Redactor): unknown {
  if (!isRecord(outputs)) return cut;
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => {
      if (publicOutputs.includes(name)) return [name, redactor.texts(value)];
      return [name, name === "access" ? reached(value, redactor) : cut];
    }),
  );
}

function reached(value: unknown, redactor: Redactor): unknown {
  if (!isRecord(value)) return cut;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (publicAccess.includes(name)) return [name, redactor.texts(inner)];
      return [
        redactor.text(name),
        isRecord(inner) && !isSecretName(name) ? reached(inner, redactor) : cut,
      ];
    }),
  );
}

/** Every text of a stack's outputs that may not be passed on. */
export function secretsOfOutputs(outputs: unknown): string[] {
  if (!isRecord(outputs)) return textsIn(outputs);
  return Object.entries(outputs).flatMap(([name, value]) => {
    if (publicOutputs.includes(name)) return [];
    return name === "access" ? secretsOfAccess(value) : secretsIn({ [name]: value });
  });
}

function secretsOfAccess(value: unknown): string[] {
  if (!isRecord(value)) return textsIn(value);
  return Object.entries(value).flatMap(([name, inner]) => {
    if (publicAccess.includes(name)) return [];
    return isRecord(inner) && !isSecretName(name) ? secretsOfAccess(inner) : textsIn(inner);
  });
}

/** A configuration file without secrets, and without its comments, in which people write whatever they like. */
export function publicConfig(text: string, redactor: Redactor): string {
  return stringify(redactor.data(parsedConfig(text)));
}

/** Every text of a configuration file that may not be passed on. */
export function secretsOfConfig(text: string): string[] {
  return secretsIn(parsedConfig(text));
}

function parsedConfig(text: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) return { unreadable: "this file is no YAML, so it is left out" };
  return document.toJS({ maxAliasCount: 100 });
}

/** The values of variables whose names say that they are secrets. */
export function secretsOfEnvironment(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    isSecretName(name) && value !== undefined ? value : [],
  );
}

/** Variables that decide what the program does and hold no secret. */
const publicVariables: readonly string[] = [
  ...["DOCKER_HOST", "HOME", "LANG", "NO_COLOR", "PATH", "SEAMLESS_CACHE", "SEAMLESS_PULUMI"],
  ...["SEAMLESS_STATE", "TERM", "XDG_CACHE_HOME", "XDG_STATE_HOME"],
];

/** Those variables, as far as they are set. */
export function publicEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  redactor: Redactor,
): Record<string, string> {
  return Object.fromEntries(
    publicVariables.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, redactor.text(value)]];
    }),
  );
}

/**
 * Writes files into one archive that only its owner may read.
 * @param files by name, their texts, in which no secret may be left
 * @throws SeamlessError where one is, and the archive is not written
 */
export async function writeBundle(
  file: string,
  files: Readonly<Record<string, string>>,
  redactor: Redactor,
): Promise<void> {
  const leaking = Object.keys(files).filter((name) => redactor.leaks(files[name] ?? ""));
  if (leaking.length > 0)
    throw new SeamlessError(
      `--bundle ${file}: a known secret would be in ${leaking.join(", ")}, so nothing is written; leave the bundle out, and report this`,
      exitCode.operationFailed,
    );
  const target = resolve(file);
  await inScratch("bundle", async (scratch) => {
    const folder = join(scratch, "seamless-bundle");
    await mkdir(folder, { mode: 0o700 });
    for (const [name, text] of Object.entries(files))
      await writeFile(join(folder, name), text, { mode: 0o600 });
    const made = join(dirname(target), `.seamless-bundle-${process.pid}.tgz`);
    try {
      await create({ gzip: true, portable: true, cwd: scratch, file: made }, ["seamless-bundle"]);
      await chmod(made, 0o600);
      await rename(made, target);
    } catch (thrown) {
      throw new SeamlessError(`--bundle ${file}: ${messageOf(thrown)}`, exitCode.usage);
    }
  });
}
