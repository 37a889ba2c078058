/** Exit codes of the command line; part of the public contract. */
export const exitCode = {
  ok: 0,
  checkFailed: 1,
  usage: 2,
  nothingToCheck: 3,
  operationFailed: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** An error meant for the user: printed as it is, without a stack trace. */
export class SeamlessError extends Error {
  constructor(
    message: string,
    readonly code: ExitCode = exitCode.operationFailed,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "SeamlessError";
  }
}

/** Why a file cannot be read or written, in words; the message of what was thrown where there are none. */
export function whyNoFile(thrown: unknown): string {
  const code =
    typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  const words = new Map<unknown, string>([
    ["ENOENT", "no such file or folder"],
    ["EISDIR", "is a folder"],
    ["ENOTDIR", "part of the path is a file"],
    ["EACCES", "permission denied"],
    ["ENOSPC", "no space left on the device"],
  ]);
  return words.get(code) ?? messageOf(thrown);
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
