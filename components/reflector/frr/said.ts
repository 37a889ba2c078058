import type { ExecResult } from "../../../util/exec";
import { describeFailure } from "../../../util/exec";

/** `... [EC 100663304] No such command on config line 24:  neighbor 10.9.0.2 tmers 30 90` */
const refused = /\[EC \d+\] (.+ on config line \d+: *.+)$/;

/** What `bgpd -C` has against a file. It ends well all the same, and skips what it does not know. */
export function complaint(result: ExecResult): string | undefined {
  const said = `${result.stdout}\n${result.stderr}`
    .split("\n")
    .flatMap((line) => refused.exec(line)?.[1]?.replace(/: +/, ": ") ?? []);
  if (said.length > 0) return [...new Set(said)].join("; ");
  return result.code === 0 ? undefined : describeFailure(["bgpd", "-C"], result);
}
