import { readFileSync } from "node:fs";
import { coeModels } from "../../../components/kinds/models";
import { parseConfig } from "../../../components/kinds/planning";

/** Where fields are explained: one page for all, and one for each kind. */
const main = readFileSync("docs/configuration.md", "utf8");
const pageOf = (kind: string) => `${main}\n${readFileSync(`docs/${kind}.md`, "utf8")}`;

/** The fields that a section takes, as the message about an unknown one lists them. */
function fieldsAt(path: string, config: object): string[] {
  let message = "";
  try {
    parseConfig({ network: {}, reflectors: {}, coes: {}, ...config });
  } catch (thrown) {
    message = thrown instanceof Error ? thrown.message : "";
  }
  const line = message.split("\n").find((one) => one.startsWith(`${path}.zzz: unknown key`));
  return line?.split("allowed: ")[1]?.split("; ")[0]?.split(", ") ?? [];
}

const kinds = Object.keys(coeModels);
const unknown = { zzz: 1 };
const shown = (page: string, field: string) =>
  new RegExp(`\`([\\w.<>]+\\.)?${field}(:[^\`]*)?\``).test(page);

test.each([
  ["network", { network: unknown }],
  ["lab", { lab: unknown }],
  ["reflectors.r", { reflectors: { r: { kind: "gobgp", ...unknown } } }],
])("docs/configuration.md explains every field of %s", (path, config) => {
  const fields = fieldsAt(path, config);
  expect(fields.length).toBeGreaterThan(1);
  expect(fields.filter((field) => !shown(main, field))).toEqual([]);
});

test.each(kinds)("docs explain every field of a COE of kind %s", (kind) => {
  const of = (more: object) => ({ coes: { c: { kind, ...more } } });
  const fields = [
    ...fieldsAt("coes.c", of(unknown)),
    ...fieldsAt("coes.c.access", of({ access: unknown })),
    ...fieldsAt("coes.c.nodes.n", of({ nodes: { n: unknown } })),
    ...fieldsAt("coes.c.probe", of({ probe: unknown })),
  ];
  expect(fields.length).toBeGreaterThan(20);
  expect(fields.filter((field) => !shown(pageOf(kind), field))).toEqual([]);
});

test.each(kinds)("docs name every role of a node of kind %s", (kind) => {
  const [, row] = /^\| `role` \|(.*)\|$/m.exec(main) ?? [];
  const roles = Object.entries(coeModels).flatMap(([name, model]) =>
    name === kind ? Object.keys(model.roles) : [],
  );
  const own = new RegExp(`((?:\`[a-z-]+\`(?:, )?)+) \\(${kind}\\)`).exec(row ?? "")?.[1] ?? "";
  expect([...own.matchAll(/`([a-z-]+)`/g)].map(([, role]) => role).sort()).toEqual(roles.sort());
});
