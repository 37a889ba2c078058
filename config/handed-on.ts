import type { RawConfig } from "./parse";
import type { Path } from "./problems";

/** What Pulumi hands to a program: by setting, a text, which is JSON where it is a map or a list. */
export type Settings = Readonly<Record<string, string>>;

/** Secrets by COE: by what it is reached. */
export const loginSorts = ["tokens", "passwords", "keys"] as const;

export type LoginSort = (typeof loginSorts)[number];

/** Passwords of BGP sessions (RFC 2385), by COE. */
export const bgpPasswords = "bgpPasswords";

/** The settings that are secrets. */
const secretSorts = [...loginSorts, bgpPasswords] as const;

export type SecretSort = (typeof secretSorts)[number];

/** Secrets as far as they can be read; a sort that cannot is left out. */
export type RawSecrets = Readonly<Partial<Record<SecretSort, unknown>>>;

function isSecretSort(name: string): name is SecretSort {
  return secretSorts.some((sort) => sort === name);
}

/** What a text says: what its JSON says where it is some, else itself; a setting without a value is an empty text. */
export function saidBy(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The settings that are no secrets. */
export function rawConfig(settings: Settings): RawConfig {
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([name]) => !isSecretSort(name))
      .map(([name, text]) => [name, saidBy(text)]),
  );
}

/** The secrets. @param encrypted paths of values that cannot be read here */
export function rawSecrets(settings: Settings, encrypted: readonly Path[]): RawSecrets {
  const sealed = new Set(encrypted.flatMap(([name, ...rest]) => (rest.length === 0 ? [name] : [])));
  return Object.fromEntries(
    Object.entries(settings)
      .filter(([name]) => isSecretSort(name) && !sealed.has(name))
      .map(([name, text]) => [name, saidBy(text)]),
  );
}

/** Paths of encrypted values where there may be none. */
export function misplaced(encrypted: readonly Path[]): Path[] {
  return encrypted.filter(([name = ""]) => !isSecretSort(name));
}

/** Paths of secrets that are encrypted as a whole where their names are needed: a session with a password is planned so. */
export function unnamed(encrypted: readonly Path[]): Path[] {
  return encrypted.filter(([name, ...rest]) => name === bgpPasswords && rest.length === 0);
}
