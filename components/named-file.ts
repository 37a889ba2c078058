import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { exitCode, SeamlessError, whyNoFile } from "../util/errors";

/**
 * The text of a file that the configuration names; `~/` is the home folder.
 * @param field where the configuration names it, such as `access.ca`
 * @throws SeamlessError that names field and file
 */
export function readNamedFile(field: string, file: string): string {
  const path = file.startsWith("~/") ? join(homedir(), file.slice(2)) : file;
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    throw new SeamlessError(
      `${field}: found ${file}, which cannot be read: ${whyNoFile(thrown)}; allowed: a path from the folder of the project, or from ~/`,
      exitCode.usage,
    );
  }
}
