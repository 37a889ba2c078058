import type { RemoteHost } from "../ask/host";

/** Puts a file in its place as a whole. What is in it goes by standard input. */
const put = `umask 077; mkdir -p "$(dirname "$1")"; cat >"$1.seamless-part"; chmod "$2" "$1.seamless-part"; if [ -n "$3" ]; then chgrp "$3" "$1.seamless-part" 2>/dev/null || true; fi; mv "$1.seamless-part" "$1"`;

/** @throws SeamlessError where it cannot be written */
export async function putFile(
  host: RemoteHost,
  path: string,
  text: string,
  { mode = "0644", group = "" }: { readonly mode?: string; readonly group?: string } = {},
): Promise<void> {
  await host.need(["sh", "-eu", "-c", put, "sh", path, mode, group], { input: text });
}
