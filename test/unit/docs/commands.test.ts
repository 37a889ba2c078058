import { existsSync, readFileSync } from "node:fs";
import { Command } from "commander";
import { registerCommands } from "../../../cli/commands";
import { blocksOf, documents, proseOf } from "../../helpers/markdown";

const program = new Command();
registerCommands(program);
const targets = [...readFileSync("Makefile", "utf8").matchAll(/^([a-z]+):/gm)].map(
  ([, name]) => name,
);

/** What a document has as code: fenced blocks and words between backquotes. */
function codeOf(file: string): string[] {
  const words = [...proseOf(file).matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
  return [...words, ...blocksOf(file).flatMap(({ text }) => text.split("\n"))].map((line) =>
    line.replaceAll("\n", " ").trim(),
  );
}

/** Command lines of seamless. What follows two spaces in a block is a remark. */
function seamless(file: string): string[][] {
  return codeOf(file).flatMap((line) => {
    const [, words] = /^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:bin\/)?seamless ([a-z].*)$/.exec(line) ?? [];
    return words === undefined ? [] : [words.split(/ {2}| \\?[#|>&]/)[0]?.split(" ") ?? []];
  });
}

function faults([name = "", ...words]: readonly string[]): string[] {
  if (name === "internal") return [];
  const command = program.commands.find((one) => one.name() === name);
  if (command === undefined) return [`no command ${name}`];
  return words
    .filter((word) => /^--?[a-z0-9]/.test(word))
    .map((word) => word.split("=")[0] ?? "")
    .filter((word) => !["--help", "-h"].includes(word))
    .filter((word) => command.options.every(({ short, long }) => short !== word && long !== word))
    .map((word) => `${name} has no ${word}`);
}

test.each(documents)("%s has command lines that are taken", (file) => {
  expect(seamless(file).flatMap(faults)).toEqual([]);
});

test.each(documents)("%s has targets of make, and stacks, that are there", (file) => {
  const code = codeOf(file);
  const made = code.flatMap((line) => /^(?:\$ )?make ([a-z]+)/.exec(line)?.[1] ?? []);
  expect(made.filter((name) => !targets.includes(name))).toEqual([]);
  const stacks = code.flatMap((line) => /\bSTACK=([a-z0-9-]+)/.exec(line)?.[1] ?? []);
  expect(stacks.filter((name) => !existsSync(`Pulumi.${name}.yaml`))).toEqual([]);
});

test.each(program.commands.map((one) => [one.name(), one] as const))(
  "documents name seamless %s and each of its options",
  (name, { options }) => {
    const all = documents
      .filter((file) => file !== "CHANGELOG.md")
      .flatMap(codeOf)
      .join("\n");
    expect(all).toContain(`seamless ${name}`);
    expect(
      options.flatMap(({ long }) => (long === undefined || all.includes(long) ? [] : [long])),
    ).toEqual([]);
  },
);

test("README.md has command lines at all", () => {
  expect(seamless("README.md").length).toBeGreaterThan(10);
});
