import { describeFailure, type ExecResult } from "../../../util/exec";

/** What `bird -p` has against a file, `bird: /dev/stdin:38:1 syntax error, ...`; undefined where it takes it. */
export function complaint(result: ExecResult): string | undefined {
  if (result.code === 0) return undefined;
  const said = `${result.stdout}\n${result.stderr}`
    .split("\n")
    .flatMap((line) => /^bird: (.+)$/.exec(line)?.[1] ?? []);
  return said.length === 0 ? describeFailure(["bird", "-p"], result) : said.join("; ");
}

/** What `birdcl configure` says in the end when the daemon has taken the file, at once or when sessions are closed. */
const taken = /^(Reconfigured|Reconfiguration in progress|Reconfiguration already in progress.*)$/m;

/** What the daemon has against the file that it was told to read; undefined where it took it. */
export function refusal(said: string): string | undefined {
  return taken.test(said) ? undefined : said.trim().split("\n").at(-1);
}
