/** The program as any pulumi starts it, on a clean clone: compiled by itself, and refused when it does not compile. */
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ensureHome, homePulumi, pulumiHome } from "../../toolchain/home";
import { exec, execOrThrow } from "../../util/exec";
import { checkoutDir } from "../../util/paths";

let clone: string;

/** The engine itself, not the launcher, which would compile first. */
function pulumi(...args: readonly string[]) {
  return exec([homePulumi(), ...args, "--non-interactive", "--color", "never"], {
    cwd: clone,
    timeoutMs: 300_000,
    env: {
      PULUMI_HOME: pulumiHome(),
      PULUMI_BACKEND_URL: `file://${clone}/.state`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  });
}

beforeAll(async () => {
  clone = mkdtempSync(join(tmpdir(), "seamless-clone-"));
  const { stdout } = await execOrThrow(["git", "ls-files", "-z"], { cwd: checkoutDir() });
  for (const file of stdout.split("\0").filter((name) => name !== "")) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(checkoutDir(), file), join(clone, file));
  }
  symlinkSync(join(checkoutDir(), "node_modules"), join(clone, "node_modules"));
  mkdirSync(join(clone, ".state"));
  expect(await ensureHome()).toEqual([]);
  expect(await pulumi("stack", "init", "lab")).toMatchObject({ code: 0 });
});
afterAll(() => rmSync(clone, { recursive: true }));

test("a clean clone previews: the program compiles itself, once", async () => {
  const first = await pulumi("preview", "--stack", "lab");
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toContain("seamless: nothing is compiled yet: compiling");
  expect(first.stdout).toMatch(/\+ \d+ to create/);
  const second = await pulumi("preview", "--stack", "lab");
  expect(second).toMatchObject({ code: 0 });
  expect(second.stdout).not.toContain("compiling");
}, 660_000);

test("sources that do not compile are refused with what the compiler says", async () => {
  appendFileSync(join(clone, "index.ts"), 'export const wrong: number = "text";\n');
  const refused = await pulumi("preview", "--stack", "lab");
  expect(refused.code).not.toBe(0);
  const said = refused.stdout + refused.stderr;
  expect(said).toContain("error: the sources have changed, and they do not compile:");
  expect(said).toMatch(/index\.ts\(\d+,\d+\): error TS2322/);
  expect(said).toContain("mend what the compiler says, then run: npm run build");
  // Nothing but the stack itself.
  expect(said).toMatch(/\+ 1 to create\n\s+1 errored/);
  expect(said).not.toMatch(/^\s+at .*start\.js/m);
}, 300_000);
