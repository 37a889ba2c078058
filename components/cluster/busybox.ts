import { fetchSeconds } from "../contract/probe";

/** GETs a URL in a pod of the probe; ends with {@link getSilence} when the time is over. */
export function busyboxGet(url: string): string[] {
  // busybox's own -T crashes in some static builds, so the time limit is a program of its own.
  const limit = ["/bin/busybox", "timeout", String(fetchSeconds)];
  return [...limit, "/bin/busybox", "wget", "-qO-", url];
}

/** The exit code of a program that was ended by SIGTERM, as busybox's timeout does. */
export const getSilence = 143;
