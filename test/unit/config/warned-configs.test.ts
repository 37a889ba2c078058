import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../cli/commands/plan";
import { parseStackConfig } from "../../../components/kinds/planning";

const folder = join(__dirname, "..", "fixtures", "warned-configs");
const namesOf = (ending: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();
const expected = (name: string) => readFileSync(join(folder, `${name}.txt`), "utf8").trimEnd();

test("every configuration with warnings has them written down, and all that are written down have one", () => {
  expect(namesOf(".txt")).toEqual(namesOf(".yaml"));
});

test.each(namesOf(".yaml"))("%s is taken, with a warning in exactly these words", (name) => {
  const text = readFileSync(join(folder, `${name}.yaml`), "utf8");
  const lines: string[] = [];
  parseStackConfig(text, `${name}.yaml`, { warn: (line) => lines.push(line) });
  expect(lines.join("\n")).toBe(expected(name));
});

test("a command tells of them on standard error, and what it prints stays clean", async () => {
  const [out, error] = ([process.stdout, process.stderr] as const).map((stream) =>
    jest.spyOn(stream, "write").mockReturnValue(true),
  );
  try {
    const config = join(folder, "docker-bridge.yaml");
    await run({ stack: "any", config, json: true });
    const text = (spy: typeof out) => spy?.mock.calls.map(([chunk]) => String(chunk)).join("");
    expect(JSON.parse(text(out) ?? "")).toMatchObject({ schemaVersion: 2 });
    const lines = expected("docker-bridge").split("\n");
    const told = lines.map((line) => `seamless: warning: ${join(folder, line)}\n`);
    expect(text(error)).toBe(told.join(""));
    expect(process.exitCode).toBeUndefined();
  } finally {
    out?.mockRestore();
    error?.mockRestore();
  }
});

test("a warning does not hide what is wrong, nor is it told with it", () => {
  const text = readFileSync(join(folder, "docker-bridge.yaml"), "utf8");
  const lines: string[] = [];
  const warn = (line: string) => lines.push(line);
  const broken = text.replace("asn: 64511", "asn: 0");
  expect(() => parseStackConfig(broken, "file", { warn })).toThrow(/^1 problem in /);
  expect(lines).toEqual([]);
});
