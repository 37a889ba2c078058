import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Programs of the test's own that are found before those of this machine. */
export interface Programs {
  /** Lines that the programs have appended to `$SAID`, in order. */
  said(): string[];
  /** Puts PATH back and removes them. */
  remove(): void;
}

/**
 * Puts shell scripts first on PATH, by name.
 * @param scripts bodies; `$SAID` is a file that they may append lines to
 */
export function programs(scripts: Readonly<Record<string, string>>): Programs {
  const folder = mkdtempSync(join(tmpdir(), "seamless-programs-"));
  const log = join(folder, "said");
  writeFileSync(log, "");
  for (const [name, body] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\nSAID=${log}\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const before = process.env.PATH ?? "";
  process.env.PATH = [folder, before].join(delimiter);
  return {
    said: () => readFileSync(log, "utf8").split("\n").filter(Boolean),
    remove() {
      process.env.PATH = before;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
