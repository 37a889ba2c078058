import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** The stacks' files of labs, in the folder that pulumi is run in; those of the project are two. */
function labFiles(): string[] {
  const stacks = readdirSync(".").filter((name) => /^Pulumi\.[^.]+\.yaml$/.test(name));
  return stacks.filter((name) => /^ +"?seamless:lab"?:/m.test(textOf(name) ?? ""));
}

/**
 * Runs pulumi and takes back out of the labs' files the salt that pulumi adds to a stack's file on first use: otherwise
 * every lab leaves the checkout modified. The state has the salt of its own secrets, so nothing is lost, but what is
 * encrypted in the file itself needs it there.
 */
export async function keepingLabFiles<T>(run: () => Promise<T>, files = labFiles()): Promise<T> {
  const before = files.map((file) => ({ file, text: textOf(file) }));
  try {
    return await run();
  } finally {
    for (const { file, text } of before) {
      if (text !== undefined && onlySaltIsNew(text, textOf(file) ?? "")) writeFileSync(file, text);
    }
  }
}

/** Whether nothing but a salt was added that nothing in the file needs. */
export function onlySaltIsNew(before: string, after: string): boolean {
  const salt = /^encryptionsalt: .*\n/m;
  if (salt.test(before) || !salt.test(after) || /\bsecure:/.test(before)) return false;
  return after.replace(salt, "") === before;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
