import type { CoeDraft } from "./draft";
import { bgpPasswords, type LoginSort, loginSorts, type RawSecrets } from "./handed-on";
import { type CoeKinds, kindOf } from "./kind";
import type { Path, Problem } from "./problems";
import { isFields } from "./readable";
import { aCoe, describe, didYouMean } from "./words";

type Coes = Readonly<Record<string, CoeDraft>>;

/** What is wrong with the secrets but for their values, which no message says. */
export function secretProblems(secrets: RawSecrets, coes: Coes, kinds: CoeKinds): Problem[] {
  const logins = loginSorts.flatMap((sort) =>
    each(
      sort,
      secrets[sort],
      (name, value) => ofLogin(sort, name, secrets, coes, kinds) ?? ofValue(value),
    ),
  );
  const sessions = each(
    bgpPasswords,
    secrets[bgpPasswords],
    (name, value) =>
      ofSessions(name, coes, kinds) ??
      ofValue(value) ??
      ofPassword(value) ??
      ofWord(coes[name], kinds, value),
  );
  return [...logins, ...sessions];
}

type Judge = (name: string, value: unknown) => string | undefined;

function each(sort: string, given: unknown, judge: Judge): Problem[] {
  if (given === undefined) return [];
  if (!isFields(given)) return [{ path: [sort], message: shapeOf(given) }];
  return Object.entries(given).flatMap(([name, value]) => {
    const message = judge(name, value);
    return message === undefined ? [] : [{ path: [sort, name], message }];
  });
}

/** Names of the passwords of BGP sessions, where the secrets are valid; sorted. */
export function passwordNames({ [bgpPasswords]: given }: RawSecrets): string[] {
  return isFields(given) ? Object.keys(given).sort() : [];
}

function ofSessions(name: string, coes: Coes, kinds: CoeKinds): string | undefined {
  const takers = Object.entries(coes).filter(
    ([, { kind }]) => kindOf(kinds, kind)?.noBgpPasswords === undefined,
  );
  const coe = Object.hasOwn(coes, name) ? coes[name] : undefined;
  if (coe === undefined) return noCoe(name, takers, coes);
  const why = kindOf(kinds, coe.kind)?.noBgpPasswords;
  return why === undefined ? undefined : `means nothing to ${aCoe(coe.kind)}: ${why}; leave it out`;
}

/** The most that the kernel takes as a key (Linux: TCP_MD5SIG_MAXKEYLEN). */
const longestPassword = 80;

/** A node's confd writes a password between double quotes into the file of its BGP daemon, as it is. */
function ofPassword(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const bytes = Buffer.byteLength(value);
  if (bytes > longestPassword)
    return `found ${bytes} bytes; allowed: 1 to ${longestPassword}, as TCP MD5 takes them`;
  return /^[ !#-~]*$/.test(value)
    ? undefined
    : 'found a character that is not allowed; allowed: printable ASCII but for "';
}

/** FRR's file is read word by word, and one with more words than it knows is refused as a whole. */
function ofWord(coe: CoeDraft | undefined, kinds: CoeKinds, value: unknown): string | undefined {
  if (coe === undefined || typeof value !== "string" || !value.includes(" ")) return undefined;
  const kind = kindOf(kinds, coe.kind);
  const speaker = coe.speaker ?? kind?.defaultSpeaker;
  return kindOf(kind?.speakers ?? {}, speaker)?.passwordsAsWords === true
    ? `found a space; ${speaker} takes a password as one word: allowed: printable ASCII but for " and spaces`
    : undefined;
}

const asMap = "allowed: a map by COE, as pulumi config set --secret --path makes it";

function shapeOf(given: unknown): string {
  const what = typeof given === "string" ? "found a text" : describe(given);
  return `${what}; ${asMap}`;
}

/** A value of a COE is a text; in a file it may be encrypted. */
function ofValue(value: unknown): string | undefined {
  if (typeof value === "string")
    return value === "" ? "found an empty text; allowed: a secret, or no such line" : undefined;
  const sealed = isFields(value) && Object.keys(value).join() === "secure";
  return sealed ? undefined : "found something that is no text; allowed: a text";
}

function ofLogin(
  sort: LoginSort,
  name: string,
  secrets: RawSecrets,
  coes: Coes,
  kinds: CoeKinds,
): string | undefined {
  const coe = Object.hasOwn(coes, name) ? coes[name] : undefined;
  if (coe === undefined) {
    const takers = Object.entries(coes).filter(([, one]) => takes(one, kinds));
    return noCoe(name, takers, coes);
  }
  const facts = kindOf(kinds, coe.kind)?.secrets;
  if (!takes(coe, kinds))
    return coe.embedded
      ? "means nothing to a COE of the lab; leave it out"
      : `means nothing to ${aCoe(coe.kind)}, which is reached by ${facts?.instead ?? "its access"}; leave it out`;
  return facts?.check?.(sort, loginsOf(secrets, name), coe, name);
}

function noCoe(name: string, takers: readonly [string, CoeDraft][], coes: Coes): string {
  const names = takers.map(([key]) => key).sort();
  const allowed = names.join(", ") || "none, for no COE of the stack takes one";
  return `found no COE of this name; allowed: ${allowed}${didYouMean(name, Object.keys(coes))}`;
}

/** Whether it is reached by secrets at all; of a kind that is not known nobody knows. */
function takes({ kind, embedded }: CoeDraft, kinds: CoeKinds): boolean {
  const facts = kindOf(kinds, kind);
  return !embedded && (facts === undefined || facts.secrets.sorts.length > 0);
}

/** The sorts of secrets that there are for a COE. */
export function loginsOf(secrets: RawSecrets, name: string): LoginSort[] {
  return loginSorts.filter((sort) => has(secrets[sort], name));
}

function has(given: unknown, name: string): boolean {
  return isFields(given) && Object.hasOwn(given, name);
}

/** What is said of an encrypted value among those that decide which resources there are. */
export function encryptedProblems(paths: readonly Path[]): Problem[] {
  return paths.map((path) => ({ path, message: path[0] === bgpPasswords ? whole : encrypted }));
}

const whole =
  "found one encrypted text; the names in it say which sessions have a password, and are part of the plan; allowed: a map by COE with each password encrypted, as pulumi config set --secret --path makes it";

const encrypted =
  "found an encrypted value; ranges, addresses and names decide which resources exist, so the state has them in plain text; allowed: a plain value, set without --secret; secrets belong in seamless:tokens, seamless:passwords and seamless:keys";
