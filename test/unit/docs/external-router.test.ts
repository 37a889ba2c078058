import { readFileSync } from "node:fs";
import { makePlan, parseStackConfig } from "../../../components/kinds/planning";
import { jsonAsk } from "../../../components/reflector/external/json";
import { dialectNames } from "../../../components/reflector/external/model";
import { renderExternal } from "../../../components/reflector/external/render";

const page = readFileSync("docs/external-router.md", "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, text = ""]) => text,
  );

test("docs/external-router.md has what is rendered for its configuration, in each dialect", () => {
  const [config = ""] = blocks("yaml");
  const texts = dialectNames.map((dialect) => {
    const file = config.replace("dialect: frr", `dialect: ${dialect}`);
    const plan = makePlan(parseStackConfig(file, "docs/external-router.md"));
    return Object.values(plan.reflectors)
      .map((one) => renderExternal(plan, one))
      .join("\n");
  });
  expect(blocks("text").sort()).toEqual(texts.sort());
  expect(texts).toHaveLength(6);
});

test("docs/external-router.md has JSON that is read as it stands", async () => {
  const [neighbours = "", rib = "", accepts = ""] = blocks("json");
  const answers: Readonly<Record<string, string>> = { neighbours, rib, accepts };
  const daemon = { ask: async ([word = ""]: readonly string[]) => answers[word] ?? "" };
  expect(jsonAsk.tables.neighbours.parse(neighbours, 0)).toHaveLength(1);
  expect(jsonAsk.tables.rib.parse(rib, 0)).toHaveLength(1);
  expect((await jsonAsk.read(daemon)).fence).toEqual([
    "from 172.16.18.34: 192.168.0.0/17 26..26 by 172.16.18.34, set to LOCAL_PREF 100, ORIGIN IGP, MED 0, no communities",
  ]);
});
