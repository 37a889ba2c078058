import { main } from "../../cli/main";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs a command line in this process. @returns what it prints, and its exit code */
export async function commandLine(...argv: readonly string[]) {
  const [out, err] = (["stdout", "stderr"] as const).map((stream) =>
    jest.spyOn(process[stream], "write").mockReturnValue(true),
  );
  // What a process does when its output fails is not for the one that runs the tests.
  for (const stream of [process.stdout, process.stderr])
    jest.spyOn(stream, "once").mockReturnValue(stream);
  const before = signals.map((signal) => process.listeners(signal));
  try {
    await main(["node", "seamless", ...argv]);
    const text = (stream: typeof out) =>
      (stream?.mock.calls ?? []).map(([one]) => String(one)).join("");
    return { code: process.exitCode, out: text(out), err: text(err) };
  } finally {
    process.exitCode = undefined;
    jest.restoreAllMocks();
    for (const [index, signal] of signals.entries())
      for (const listener of process.listeners(signal))
        if (!before[index]?.includes(listener)) process.off(signal, listener);
  }
}
