/** Passwords of BGP sessions (RFC 2385): the plan and what is rendered from it only name them. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { messageOf, SeamlessError } from "../../util/errors";

/** Name of the environment variable with the passwords that a step needs: JSON, by their names in the plan. */
export const passwordsVariable = "SEAMLESS_BGP_PASSWORDS";

const setting = "seamless:bgpPasswords";

/** What a rendered file has where a password belongs: the setting that holds it. */
export function passwordMark(name: string): string {
  return `${setting}.${name}`;
}

/** Tells passwords apart without keeping them. */
export function digestOf(password: string): string {
  return createHash("sha256").update(password).digest("hex");
}

export type Passwords = Readonly<Record<string, string>>;

/** Takes the passwords out of the environment, so that programs which the step runs do not inherit them. */
export function takePasswords(environment: NodeJS.ProcessEnv = process.env): Passwords {
  const { [passwordsVariable]: text } = environment;
  delete environment[passwordsVariable];
  return text === undefined ? {} : z.record(z.string(), z.string()).parse(JSON.parse(text));
}

/** @throws SeamlessError where the password that a mark stands for is missing */
export function passwordOf(mark: string, passwords: Passwords): string {
  const name = mark.slice(setting.length + 1);
  const password = Object.hasOwn(passwords, name) ? passwords[name] : undefined;
  // An empty one would mean a session without any.
  if (password === undefined || password === "")
    throw new SeamlessError(`${mark}: missing; needed: the password of BGP sessions`);
  return password;
}

/** Whether a rendered file has a mark. */
export function needsPasswords(text: string): boolean {
  return text.includes(`${setting}.`);
}

/**
 * Does something whose messages may quote the file, and takes the passwords out of them.
 * @throws SeamlessError like the error that was thrown, without passwords
 */
export async function redacted<T>(
  passwords: Passwords,
  say: (message: string) => void,
  act: (say: (message: string) => void) => Promise<T>,
): Promise<T> {
  const hidden = hiding(passwords);
  try {
    return await act((message) => say(hidden(message)));
  } catch (thrown) {
    if (Object.keys(passwords).length === 0) throw thrown;
    throw new SeamlessError(hidden(messageOf(thrown)));
  }
}

/** Shorter texts occur everywhere by chance. */
const shortest = 3;

/** A password may be quoted as it is, or as TOML and JSON write it. */
function hiding(passwords: Passwords): (text: string) => string {
  const forms = Object.values(passwords).flatMap((one) => [one, JSON.stringify(one).slice(1, -1)]);
  const longestFirst = [...new Set(forms)]
    .filter((form) => form.length >= shortest)
    .sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, form) => rest.replaceAll(form, "[secret]"), text);
}
