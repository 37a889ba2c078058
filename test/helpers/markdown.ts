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
