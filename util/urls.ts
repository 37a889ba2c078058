import { isLoopback } from "./net";

/** Whether what is sent to a URL can be read on its way: plain HTTP that leaves the machine. */
export function isReadable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "http:" && !isLoopback(hostname.replace(/^\[(.*)\]$/, "$1"));
}
