import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine as ran } from "../../helpers/command-line";

const project = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "seamless-main-"));

afterEach(() => process.chdir(project));
afterAll(() => rmSync(folder, { recursive: true }));

test("--version says the package's", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(await ran("--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
});

test("--help fits a terminal of 80 columns and says the exit codes", async () => {
  const { code, out, err } = await ran("--help");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("\n  2  wrong configuration or arguments  130  interrupted\n");
  expect(out.endsWith("with unexpected errors\n")).toBe(true);
  expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test.each([
  [["nonsense"], "unknown command 'nonsense'\nsee: seamless --help\n"],
  [["verfy"], "unknown command 'verfy'\n(Did you mean verify?)\nsee: seamless --help\n"],
  [["plan", "--nope"], "unknown option '--nope'\nsee: seamless plan --help\n"],
  [["explain", "a"], "missing required argument 'to'\nsee: seamless explain --help\n"],
  [["verify", "--wait", "soon"], "--wait soon: allowed: a duration such as 60s or 2m\n"],
  [["verify", "--watch", "1h"], "--watch 1h: allowed: a duration such as 60s or 2m\n"],
  [["plan", "--config", "nowhere.yaml"], `nowhere.yaml: no such file; ${aFile()}\n`],
  [["plan", "--config", "docs"], "docs: cannot be read: is a folder\n"],
  [["status", "--outputs", "nowhere.json"], "--outputs nowhere.json: no such file or folder\n"],
  [["status", "--outputs", "docs"], "--outputs docs: is a folder\n"],
])("%j is refused with what to do", async (argv, message) => {
  expect(await ran(...argv)).toEqual({ code: 2, out: "", err: `seamless: ${message}` });
});

function aFile(): string {
  return "allowed: the file of a stack, such as Pulumi.prod.yaml";
}

test("a stack without a file is refused with the stacks that have one", async () => {
  process.chdir(folder);
  const at = process.cwd();
  expect((await ran("plan")).err).toBe(
    `seamless: Pulumi.lab.yaml: no such file; ${at} has no file of any stack: change to the folder of the project, or name a file with --config\n`,
  );
  for (const stack of ["prod", "edge"]) writeFileSync(`Pulumi.${stack}.yaml`, "");
  const others =
    "seamless: Pulumi.lab.yaml: no such file; allowed: --stack with edge, prod, or --config with a file\n";
  for (const argv of [["plan"], ["plan", "--assign"], ["preview"]])
    expect(await ran(...argv)).toEqual({ code: 2, out: "", err: others });
});

test("outside the folder of the project nobody is asked for outputs", async () => {
  process.chdir(folder);
  const at = process.cwd();
  expect(await ran("status", "--stack", "prod")).toEqual({
    code: 2,
    out: "",
    err: `seamless: stack prod: ${at} is not the folder of the project, whose pulumi reads the stack's outputs: change to that folder, or name a file with --outputs\n`,
  });
});
