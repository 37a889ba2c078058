/** How a host is asked by one script: each part begins with a line `@@ name`. */

/** What every script begins with. A part whose program is not there, or fails, is empty. */
const head = `
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
there() { command -v "$1" >/dev/null 2>&1; }
part() { printf '\\n@@ %s\\n' "$1"; shift; there "$1" || return 0; "$@" 2>&1 || true; }
`;

export function script(text: string): string {
  return `${head}${text}\nexit 0\n`;
}

/** The parts of what such a script has printed, by their names. */
export function partsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/^@@ /m).map((part): [string, string] => {
      const end = part.indexOf("\n");
      return [part.slice(0, end).trim(), part.slice(end + 1).trim()];
    }),
  );
}
