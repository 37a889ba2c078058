import { isRecord } from "./json";

/** What stands where a secret was. */
export const cut = "[secret]";

/** Shorter texts are no secrets that could be told from words; where one is known by its place, it is cut there. */
const shortest = 4;

/** Words in names of fields and variables whose values are secrets, or what a secret can be read from. */
const secretWords = new Set(
  "auth authorization bearer ca cert certs cookie credential credentials jwt key keys login pass passwd password passwords passphrase pem private pwd secret secrets signature token tokens".split(
    " ",
  ),
);
/** The same where words are written as one. */
const secretParts =
  /password|passphrase|passwd|secret|token|credential|privatekey|apikey|[a-z]config(s|json)?$/;

/** Whether a field of this name holds a secret, or what a secret can be read from. */
export function isSecretName(name: string): boolean {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return (
    words.split(/[^a-z0-9]+/).some((word) => secretWords.has(word)) ||
    secretParts.test(name.toLowerCase())
  );
}

/** What is a secret by how it looks, wherever it is. A group that is kept says what was there. */
const looks: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]+-----.*?(-----END [A-Z0-9 ]+-----|$)/gs, cut],
  // The header of a JWT begins with {" in base64.
  [/\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?/g, cut],
  [/\b((?:bearer|basic|token|negotiate)[ =:]+)[\w+/=~.-]{8,}/gi, `$1${cut}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:"']*:[^\s/@"']*@/gi, `$1${cut}@`],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, cut],
  [/\b(gh[pousr]_|glpat-|xox[abprs]-|pul-)[\w-]{16,}/g, cut],
  [/\bv1:[\w+/=]{8,}:[\w+/=]{8,}/g, cut],
  [
    /((?:pass(?:word|phrase|wd)?|secret|token|api[-_]?key|private[-_]?key|(?:client|ca)-[a-z-]*data|credential)s?["']?\s*[:=]\s*["']?)(?!\[secret\])[^\s"',;&}]+/gi,
    `$1${cut}`,
  ],
  [/(--?(?:password|passwd|token|secret|key)[ =])(?!\[secret\])\S+/gi, `$1${cut}`],
];

/** A long run of base64 that is no path and no digest in hexadecimal: keys and certificates, and whatever holds them. */
const encoded = /[A-Za-z0-9+/_-]{40,}={0,2}/g;

function isEncoded(run: string): boolean {
  const many = (of: RegExp) => (run.match(of) ?? []).length >= 3;
  return (
    many(/[A-Z]/g) && many(/[a-z]/g) && many(/[0-9]/g) && (run.match(/[/_-]/g) ?? []).length < 6
  );
}

/** Cuts secrets out of texts: those that are known, in every encoding they may have there, and what looks like one. */
export class Redactor {
  private readonly known: readonly string[];

  constructor(secrets: Iterable<string>) {
    const forms = new Set([...secrets].flatMap(pieces).flatMap(encodings));
    // The longest first, so that no part of one is left.
    this.known = [...forms].sort((a, b) => b.length - a.length);
  }

  text(given: string): string {
    let text = given;
    for (const secret of this.known)
      if (text.includes(secret)) text = text.replaceAll(secret, () => cut);
    for (const [look, instead] of looks) text = text.replace(look, instead);
    return text.replace(encoded, (run) => (isEncoded(run) ? cut : run));
  }

  /** The same for every text in plain data; what a field's name says is a secret is cut whole. */
  data(given: unknown): unknown {
    if (typeof given === "string") return this.text(given);
    if (Array.isArray(given)) return given.map((one) => this.data(one));
    if (!isRecord(given)) return given;
    return Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        this.text(name),
        isSecretName(name) && hasText(value) ? cut : this.data(value),
      ]),
    );
  }

  /** The same for every text in a record whose fields have no secrets by their names. */
  texts<T>(given: T): T {
    return JSON.parse(JSON.stringify(given), (_, value) =>
      typeof value === "string" ? this.text(value) : value,
    );
  }

  /** Whether one of the known secrets is in a text after all. */
  leaks(text: string): boolean {
    return this.known.some((secret) => text.includes(secret));
  }
}

/** Switches and numbers say nothing. */
function hasText(value: unknown): boolean {
  return typeof value !== "boolean" && typeof value !== "number" && value !== null;
}

/** Every text below a value. */
export function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** Every text below a field whose name says that it is a secret. */
export function secretsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(secretsIn);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    isSecretName(name) ? textsIn(inner) : secretsIn(inner),
  );
}

/** A secret, its lines where it has several, what follows a name in them, and what it is the base64 of. */
function pieces(secret: string): string[] {
  const lines = secret.includes("\n") ? secret.split("\n").map((line) => line.trim()) : [];
  const values = lines.flatMap((line) => {
    const [, value = ""] = /^[-\s]*[\w."-]+\s*[:=]\s*["']?([^"']+)["']?$/.exec(line) ?? [];
    return value;
  });
  const long = [...lines, ...values].filter(
    (piece) => piece.length >= 12 && !/^-----|^https?:\/\/[^@]*$/.test(piece),
  );
  const all = [...new Set([secret, ...long])];
  return [...all, ...all.flatMap(decoded).flatMap(pieces)];
}

/** What a text is the base64 of, where that is readable. */
function decoded(text: string): string[] {
  if (!/^[A-Za-z0-9+/_-]{16,}={0,2}$/.test(text)) return [];
  const inside = Buffer.from(text, "base64").toString("utf8");
  return inside.length >= 8 && !/[\ufffd\0]/.test(inside) ? [inside] : [];
}

function encodings(secret: string): string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  const bytes = Buffer.from(secret, "utf8");
  const base64 = bytes.length < 6 ? [] : [0, 1, 2].map((shift) => inBase64(bytes, shift));
  const plain = bytes.toString("base64");
  return [
    secret,
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    encodeURIComponent(secret.replace(/\p{Cs}/gu, "")),
    encodeURIComponent(secret.replace(/\p{Cs}/gu, "")).replaceAll("%20", "+"),
    secret.replaceAll("'", "'\\''"),
    secret
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;"),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    plain,
    ...base64,
    ...[plain, ...base64].map((one) => one.replaceAll("+", "-").replaceAll("/", "_")),
  ].filter((form) => form.length >= shortest);
}

/** What is left of bytes in the base64 of a longer text, in which that many bytes of a group of three are before them. */
function inBase64(bytes: Buffer, shift: number): string {
  const all = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  const before = shift === 0 ? 0 : shift + 1;
  const whole = Math.floor(((shift + bytes.length) * 8) / 6);
  return all.slice(before, whole);
}
