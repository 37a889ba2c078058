import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where apt is told where packages come from: whole stanzas, and one line each. */
const folder = "/etc/apt";

/**
 * The machine's own sources for a Debian release, as lines of sources.list, so that a mirror nearby serves the lab too.
 * None on a machine with another system: then Debian's own servers are used.
 */
export async function machineMirrors(suite: string): Promise<string[]> {
  const more = await readdir(join(folder, "sources.list.d")).catch(() => []);
  const files = ["sources.list", ...more.sort().map((name) => join("sources.list.d", name))];
  const lines: string[] = [];
  for (const name of files) {
    const text = await readFile(join(folder, name), "utf8").catch(() => "");
    if (name.endsWith(".sources")) lines.push(...fromStanzas(text));
    else if (name.endsWith(".list")) lines.push(...fromLines(text));
  }
  return mirrorsOf(suite, lines);
}

/** Those of `deb URI SUITE COMPONENT...` lines that are a release or its updates, `main` alone; none without the release. */
export function mirrorsOf(suite: string, lines: readonly string[]): string[] {
  const parts = [suite, `${suite}-updates`, `${suite}-security`];
  const found = lines.flatMap((line) => {
    const [, uri = "", of = "", ...components] = line.split(/\s+/);
    return parts.includes(of) && components.includes("main") ? [`deb ${uri} ${of} main`] : [];
  });
  const unique = [...new Set(found)];
  return unique.some((line) => line.split(" ")[2] === suite) ? unique : [];
}

/** Entries in the one-line format of sources.list(5), without their options. */
export function fromLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => /^deb\s/.test(line))
    .map((line) => line.replace(/^deb\s+(\[[^\]]*\]\s*)?/, "deb "));
}

/** Entries in the format of deb822, as lines. */
export function fromStanzas(text: string): string[] {
  const kept = text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n");
  return kept.split(/\n\s*\n/).flatMap((stanza) => {
    const words = (field: string) =>
      new RegExp(`^${field}:(.*(?:\\n[ \\t].*)*)`, "im").exec(stanza)?.[1]?.trim().split(/\s+/) ??
      [];
    if (!words("Types").includes("deb") || words("Enabled")[0] === "no") return [];
    const components = words("Components").join(" ");
    return words("URIs").flatMap((uri) =>
      words("Suites").map((suite) => `deb ${uri} ${suite} ${components}`),
    );
  });
}
