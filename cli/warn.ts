/** Tells of what does not end a command, on standard error. */
export function warn(line: string): void {
  process.stderr.write(`seamless: warning: ${line}\n`);
}
