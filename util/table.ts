/** One column of a text table. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Aligned text lines, a title line first, two spaces between columns and none at the end of a line. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const titles = columns.map((column) => column.title);
  const widths = columns.map((_, i) =>
    Math.max(...[titles, ...rows].map((row) => (row[i] ?? "").length)),
  );
  return [titles, ...rows].map((row) =>
    columns
      .map((column, i) => {
        const cell = row[i] ?? "";
        const width = widths[i] ?? 0;
        return column.align === "right" ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
