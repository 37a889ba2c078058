import { createColors } from "picocolors";
import { type Explanation, type Link, nameOf, type Way } from "./types";
import { placeOf } from "./way";

/** The colours a report is written in; plain unless the caller knows that a terminal reads it. */
type Palette = ReturnType<typeof createColors>;

const plain: Palette = createColors(false);

/** Every link of the way there and back, and what is wrong first. */
export function renderExplanation(explanation: Explanation, palette = plain): string[] {
  const all = explanation.ways.flatMap(({ links }) => links);
  const width = (text: (link: Link) => string) =>
    Math.max(0, ...all.map((one) => text(one).length));
  const widths = { layer: width(({ layer }) => layer), at: width(whereOf) };
  return [
    ...explanation.ways.flatMap((way) => [...wayLines(way, widths, palette), ""]),
    ...(explanation.tried === undefined ? [] : [...triedLines(explanation.tried, palette), ""]),
    ...verdictLines(explanation, palette),
  ];
}

function triedLines({ status, at, says, why }: Link, palette: Palette): string[] {
  const mark = marks(palette)[status];
  return [
    palette.bold(`tried from ${at}`),
    `${mark} ${says}`,
    ...(status === "unknown" && why !== undefined ? [`     ${why}`] : []),
  ];
}

function marks({ green, red, yellow }: Palette): Readonly<Record<Link["status"], string>> {
  return { ok: green("ok  "), broken: red("FAIL"), unknown: yellow("?   ") };
}

function wayLines(
  { direction, from, to, links }: Way,
  widths: { readonly layer: number; readonly at: number },
  palette: Palette,
): string[] {
  const mark = marks(palette);
  return [
    palette.bold(`${direction}: ${placeOf(from)} -> ${placeOf(to)}`),
    ...links.flatMap((link) => {
      const head = `${mark[link.status]} ${link.layer.padEnd(widths.layer)}  ${whereOf(link).padEnd(widths.at)}  ${link.says}`;
      if (link.status === "ok") return [head];
      const why = link.follows === undefined ? link.why : `follows from: ${link.follows}`;
      return [head, ...(why === undefined ? [] : [`     ${why}`])];
    }),
  ];
}

function whereOf({ at, peer }: Link): string {
  return peer === undefined ? at : `${at} - ${peer}`;
}

function verdictLines({ verdict, broken, planned, ways }: Explanation, palette: Palette): string[] {
  if (broken !== undefined)
    return [
      palette.red(`broken ${broken.direction} at the ${nameOf(broken)}: ${broken.says}`),
      ...(broken.why === undefined ? [] : [`  why   ${broken.why}`]),
      ...(broken.consequences.length === 0 ? [] : [`  so    ${broken.consequences.join(", ")}`]),
      ...(broken.remedy === undefined ? [] : [`  mend  ${broken.remedy}`]),
    ];
  const unknown = ways.flatMap(({ links }) => links.filter(({ status }) => status === "unknown"));
  const names = [...new Set(unknown.map(nameOf))];
  if (verdict === "unknown")
    return [
      `not broken as far as was seen, but not all could be asked: ${names.join(", ")}`,
      ...unknown.slice(0, 1).flatMap(({ why }) => (why === undefined ? [] : [`  why   ${why}`])),
    ];
  return [palette.green(`the way is whole, there and back${planned ? ", by the plan" : ""}`)];
}

/** For programs. */
export function explanationDocument(explanation: Explanation): object {
  return { schemaVersion: 1, ...explanation };
}
