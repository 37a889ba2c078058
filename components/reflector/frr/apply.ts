import type { Asker } from "../contract";
import { type FrrRule, type FrrText, parseFrrText, profileText } from "./text";

/**
 * Brings a running daemon to a file, by the commands that lead there from what it has: FRR reads a file only when it starts,
 * and its own tool for that is a program in Python.
 * @throws Error with what it says where it takes one of them not
 */
export async function applyFrr(daemon: Asker, text: string): Promise<void> {
  const running = parseFrrText(await daemon.ask(["-c", "show running-config"]));
  const commands = commandsBetween(running, parseFrrText(text));
  // By standard input, for they may have passwords in them.
  if (commands.length > 0) await daemon.ask(["-f", "/dev/stdin"], `${commands.join("\n")}\n`);
}

/**
 * The commands that lead from one configuration to another. What is accepted grows before it shrinks, and nobody is told to
 * use a list that is not there yet.
 */
export function commandsBetween(from: FrrText, to: FrrText): string[] {
  const another = from.asn !== undefined && from.asn !== to.asn;
  const old: FrrText = another
    ? { ...from, instance: [], families: new Map(), neighbors: new Map() }
    : from;
  const instance = [
    ...changes(old.instance, to.instance, instanceKey),
    ...neighborCommands(old, to),
  ];
  return [
    ...(another ? [`no router bgp ${from.asn}`] : []),
    ...changes(from.ways, to.ways, (line) => line),
    ...profiles(from, to, "add"),
    ...lists(old.prefixLists, to.prefixLists, "prefix-list", "add"),
    ...lists(old.asPaths, to.asPaths, "bgp as-path access-list", "add"),
    ...mapCommands(old, to),
    ...(instance.length === 0 ? [] : [`router bgp ${to.asn}`, ...instance, "exit"]),
    ...[...old.routeMaps.keys()]
      .filter((name) => !to.routeMaps.has(name))
      .map((name) => `no route-map ${name}`),
    ...lists(old.prefixLists, to.prefixLists, "prefix-list", "remove"),
    ...lists(old.asPaths, to.asPaths, "bgp as-path access-list", "remove"),
    ...profiles(from, to, "remove"),
  ];
}

/** Times of BFD; a neighbour is told of a profile that is there already. */
function profiles(from: FrrText, to: FrrText, what: "add" | "remove"): string[] {
  const commands =
    what === "remove"
      ? [...from.profiles.keys()]
          .filter((name) => !to.profiles.has(name))
          .map((name) => `no profile ${name}`)
      : [...to.profiles].flatMap(([name, lines]) => {
          const old = from.profiles.get(name);
          if (old !== undefined && profileText(old) === profileText(lines)) return [];
          return [`profile ${name}`, ...changes(old ?? [], lines, firstWord), "exit"];
        });
  return commands.length === 0 ? [] : ["bfd", ...commands, "exit"];
}

const firstWord = (line: string) => line.split(" ")[0] ?? "";

type Lists = FrrText["prefixLists"];

/** By their content: a place in a list that is taken already would be overwritten, and what is there twice be dropped. */
function lists(from: Lists, to: Lists, word: string, what: "add" | "remove"): string[] {
  const [all, others] = what === "add" ? [to, from] : [from, to];
  return [...all].flatMap(([name, rules]) => {
    const there = new Set((others.get(name) ?? []).map(({ text }) => text));
    const [family, own] = word === "prefix-list" ? splitName(name) : ["", name];
    return rules
      .filter(({ text }) => !there.has(text))
      .map((rule) => listCommand(`${family}${word} ${own}`, rule, what));
  });
}

function splitName(name: string): [string, string] {
  const [family = "", own = ""] = name.split(" ");
  return [`${family} `, own];
}

function listCommand(list: string, { sequence, text }: FrrRule, what: "add" | "remove"): string {
  return what === "add" ? `${list} ${text}` : `no ${list} seq ${sequence} ${text}`;
}

function mapCommands(from: FrrText, to: FrrText): string[] {
  return [...to.routeMaps].flatMap(([name, entries]) => {
    const old = from.routeMaps.get(name) ?? new Map<string, readonly string[]>();
    return [
      ...[...old.keys()]
        .filter((entry) => !entries.has(entry))
        .map((entry) => `no route-map ${name} ${entry}`),
      ...[...entries].flatMap(([entry, lines]) => {
        const commands = changes(old.get(entry) ?? [], lines, mapKey);
        return commands.length === 0 && old.has(entry)
          ? []
          : [`route-map ${name} ${entry}`, ...commands, "exit"];
      }),
    ];
  });
}

function neighborCommands(from: FrrText, to: FrrText): string[] {
  const gone = [...from.neighbors.keys()].filter((address) => !to.neighbors.has(address));
  const changed = [...to.neighbors].map(([address, places]) => {
    const has = from.neighbors.get(address);
    const another = has !== undefined && asOf(has) !== asOf(places);
    const old = another || has === undefined ? new Map<string, readonly string[]>() : has;
    const of = (place: string) =>
      withoutParts(changes(old.get(place) ?? [], places.get(place) ?? [], neighborKey)).map(
        (line) =>
          line.startsWith("no ")
            ? `no neighbor ${address} ${line.slice(3)}`
            : `neighbor ${address} ${line}`,
      );
    const families = [...new Set([...old.keys(), ...places.keys()])].filter((one) => one !== "");
    return {
      own: [...(another ? [`no neighbor ${address}`] : []), ...of("")],
      families: families.map((family) => [family, of(family)] as const),
    };
  });
  const names = [
    ...new Set([
      ...[...from.families.keys(), ...to.families.keys()],
      ...changed.flatMap(({ families }) => families.map(([name]) => name)),
    ]),
  ];
  return [
    ...gone.map((address) => `no neighbor ${address}`),
    ...changed.flatMap(({ own }) => own),
    ...names.flatMap((name) => {
      const lines = [
        ...changes(from.families.get(name) ?? [], to.families.get(name) ?? [], (line) => line),
        ...changed.flatMap(({ families }) =>
          families.flatMap(([family, commands]) => (family === name ? commands : [])),
        ),
      ];
      return lines.length === 0 ? [] : [`address-family ${name}`, ...lines, "exit-address-family"];
    }),
  ];
}

/** With BFD goes all that is about it, and FRR has BFD again once a part of it is taken back. */
function withoutParts(commands: readonly string[]): readonly string[] {
  return commands.includes("no bfd")
    ? commands.filter((line) => !line.startsWith("no bfd "))
    : commands;
}

const asOf = (places: ReadonlyMap<string, readonly string[]>) =>
  places.get("")?.find((line) => line.startsWith("remote-as "));

/** Lines that take the place of others say the same thing of another value: these are not taken back before. */
function changes(
  from: readonly string[],
  to: readonly string[],
  keyOf: (line: string) => string,
): string[] {
  const [old, planned] = [new Set(from), new Set(to)];
  const keys = new Set(to.map(keyOf));
  return [
    ...to.filter((line) => !old.has(line)),
    ...from
      .filter((line) => !planned.has(line) && !keys.has(keyOf(line)))
      .map((line) => (line.startsWith("no ") ? line.slice(3) : `no ${line}`)),
  ];
}

/** `bgp router-id` of `bgp router-id 10.0.0.1`. */
const instanceKey = (line: string) => line.replace(/ [\d.]+$/, "");
/** `match ip next-hop` of `match ip next-hop address 10.0.0.1`, `set metric` of `set metric 0`. */
const mapKey = (line: string) =>
  line
    .split(" ")
    .slice(0, line.startsWith("set ") ? 2 : 3)
    .join(" ");

/** What a neighbour has once. A map of routes is one for each direction. */
function neighborKey(line: string): string {
  const [first = "", second = ""] = line.split(" ");
  if (first === "timers" && second === "connect") return "timers connect";
  // That it is watched at all, by which times, and what is done then.
  if (first === "bfd") return `bfd ${second}`;
  return first === "route-map" ? `route-map ${line.split(" ").at(-1)}` : first;
}
