/**
 * What plain and tagged scalars mean to Go's yaml.v3, by which Pulumi reads its files: the YAML 1.2 words for true,
 * false and null, numbers of 1.1 and 1.2, and dates.
 */

/** A scalar; numbers know which they are, for 8 and 8.5 are written differently when they become keys. */
export type Resolved =
  | { readonly tag: "!!null"; readonly value: null }
  | { readonly tag: "!!bool"; readonly value: boolean }
  | { readonly tag: "!!int"; readonly value: bigint }
  | { readonly tag: "!!float"; readonly value: number }
  | {
      readonly tag: "!!timestamp";
      readonly value: Date;
      readonly zone: number;
      readonly nanos: string;
    }
  /** Any other tag: the text itself. */
  | { readonly tag: string; readonly value: string };

const same = (value: Resolved, ...spellings: readonly string[]) =>
  spellings.map((spelling) => [spelling, value] as const);

const words: ReadonlyMap<string, Resolved> = new Map<string, Resolved>([
  ...same({ tag: "!!bool", value: true }, "true", "True", "TRUE"),
  ...same({ tag: "!!bool", value: false }, "false", "False", "FALSE"),
  ...same({ tag: "!!null", value: null }, "", "~", "null", "Null", "NULL"),
  ...same({ tag: "!!float", value: Number.NaN }, ".nan", ".NaN", ".NAN"),
  ...same({ tag: "!!float", value: Number.POSITIVE_INFINITY }, ".inf", ".Inf", ".INF"),
  ...same({ tag: "!!float", value: Number.POSITIVE_INFINITY }, "+.inf", "+.Inf", "+.INF"),
  ...same({ tag: "!!float", value: Number.NEGATIVE_INFINITY }, "-.inf", "-.Inf", "-.INF"),
]);

/** Tags whose scalars have to be what they say. */
const checked = new Set(["", "!!str", "!!bool", "!!int", "!!float", "!!null", "!!timestamp"]);

/**
 * What a scalar without quotes, or with a tag, is.
 * @param tag its tag in the short form, such as `!!int`; empty where there is none
 * @returns undefined when it is not what its tag says
 */
export function resolve(tag: string, text: string): Resolved | undefined {
  if (!checked.has(tag)) return { tag, value: text };
  const found = tag === "!!str" ? { tag, value: text } : plain(text, tag);
  if (tag === "" || tag === found.tag) return found;
  if (tag === "!!float" && typeof found.value === "bigint" && found.value < 2n ** 63n)
    return { tag, value: Number(found.value) };
  return undefined;
}

function plain(text: string, tag: string): Resolved {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (text.startsWith("."))
    return float(/^\.\d+(_\d+)*(e[-+]?\d+(_\d+)*)?$/i, text) ?? { tag: "!!str", value: text };
  if (!/^[-+\d]/.test(text)) return { tag: "!!str", value: text };
  const date = tag === "" || tag === "!!timestamp" ? timestamp(text) : undefined;
  if (date !== undefined) return date;
  // Python's and Go's way to group digits; where they stand does not matter.
  const digits = text.replaceAll("_", "");
  const value = integer(digits);
  if (value !== undefined) return { tag: "!!int", value };
  return float(/^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i, digits) ?? { tag: "!!str", value: text };
}

function float(pattern: RegExp, text: string): Resolved | undefined {
  const value = pattern.test(text) ? Number(text.replaceAll("_", "")) : Number.POSITIVE_INFINITY;
  return Number.isFinite(value) ? { tag: "!!float", value } : undefined;
}

const bases: readonly (readonly [RegExp, number])[] = [
  [/^0x[\da-f]+$/i, 16],
  [/^0b[01]+$/i, 2],
  [/^0o[0-7]+$/i, 8],
  [/^0[0-7]+$/, 8],
  [/^(0|[1-9]\d*)$/, 10],
];

/** -2^63 to 2^64 - 1, with a sign from -2^63 to 2^63 - 1. */
function integer(text: string): bigint | undefined {
  // A sign after the base is one, too.
  const odd = /^(-?)0([bo])([-+])(\d+)$/.exec(text);
  if (odd !== null) return odd[1] === "" ? signed(odd[3] ?? "", `0${odd[2]}${odd[4]}`) : undefined;
  const [, sign = "", rest = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  return signed(sign, rest);
}

function signed(sign: string, digits: string): bigint | undefined {
  const base = bases.find(([pattern]) => pattern.test(digits))?.[1];
  if (base === undefined) return undefined;
  const octal = base === 8 && !/^0o/i.test(digits) ? `0o${digits.slice(1)}` : digits;
  const size = BigInt(octal.toLowerCase());
  const value = sign === "-" ? -size : size;
  const most = sign === "" ? 2n ** 64n : 2n ** 63n;
  return value >= -(2n ** 63n) && value < most ? value : undefined;
}

const datePattern =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)|[ ]+(\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?)?$/;

/** A date, or a date with a time, as RFC 3339 writes them, the day and the hour also with one digit. */
function timestamp(text: string): Resolved | undefined {
  const found = datePattern.exec(text);
  if (found === null) return undefined;
  const numbers = [1, 2, 3].map((at) => Number(found[at]));
  const [year = 0, month = 0, day = 0] = numbers;
  const [hour = 0, minute = 0, second = 0] = [4, 5, 6].map((at) =>
    Number(found[at] ?? found[at + 5] ?? 0),
  );
  const fraction = (found[7] ?? found[12] ?? "").slice(0, 9);
  const zone = zoneOf(found[8] ?? "Z");
  const days = new Date(Date.UTC(2000, month, 0));
  days.setUTCFullYear(year, month, 0);
  const good =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= days.getUTCDate() &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!good || zone === undefined) return undefined;
  const value = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  value.setUTCFullYear(year, month - 1, day);
  return { tag: "!!timestamp", value, zone, nanos: fraction.replace(/0+$/, "") };
}

/** Minutes east of Greenwich. */
function zoneOf(text: string): number | undefined {
  if (text === "Z") return 0;
  const [hours = 0, minutes = 0] = text.slice(1).split(":").map(Number);
  if (hours > 24 || minutes > 60) return undefined;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

/** How Go prints a scalar; this is what becomes of keys. */
export function printed(scalar: Resolved): string {
  const { value } = scalar;
  if (value === null) return "<nil>";
  if (value instanceof Date && "zone" in scalar)
    return printedTime(value, scalar.zone, scalar.nanos);
  return typeof value === "number" ? printedFloat(value) : String(value);
}

function printedTime(value: Date, zone: number, nanos: string): string {
  const [date = "", time = ""] = value.toISOString().split(/[T.]/);
  const pad = (number: number) => String(Math.floor(number)).padStart(2, "0");
  const offset = `${zone < 0 ? "-" : "+"}${pad(Math.abs(zone) / 60)}${pad(Math.abs(zone) % 60)}`;
  return `${date} ${time}${nanos === "" ? "" : `.${nanos}`} ${offset} ${zone === 0 ? "UTC" : offset}`;
}

/** The shortest digits that mean it, with an exponent below 1e-4 and from 1e6 on. */
function printedFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  const sign = power < 0 ? "-" : "+";
  return `${digits}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}
