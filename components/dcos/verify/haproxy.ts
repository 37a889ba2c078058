/** The backends of an HAProxy configuration, as marathon-lb writes them and `/_haproxy_getconfig` serves them. */

/** The servers behind a port: `name address:port` of each; undefined where no frontend listens there. */
export function serversOf(config: string, port: number): readonly string[] | undefined {
  const sections = sectionsOf(config);
  const frontend = sections.find(
    ({ head, lines }) =>
      head.startsWith("frontend ") && lines.some((line) => bound(line) === String(port)),
  );
  if (frontend === undefined) return undefined;
  const [, backend] =
    frontend.lines
      .map((line) => /^(?:use|default)_backend (\S+)/.exec(line))
      .find((one) => one !== null) ?? [];
  return sections
    .filter(({ head }) => head === `backend ${backend}`)
    .flatMap(({ lines }) => lines)
    .flatMap((line) => {
      const [, name, address] = /^server (\S+) (\S+)/.exec(line) ?? [];
      return name === undefined || address === undefined ? [] : [`${name} ${address}`];
    });
}

function bound(line: string): string | undefined {
  return /^bind \S*:(\d+)(?:\s|$)/.exec(line)?.[1];
}

interface Section {
  readonly head: string;
  readonly lines: readonly string[];
}

/** A section begins with a line that is not indented. */
function sectionsOf(config: string): readonly Section[] {
  const sections: { head: string; lines: string[] }[] = [];
  for (const line of config.split("\n")) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    if (/^\s/.test(line)) sections.at(-1)?.lines.push(text);
    else sections.push({ head: text, lines: [] });
  }
  return sections;
}
