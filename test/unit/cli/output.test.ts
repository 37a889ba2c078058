import { createWriteStream } from "node:fs";
import { Writable } from "node:stream";
import { endWithoutOutput } from "../../../cli/output";

/** How a process would end whose output goes to a stream. */
function ended(stream: Writable): Promise<readonly [number, string]> {
  return new Promise((resolve) => {
    endWithoutOutput(stream, "standard output", (...how) => resolve(how));
    stream.write("a line\n");
    stream.write("another\n");
  });
}

test("a full device is named", async () => {
  expect(await ended(createWriteStream("/dev/full"))).toEqual([
    4,
    "seamless: standard output: no space left on the device\n",
  ]);
});

test("a reader that has gone ends the command without a word", async () => {
  const gone = new Writable({
    write: (_chunk, _encoding, done) =>
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
  });
  expect(await ended(gone)).toEqual([130, ""]);
});
