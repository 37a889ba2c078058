import { printable } from "../util/printable";

/** A piece of HTML. Whatever is put into one and is none itself is text, and is escaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | readonly Html[];

/** HTML with texts in it, as in html\`<p>${text}</p>\`. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const written = parts.map((part, at) => `${write(part)}${strings[at + 1] ?? ""}`);
  return new Html(`${strings[0] ?? ""}${written.join("")}`);
}

function write(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(({ text }) => text).join("\n");
  return escaped(String(part));
}

function escaped(text: string): string {
  return printable(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A table. The first cell of a row is its heading. A wide one is moved by itself, by keyboard, too. */
export function table(
  caption: string,
  titles: readonly string[],
  rows: readonly (readonly (string | Html)[])[],
): Html {
  if (rows.length === 0) return html`<p>${caption}: none.</p>`;
  const head = titles.map((title) => html`<th scope="col">${title}</th>`);
  const body = rows.map(([first = "", ...more]) => {
    const cells = more.map((cell) => html`<td>${cell}</td>`);
    return html`<tr><th scope="row">${first}</th>${cells}</tr>`;
  });
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table></div>`;
}

/** What is shown when somebody asks for it. */
export function details(summary: string | Html, inner: Html | readonly Html[]): Html {
  return html`<details><summary>${summary}</summary>
${inner}
</details>`;
}
