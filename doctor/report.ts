import { createColors } from "picocolors";
import type { Line } from "./types";

type Palette = ReturnType<typeof createColors>;

/** The lines for people, and how many of which level. */
export function renderLines(
  lines: readonly Line[],
  palette: Palette = createColors(false),
): string[] {
  const mark = {
    ok: palette.green("ok  "),
    warn: palette.yellow("warn"),
    fail: palette.red("FAIL"),
  };
  const count = (level: Line["level"]) => lines.filter((line) => line.level === level).length;
  return [
    ...lines.flatMap(({ id, level, found, advice }) => [
      `${mark[level]} ${id}: ${found}`,
      ...(advice === undefined ? [] : [`       do  ${advice}`]),
    ]),
    "",
    `${count("ok")} ok, ${count("warn")} to know, ${count("fail")} to mend`,
  ];
}
