import { isRecord } from "../util/json";
import type { Path, Place } from "./problems";
import { type Plain, readYaml, type Step, textOf } from "./yaml";

/** The settings of a stack's file, as Pulumi hands them to a program. */
export interface StackFile {
  /** By key without the project's name: a text, of a map or a list its JSON. Encrypted values are left as they are. */
  readonly settings: Readonly<Record<string, string>>;
  /** Paths of encrypted values, from the key on. */
  readonly encrypted: readonly Path[];
  /** Where a path from the key on is. */
  readonly locate: (path: Path) => Place;
}

/** The project of Pulumi.yaml, whose settings need not name it. */
const project = "seamless";

/** What a stack's file has besides; texts. */
const texts = ["secretsprovider", "encryptedkey", "encryptionsalt"];

const wrongMerge = "found the key << with something that is no map, which Pulumi takes for a merge";

const is =
  (name: string): Step =>
  (key) =>
    key === name;

/**
 * Reads a stack's file as Pulumi does.
 * @throws YamlFault where Pulumi would refuse it
 */
export function readStackFile(bytes: Uint8Array, file: string): StackFile {
  const text = textOf(bytes);
  const reading = readYaml(text);
  const top = reading.value ?? {};
  if (!isRecord(top))
    throw reading.fault(
      [],
      "found no map; allowed: a map with config, as pulumi config set writes it",
    );
  const odd =
    reading.oddKey([], "found a key that is no text; allowed: config and Pulumi's own") ??
    reading.oddKey(
      [is("config")],
      `found a key that is no text; allowed: keys such as ${project}:network`,
    );
  if (odd !== undefined) throw odd;
  for (const name of texts) {
    const value = own(top, name);
    if (typeof value === "object" && value !== null)
      throw reading.fault(
        [is(name)],
        `found ${Array.isArray(value) ? "a list" : "a map"}; allowed: a text`,
      );
  }
  const environment = own(top, "environment") ?? {};
  if (typeof environment !== "object" || Object.keys(environment).length > 0)
    throw reading.fault(
      [is("environment")],
      "found an environment, whose settings are not in this file; allowed: settings that are written here",
    );
  const config = own(top, "config") ?? {};
  if (!isRecord(config))
    throw reading.fault([is("config")], "found no map; allowed: settings, by name");
  const named = Object.entries(config).map(([key, value]) => ({ key, value, name: nameOf(key) }));
  const settings = new Map<string, string>();
  const encrypted: Path[] = [];
  for (const { key, name, value: given } of named) {
    if (name === undefined)
      throw reading.fault(
        [is("config"), is(key)],
        `found the key ${JSON.stringify(key.slice(0, 60))}; allowed: a project's name, a colon and a setting's name, such as ${project}:network`,
      );
    const value = mergedAgain(given, () => reading.fault([is("config"), is(key)], wrongMerge));
    const endless = pathOf(value, (part) => typeof part === "number" && !Number.isFinite(part));
    if (endless !== undefined)
      throw reading.fault(
        [is("config"), is(key), ...endless.map(is)],
        "found no finite number, which JSON, by which Pulumi hands it on, cannot say",
      );
    if (name.project !== project) continue;
    if (settings.has(name.setting))
      throw reading.fault(
        [is("config"), is(key)],
        `found ${project}:${name.setting} twice; allowed: each setting once`,
      );
    settings.set(name.setting, handedOn(value));
    encrypted.push(...encryptedIn(value, [name.setting]));
  }
  return {
    settings: Object.fromEntries(settings),
    encrypted,
    locate: ([first = "", ...rest]) => {
      const named: Step = (key) => {
        const name = nameOf(key);
        return name?.project === project && name.setting === first;
      };
      const { line, column } = reading.fault([is("config"), named, ...rest.map(is)], "");
      return { file, line, column };
    },
  };
}

function own(map: { [key: string]: Plain }, key: string): Plain | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** A key names a project and a setting, with `config:` between them in files of old; without a project it is ours. */
function nameOf(key: string): { readonly project: string; readonly setting: string } | undefined {
  const [first = "", second, third, ...more] = key.split(":");
  if (second === undefined) return { project, setting: first };
  if (third === undefined) return { project: first, setting: second };
  return second === "config" && more.length === 0 ? { project: first, setting: third } : undefined;
}

/** The text that a program is given. */
function handedOn(value: Plain): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  return isEncrypted(value) ? value.secure : JSON.stringify(value);
}

/** Pulumi takes any map with nothing but a text `secure` for an encrypted value. */
function isEncrypted(value: Plain): value is { secure: string } {
  return (
    isRecord(value) && Object.keys(value).length === 1 && typeof own(value, "secure") === "string"
  );
}

/** Pulumi writes what it has read once more, without quotes around <<, and reads that: then it is a merge. */
function mergedAgain(value: Plain, fault: () => Error): Plain {
  if (Array.isArray(value)) return value.map((part) => mergedAgain(part, fault));
  if (!isRecord(value)) return value;
  const parts = Object.entries(value).map(([key, part]): [string, Plain] => [
    key,
    mergedAgain(part, fault),
  ]);
  const merge = parts.find(([key]) => key === "<<")?.[1];
  if (merge === undefined) return Object.fromEntries(parts);
  const sources = (Array.isArray(merge) ? merge : [merge]).map((source) => {
    if (!isRecord(source)) throw fault();
    return Object.entries(source);
  });
  return Object.fromEntries([
    ...sources.reverse().flat(),
    ...parts.filter(([key]) => key !== "<<"),
  ]);
}

/** The path of the first part of a value that is what is looked for. */
function pathOf(value: Plain, wanted: (part: Plain) => boolean): Path | undefined {
  if (wanted(value)) return [];
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const path = pathOf(part, wanted);
    if (path !== undefined) return [key, ...path];
  }
  return undefined;
}

function encryptedIn(value: Plain, path: Path): Path[] {
  if (isEncrypted(value)) return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => encryptedIn(part, [...path, key]));
}
