import { waitFor } from "../../util/wait";
import { TestStack } from "../helpers/engine";

const slow = 180_000;

/** A program of one command `a`, and a helper module, as the project's own program is made. */
function program(args: string, more = ""): string {
  return `import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { word } from "./parts/word";
const config: { token: pulumi.Output<string> } = { token: pulumi.secret("hunter2-token") };
const a = new local.Command("a", ${args});
${more}
export const out = pulumi.interpolate\`\${word}: \${a.stdout}\`;
export const token = config.token;
`;
}

/** What the plan, or the update, did with the command `a`, such as `update`. */
function summary(stdout: string): string[] {
  const at = stdout.lastIndexOf("Resources:");
  const lines = at < 0 ? [] : stdout.slice(at).split("\n").slice(1);
  return lines.slice(0, lines.indexOf("")).map((line) => line.trim().replace(/\s+/g, " "));
}

async function untilLogged(stack: TestStack, text: string): Promise<void> {
  await waitFor({ what: `${text} in the log`, timeoutMs: 60_000 }, async () => {
    const log = stack.read("log");
    return log.includes(text) ? { done: true, value: undefined } : { done: false, seen: log };
  });
}

async function untilAllEnded(stack: TestStack): Promise<void> {
  await waitFor({ what: "the end of all processes", timeoutMs: 20_000 }, async () => {
    const left = stack.processes();
    return left.length === 0
      ? { done: true, value: undefined }
      : { done: false, seen: left.join("; ") };
  });
}

describe("the life of a command", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.make(["command"]);
    stack.write("parts/word.ts", 'export const word = "said";\n');
  }, slow);
  afterAll(() => stack.remove());

  test(
    "a preview runs nothing",
    async () => {
      stack.write("index.ts", program('{ create: "echo made >> log; cat", stdin: "one\\n" }'));
      const preview = await stack.pulumi("preview");
      expect(preview.stderr).toBe("");
      expect(preview.code).toBe(0);
      expect(summary(preview.stdout)).toEqual(["+ 2 to create"]);
      expect(stack.read("log")).toBe("");
    },
    slow,
  );

  test(
    "the first up creates, the second changes nothing",
    async () => {
      const first = await stack.pulumi("up", "--yes", "--skip-preview");
      expect(summary(first.stdout)).toEqual(["+ 2 created"]);
      expect(first.stdout).toContain('out  : "said: one"');
      const second = await stack.pulumi("up", "--yes", "--skip-preview");
      expect(summary(second.stdout)).toEqual(["2 unchanged"]);
      expect(stack.read("log")).toBe("made\n");
    },
    slow,
  );

  test(
    "changed standard input is shown line by line and updates",
    async () => {
      stack.write(
        "index.ts",
        program(
          '{ create: "echo made >> log; cat", update: "echo updated after $PULUMI_COMMAND_STDOUT >> log; cat", stdin: "two\\n" }',
        ),
      );
      const preview = await stack.pulumi("preview", "--diff");
      expect(preview.stdout).toMatch(/~ stdin\s*:\s*\n\s*- one\n\s*\+ two\n/);
      expect(preview.stdout).toMatch(/\+ update\s*: /);
      expect(preview.stdout).not.toMatch(/[-~+] (stdout|create)/);
      const up = await stack.pulumi("up", "--yes", "--skip-preview");
      expect(summary(up.stdout)).toEqual(["~ 1 updated", "1 unchanged"]);
      expect(stack.read("log")).toBe("made\nupdated after one\n");
      expect(up.stdout).toContain('~ out  : "said: one" => "said: two"');
    },
    slow,
  );

  test(
    "changed triggers replace",
    async () => {
      stack.write("index.ts", program('{ create: "echo again >> log", triggers: [1, "x"] }'));
      const up = await stack.pulumi("up", "--yes", "--skip-preview");
      expect(summary(up.stdout)).toEqual(["+-1 replaced", "1 unchanged"]);
      expect(stack.read("log")).toBe("made\nupdated after one\nagain\n");
      stack.write("index.ts", program('{ create: "true", triggers: [1, "x"] }'));
      const preview = await stack.pulumi("preview");
      expect(summary(preview.stdout)).toEqual(["~ 1 to update", "1 unchanged"]);
    },
    slow,
  );

  test(
    "a secret stays one in what is printed, in the state and in what follows from it",
    async () => {
      stack.write(
        "index.ts",
        program(
          '{ create: "printf %s \\"$TOKEN\\" | rev", environment: { TOKEN: config.token, MODE: "plain" }, triggers: [1, "x"] }',
          'new local.Command("b", { create: "cat", stdin: a.stdout, delete: "echo b gone >> log" }, { parent: a });',
        ),
      );
      const up = await stack.pulumi("up", "--yes", "--skip-preview");
      expect(summary(up.stdout)).toEqual(["+ 1 created", "~ 1 updated", "2 changes. 1 unchanged"]);
      expect(up.stdout).toContain('out  : "said: " => [secret]');
      for (const text of ["hunter2-token", "nekot-2retnuh"]) {
        expect(up.stdout).not.toContain(text);
        expect(stack.rawState()).not.toContain(text);
      }
      expect(stack.rawState()).toMatch(/"MODE":\s*"plain"/);
      const resources = await stack.resources();
      expect(resources.find(({ urn }) => urn.endsWith("::b"))).toMatchObject({
        outputs: { stdout: { plaintext: '"nekot-2retnuh"' } },
      });
    },
    slow,
  );

  test(
    "a failing command says what it ran and what it printed, without the secret",
    async () => {
      stack.write(
        "index.ts",
        program(
          '{ create: "true", triggers: [1, "x"], update: "echo using $TOKEN >&2; echo nothing there; exit 7", environment: { TOKEN: config.token } }',
        ),
      );
      const up = await stack.pulumi("up", "--yes", "--skip-preview");
      expect(up.code).not.toBe(0);
      expect(up.stdout).toContain(
        'error: exit status 7: running "echo using $TOKEN >&2; echo nothing there; exit 7":',
      );
      expect(up.stdout).toContain("using [secret]");
      expect(up.stdout).toContain("nothing there");
      expect(up.stdout).not.toContain("hunter2-token");
    },
    slow,
  );

  test(
    "what is not implemented is refused by name",
    async () => {
      stack.write("index.ts", program('{ create: "true", assetPaths: ["*.txt"] }'));
      const preview = await stack.pulumi("preview");
      expect(preview.code).not.toBe(0);
      expect(preview.stdout).toContain(
        "command:local:Command resource 'a': property assetPaths value {[{*.txt}]} has a problem: it is not implemented by this command plugin; leave it out",
      );
    },
    slow,
  );

  test(
    "a refresh finds no drift, a destroy runs the delete commands",
    async () => {
      const refresh = await stack.pulumi("refresh", "--yes", "--skip-preview");
      expect(summary(refresh.stdout)).toEqual(["3 unchanged"]);
      const destroy = await stack.pulumi("destroy", "--yes", "--skip-preview");
      expect(summary(destroy.stdout)).toEqual(["- 3 deleted"]);
      expect(stack.read("log")).toMatch(/b gone\n$/);
    },
    slow,
  );
});

describe("an update that is cut off", () => {
  let stack: TestStack;
  beforeEach(async () => {
    stack = await TestStack.make(["command"]);
    stack.write("parts/word.ts", 'export const word = "said";\n');
    // The marker file decides whether the command hangs, so that a later try gets through.
    stack.write(
      "index.ts",
      program(
        '{ create: "echo start >> log; test -e ready || sh -c \\"echo child >> log; sleep 300; echo late >> log\\"; echo end >> log" }',
      ),
    );
  }, slow);
  afterEach(() => stack.remove());

  test(
    "by Ctrl-C leaves no process and no lock, and the next up gets through",
    async () => {
      const up = stack.start("up", "--yes", "--skip-preview");
      await untilLogged(stack, "child");
      process.kill(up.pid, "SIGINT");
      expect(await up.ended).not.toBe(0);
      expect(up.output()).toContain("interrupted");
      await untilAllEnded(stack);
      expect(stack.read("log")).toBe("start\nchild\n");
      stack.write("ready", "");
      const again = await stack.pulumi("up", "--yes", "--skip-preview");
      expect(summary(again.stdout)).toEqual(["+ 1 created", "1 unchanged"]);
      expect(stack.read("log")).toBe("start\nchild\nstart\nend\n");
    },
    slow,
  );

  test(
    "by killing the engine leaves no process, and after pulumi cancel the next up gets through",
    async () => {
      const up = stack.start("up", "--yes", "--skip-preview");
      await untilLogged(stack, "child");
      expect(stack.processes().join("\n")).toMatch(/language-nodejs.*(.|\n)*sleep 300/);
      process.kill(up.pid, "SIGKILL");
      expect(await up.ended).toBe("SIGKILL");
      await untilAllEnded(stack);
      expect(stack.read("log")).toBe("start\nchild\n");
      stack.write("ready", "");
      const locked = await stack.pulumi("up", "--yes", "--skip-preview");
      expect(locked.stderr).toContain("the stack is currently locked");
      expect((await stack.pulumi("cancel", "--yes")).code).toBe(0);
      const again = await stack.pulumi("up", "--yes", "--skip-preview");
      expect(again.code).toBe(0);
      expect(again.stdout).toContain('out  : "said: "');
      expect(stack.read("log")).toBe("start\nchild\nstart\nend\n");
    },
    slow,
  );
});
