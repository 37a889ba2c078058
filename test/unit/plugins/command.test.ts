import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallContext, Properties } from "../../../providers/base/provider";
import { localCommand, localRun } from "../../../toolchain/plugins/command/command";
import { waitFor } from "../../../util/wait";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seamless-command-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function context(signal = new AbortController().signal) {
  const lines: string[] = [];
  const ctx: CallContext<undefined> = {
    urn: "urn:pulumi:test::test::command:local:Command::a",
    client: undefined,
    signal,
    timeoutMs: undefined,
    redact: (text) => text,
    log: (_, message) => lines.push(message),
  };
  return { ctx, lines };
}

async function create(inputs: Properties, ctx = context().ctx): Promise<Properties> {
  return (await localCommand.create(inputs, ctx)).outputs;
}

function appears(file: string): Promise<void> {
  return waitFor({ what: file, timeoutMs: 10_000, intervalMs: 20 }, async () =>
    existsSync(file) ? { done: true, value: undefined } : { done: false, seen: "no such file" },
  );
}

test("runs in a folder with an environment and standard input, and takes one final newline off", async () => {
  const inputs = {
    create: 'pwd; echo "$GREETING"; cat; echo; echo; echo oops >&2',
    dir: folder,
    environment: { GREETING: "hello" },
    stdin: "given",
  };
  expect(await create(inputs)).toEqual({ stdout: `${folder}\nhello\ngiven\n`, stderr: "oops" });
});

test("uses another interpreter", async () => {
  const inputs = { create: "process.stdout.write(String(1 + 1))", interpreter: ["node", "-e"] };
  expect(await create(inputs)).toEqual({ stdout: "2", stderr: "" });
});

test("does nothing without a command", async () => {
  expect(await create({ update: "false", delete: "false" })).toEqual({ stdout: "", stderr: "" });
});

test("a command need not read its standard input", async () => {
  expect(await create({ create: "echo fine", stdin: "x".repeat(1_000_000) })).toEqual({
    stdout: "fine",
    stderr: "",
  });
});

describe("after the creation", () => {
  const state = { stdout: "before", stderr: "noise" };
  const show = 'echo "$PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR"';

  test("an update sees the previous output, unless told not to", async () => {
    const recorded = { id: "local-1", inputs: {}, state };
    const update = (news: Properties) => localCommand.update?.(recorded, news, context().ctx);
    expect(await update({ create: "echo no", update: show })).toEqual({
      stdout: "before/noise",
      stderr: "",
    });
    expect(await update({ create: show })).toEqual({ stdout: "before/noise", stderr: "" });
    expect(await update({ create: show, addPreviousOutputInEnv: false })).toEqual({
      stdout: "/",
      stderr: "",
    });
  });

  test("a deletion runs its command as it was recorded", async () => {
    const file = join(folder, "out");
    const inputs = { create: "true", delete: `${show} > '${file}'`, triggers: [1, null] };
    await localCommand.delete({ id: "local-1", inputs, state }, context().ctx);
    expect(readFileSync(file, "utf8")).toBe("before/noise\n");
    await localCommand.delete({ id: "local-1", inputs: { create: "true" }, state }, context().ctx);
  });

  test("an output too long for the environment is explained", async () => {
    const recorded = {
      id: "local-1",
      inputs: {},
      state: { stdout: "x".repeat(200_000), stderr: "" },
    };
    await expect(
      localCommand.update?.(recorded, { create: "true" }, context().ctx),
    ).rejects.toThrow(
      "environment variable PULUMI_COMMAND_STDOUT has 200000 bytes, more than a program can be started with (131072); if it holds the previous output, set addPreviousOutputInEnv: false",
    );
  });
});

describe("errors", () => {
  test("name the exit code, the command and all it printed", async () => {
    await expect(create({ create: "echo one; echo two >&2; exit 3" })).rejects.toThrow(
      /^exit status 3: running "echo one; echo two >&2; exit 3":\n(one\ntwo|two\none)$/,
    );
  });

  test("name the signal", async () => {
    await expect(create({ create: "kill -TERM $$" })).rejects.toThrow(
      'exit status 143 (SIGTERM): running "kill -TERM $$":',
    );
  });

  test("name a folder and a program that are not there", async () => {
    await expect(create({ create: "true", dir: join(folder, "no") })).rejects.toThrow(
      `dir: ${join(folder, "no")} is not a folder (looked for from ${process.cwd()})`,
    );
    await expect(create({ create: "x", interpreter: ["no-such-shell"] })).rejects.toThrow(
      "cannot start no-such-shell: spawn no-such-shell ENOENT",
    );
  });
});

test("ends the command with everything that it started", async () => {
  const controller = new AbortController();
  const marker = join(folder, "started");
  const late = join(folder, "late");
  const create1 = `sh -c 'echo $$ > "$1.new"; mv "$1.new" "$1"; sleep 60; touch "$2"' - '${marker}' '${late}'; true`;
  const running = create({ create: create1 }, context(controller.signal).ctx);
  await appears(marker);
  controller.abort(new Error("interrupted"));
  await expect(running).rejects.toThrow(/^interrupted, exit status 130/);
  const pid = Number(readFileSync(marker, "utf8"));
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(existsSync(late)).toBe(false);
});

test("an interruption counts even when the command then exits with 0", async () => {
  const controller = new AbortController();
  const marker = join(folder, "started");
  const inputs = { create: `trap 'exit 0' INT; touch '${marker}'; while :; do sleep 0.05; done` };
  const running = create(inputs, context(controller.signal).ctx);
  await appears(marker);
  controller.abort(new Error("interrupted"));
  await expect(running).rejects.toThrow(/^interrupted: running /);
});

describe("what is shown of a running command", () => {
  const noisy = "echo result; echo step >&2";
  test.each([
    [undefined, ["step"]],
    ["stdout", ["result"]],
    ["stderr", ["step"]],
    ["none", []],
  ])("with logging %s", async (logging, expected) => {
    const { ctx, lines } = context();
    await create({ create: noisy, ...(logging === undefined ? {} : { logging }) }, ctx);
    expect(lines).toEqual(expected);
  });

  test("of many lines at once, the first and the last", async () => {
    const { ctx, lines } = context();
    await create({ create: "printf 'a\\nb\\nc\\n\\nd' >&2" }, ctx);
    expect(lines).toEqual(["a", "d"]);
  });
});

test("changed triggers replace only where nothing says how to update", () => {
  const change = (property: string, news: Properties) =>
    localCommand.change?.({
      path: [property],
      kind: "update",
      property,
      older: 1,
      newer: 2,
      news,
    });
  expect(change("triggers", { create: "x" })).toBe("replace");
  expect(change("triggers", { create: "x", update: "y" })).toBe("update");
  expect(change("stdin", { create: "x" })).toBe("update");
});

test("the function runs each time and gives back what it was given", async () => {
  writeFileSync(join(folder, "file"), "content");
  const result = await localRun.call({ command: "cat file", dir: folder }, context().ctx);
  expect(result).toEqual({ command: "cat file", dir: folder, stdout: "content", stderr: "" });
});
