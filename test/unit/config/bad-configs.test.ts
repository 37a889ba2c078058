import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseStackConfig } from "../../../components/kinds/planning";
import { exitCode, SeamlessError } from "../../../util/errors";

const folder = join(__dirname, "..", "fixtures", "bad-configs");
const namesOf = (ending: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();

test("every bad configuration has its message, and every message its configuration", () => {
  expect(namesOf(".txt")).toEqual(namesOf(".yaml"));
});

test.each(namesOf(".yaml"))("%s is refused in exactly these words", (name) => {
  const text = readFileSync(join(folder, `${name}.yaml`), "utf8");
  const expected = readFileSync(join(folder, `${name}.txt`), "utf8").trimEnd();
  expect(refusal(() => parseStackConfig(text, `${name}.yaml`))).toEqual({
    message: expected,
    code: exitCode.usage,
  });
});

function refusal(read: () => unknown) {
  try {
    read();
  } catch (thrown) {
    if (thrown instanceof SeamlessError) return { message: thrown.message, code: thrown.code };
    throw thrown;
  }
  return "accepted";
}
