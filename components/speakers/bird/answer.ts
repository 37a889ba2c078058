/** The end of a script that asks a BIRD by `ask`: all routes, and what each session announces. */
export const askRoutes = `echo '# routes'
ask show route
ask show protocols | while read -r name proto rest; do
  [ "$proto" = BGP ] || continue
  echo "# exported $name"
  ask show route export "$name"
done`;

/** What a script that asks a BIRD has printed: `show status` first, and behind each line `# NAME` the answer to another question. */
export interface BirdAnswer {
  readonly routerId: string;
  /** The daemon's own clock. */
  readonly now: string;
  readonly protocols: string;
  /** The answer behind a name; empty where there is none. */
  answer(name: string): string;
}

/** @throws Error when it is something else */
export function parseBirdAnswer(text: string): BirdAnswer {
  const parts = new Map(
    `# status\n${text}`.split(/^# /m).map((part): [string, string] => {
      const end = part.indexOf("\n");
      return [part.slice(0, end), part.slice(end + 1)];
    }),
  );
  const status = parts.get("status") ?? "";
  const routerId = /^Router ID is (\S+)/m.exec(status)?.[1];
  const now = /^Current server time is (\S+ \S+)/m.exec(status)?.[1];
  const protocols = parts.get("protocols");
  if (routerId === undefined || now === undefined || protocols === undefined)
    throw new Error("no status of BIRD");
  return { routerId, now, protocols, answer: (name) => parts.get(name) ?? "" };
}
