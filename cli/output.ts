import type { Writable } from "node:stream";
import { type ExitCode, exitCode, whyNoFile } from "../util/errors";

/**
 * Has a process end in order when what it prints cannot be written: without a word where the reader has gone, as
 * `seamless plan | head` does, else with the reason.
 * @param name what the stream is called in messages
 * @param end ends the process with an exit code; of a command that is done, its own
 */
export function endWithoutOutput(
  stream: Writable,
  name: string,
  end: (code: ExitCode, message: string) => void,
): void {
  stream.once("error", (thrown: NodeJS.ErrnoException) => {
    // What is written meanwhile fails, too.
    stream.on("error", () => undefined);
    if (thrown.code === "EPIPE") end(exitCode.interrupted, "");
    else end(exitCode.operationFailed, `seamless: ${name}: ${whyNoFile(thrown)}\n`);
  });
}
