import { saidBy } from "../../../config/handed-on";
import { readStackFile } from "../../../config/stack-file";
import { YamlFault } from "../../../config/yaml";
import { bytesOf, type Oddity, oddities } from "../../helpers/oddities";

const named = oddities.map((oddity): [string, Oddity] => [oddity.name, oddity]);

test("there are as many as were promised, each once", () => {
  expect(new Set(oddities.map(({ name }) => name)).size).toBe(oddities.length);
  expect(oddities.length).toBeGreaterThanOrEqual(150);
});

test.each(named)("%s is read as Pulumi reads it", (_, oddity) => {
  const read = () => readStackFile(bytesOf(oddity), "file").settings;
  if (oddity.says === undefined) {
    expect(read).toThrow(YamlFault);
    return;
  }
  const said = Object.entries(read()).map(([key, text]) => [key, saidBy(text)]);
  expect(Object.fromEntries(said)).toEqual(oddity.says);
});
