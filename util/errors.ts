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

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
