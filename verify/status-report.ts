import { addressesOf } from "../plan/families";
import { table } from "../util/table";
import { type Palette, plain } from "./report";
import type { CoeStatus, LayerStatus, NodeStatus, Sessions, Status } from "./status";

/** How many nodes are listed, so that it stays a screen; those with a session that is down come first. */
const mostNodes = 10;
/** How many blocks of a node are listed. */
const mostBlocks = 2;
/** Characters of what a check found. */
const mostFound = 100;

/** The stack on one screen. @param now milliseconds since the epoch */
export function renderStatus(status: Status, now: number, palette: Palette = plain): string[] {
  return [
    ...(status.reflectors.length === 0 ? [] : reflectorLines(status)),
    ...table(
      [
        { title: "COE" },
        { title: "Kind" },
        right("Nodes"),
        { title: "Sessions" },
        { title: "Blocks" },
      ],
      status.coes.map(({ name, kind, nodes, sessions, deployed, ...coe }) => [
        ...[name, kind, String(nodes), deployed ? upOf(sessions) : "not deployed"],
        blocksIn(coe),
      ]),
    ),
    "",
    ...nodeLines(status.nodes),
    "",
    ...table(
      [{ title: "Layer" }, { title: "Passed" }, { title: "Asked" }, { title: "" }],
      status.layers.map((layer) => [
        ...[layer.group, passedOf(layer)],
        ...[layer.time === undefined ? "never" : ago(now - layer.time), troubleOf(layer)],
      ]),
    ).map((line, index) => marked(line, status.layers[index - 1], palette)),
  ];
}

/** `3 of 512, and 3 of IPv6`: of IPv6 a range has more than anybody takes. */
function blocksIn({
  blocks,
  allBlocks,
  blocks6,
}: Pick<CoeStatus, "blocks" | "allBlocks" | "blocks6">): string {
  const six = blocks6 === undefined ? [] : [`${blocks6} of IPv6`];
  const four = blocks6 === undefined || allBlocks > 0 ? [`${blocks} of ${allBlocks}`] : [];
  return [...four, ...six].join(", and ");
}

function reflectorLines({ reflectors }: Status): string[] {
  return [
    ...table(
      [
        { title: "Reflector" },
        { title: "Kind" },
        { title: "Address" },
        { title: "Sessions" },
        right("Prefixes"),
      ],
      reflectors.map(({ name, kind, sessions, prefixes, ...own }) => [
        ...[name, kind, addressesOf(own).join(", "), upOf(sessions)],
        prefixes === undefined ? "?" : String(prefixes),
      ]),
    ),
    "",
  ];
}

function nodeLines(nodes: readonly NodeStatus[]): string[] {
  const isDown = ({ sessions }: NodeStatus) => sessions.up !== sessions.planned;
  const ordered = [...nodes.filter(isDown), ...nodes.filter((node) => !isDown(node))];
  const shown = ordered.slice(0, mostNodes);
  const hidden = ordered.slice(mostNodes);
  const down = hidden.filter(isDown).length;
  return [
    ...table(
      [{ title: "Node" }, { title: "Address" }, { title: "Sessions" }, { title: "Blocks" }],
      shown.map(({ id, sessions, blocks, ...own }) => [
        ...[id, addressesOf(own).join(", "), upOf(sessions), few(blocks)],
      ]),
    ),
    ...(hidden.length === 0
      ? []
      : [`and ${hidden.length} more, ${down === 0 ? "all up" : `${down} of them not up`}`]),
  ];
}

function few(blocks: readonly string[]): string {
  if (blocks.length === 0) return "none";
  const more = blocks.length - mostBlocks;
  const listed = blocks.slice(0, mostBlocks).join(", ");
  return more > 0 ? `${listed} and ${more} more` : listed;
}

function upOf({ up, planned }: Sessions): string {
  return `${up ?? "?"} of ${planned}`;
}

function passedOf({ checks, results }: LayerStatus): string {
  const skipped = results.skip === 0 ? "" : `, ${results.skip} skipped`;
  return `${results.pass} of ${checks}${skipped}`;
}

function troubleOf({ first, results }: LayerStatus): string {
  if (first === undefined) return "";
  const more = results.fail + results.unknown - 1;
  const found =
    first.found.length > mostFound ? `${first.found.slice(0, mostFound)}...` : first.found;
  return `${first.id}: ${found}${more === 0 ? "" : ` (and ${more} more)`}`;
}

function marked(line: string, layer: LayerStatus | undefined, palette: Palette): string {
  if (layer === undefined) return line;
  if (layer.results.fail > 0) return palette.red(line);
  return layer.results.unknown > 0 ? palette.yellow(line) : line;
}

function ago(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return "now";
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}

function right(title: string) {
  return { title, align: "right" } as const;
}
