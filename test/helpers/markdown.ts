import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Every document of the project, from its folder. */
export const documents: readonly string[] = execFileSync("git", ["ls-files", "*.md"], {
  encoding: "utf8",
})
  .trim()
  .split("\n");

/** A fenced block. */
export interface Block {
  readonly language: string;
  /** Without the indentation of a list around. */
  readonly text: string;
  /** Of its first line. */
  readonly line: number;
  /** What the comment right before it says: `<!-- excerpt: … -->`. */
  readonly excerpt?: string;
}

const fence =
  /^( *)(?:<!-- excerpt: (?<excerpt>.*?) -->\n\s*)?```(?<language>\w*)\n(?<text>.*?)^\1```$/gms;

export function blocksOf(file: string): Block[] {
  const document = readFileSync(file, "utf8");
  return [...document.matchAll(fence)].map((match) => {
    const { language = "", text = "", excerpt } = match.groups ?? {};
    return {
      language,
      text: text.replaceAll(new RegExp(`^${match[1] ?? ""}`, "gm"), ""),
      line: document.slice(0, match.index).split("\n").length + 1,
      ...(excerpt === undefined ? {} : { excerpt }),
    };
  });
}

/** What is left without the fenced blocks. */
export function proseOf(file: string): string {
  return readFileSync(file, "utf8").replaceAll(fence, "");
}

/** A command of a block of `console`, with what it prints. */
export interface Shown {
  readonly argv: readonly string[];
  readonly output: string;
}

/** The commands of a document's blocks of `console`, in order. What prints nothing is followed by no lines. */
export function shownIn(file: string): Shown[] {
  return blocksOf(file)
    .filter(({ language }) => language === "console")
    .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
    .map((one) => {
      const [command = "", ...lines] = one.split("\n");
      return { argv: command.split(" "), output: lines.join("\n").trim() };
    });
}
