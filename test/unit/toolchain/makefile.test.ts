import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

/** Only what is before everything else is run: the rest would install and build. */
const make = (stack: string) =>
  spawnSync("make", ["--no-print-directory", "stack-file", `STACK=${stack}`], { encoding: "utf8" });

test("a stack without a file is refused with those that have one", () => {
  const stacks = readdirSync(".").flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  const { status, stdout, stderr } = make("nowhere");
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr.split("\n")[0]).toBe(
    `STACK=nowhere: no file Pulumi.nowhere.yaml; allowed: ${stacks.sort().join(" ")}`,
  );
});

test("one with a file is taken", () => {
  expect(make("lab")).toMatchObject({ status: 0, stdout: "", stderr: "" });
});
