import type { Fault } from "./fault";

/** The faults as a table of Markdown, as docs/verify.md has it. */
export function tableOf(faults: readonly Fault[]): string[] {
  return [
    "| fault | layer | shown by | named by | explained as |",
    "|---|---|---|---|---|",
    ...faults.map(({ name, layer, bite, named, explained }) =>
      [
        "",
        ...[name, layer, bite.by, named.checks.map((check) => `\`${check}\``).join(" or ")],
        explained === undefined ? "no way is broken" : `${explained.link} of ${explained.at}`,
        "",
      ]
        .join(" | ")
        .trim(),
    ),
  ];
}
