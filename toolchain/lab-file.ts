import { readFileSync, writeFileSync } from "node:fs";

/** The configuration of the lab, which is part of the project. */
export const labFile = "Pulumi.lab.yaml";

/**
 * Runs pulumi and takes back out of the lab's file the salt that pulumi adds to a stack's file on first use: otherwise
 * every lab leaves the checkout modified. The state has the salt of its own secrets, so nothing is lost, but what is
 * encrypted in the file itself needs it there.
 */
export async function keepingLabFile<T>(run: () => Promise<T>, file = labFile): Promise<T> {
  const before = textOf(file);
  try {
    return await run();
  } finally {
    if (before !== undefined && onlySaltIsNew(before, textOf(file) ?? ""))
      writeFileSync(file, before);
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
