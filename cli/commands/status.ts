import { coeRuntimes } from "../../components/kinds/runtime";
import { speakerOf } from "../../components/kinds/speakers";
import { routerAsk } from "../../components/reflector/kinds";
import { keepLast, lastFolder } from "../../verify/last";
import { verify } from "../../verify/run";
import { statusOf } from "../../verify/status";
import { renderStatus } from "../../verify/status-report";
import { colours } from "../colours";
import { loadOutputs, type OutputsFlags } from "./outputs";

/** What is asked now: the layers that cost a question to each node. Of the others the last result is shown. */
const live = ["session", "rib", "fib"];

/** `seamless status`: exit codes as those of `verify`, for what is asked now. */
export async function run(flags: OutputsFlags & { readonly json?: boolean }): Promise<void> {
  const outputs = await loadOutputs(flags);
  const { results, seen, exitCode } = await verify(outputs, {
    ...{ kinds: coeRuntimes, routerOf: routerAsk, speakers: speakerOf, only: live, waitMs: 0 },
    onWait: (message) => process.stderr.write(`${message}\n`),
  });
  const now = Date.now();
  const last = await keepLast(lastFolder(), outputs, results, now);
  const status = statusOf(outputs.plan, seen, last);
  process.exitCode = exitCode;
  const lines = flags.json
    ? [JSON.stringify({ schemaVersion: 1, exitCode, ...status }, null, 2)]
    : renderStatus(status, now, colours);
  process.stdout.write(`${lines.join("\n")}\n`);
}
