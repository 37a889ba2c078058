import { isUtf8 } from "node:buffer";
import { YamlFault } from "./fault";

/** What is no printable character of YAML 1.1 (5.1). */
const forbidden = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

const replacement = "\ufffd";

/**
 * The text of a file: UTF-8, or UTF-16 where its first two bytes say so.
 * @throws YamlFault at the first byte or character that has no place in it
 */
export function textOf(bytes: Uint8Array): string {
  const text = decoded(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const found = forbidden.exec(text);
  if (found === null) return text;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  throw new YamlFault(
    text,
    found.index,
    `found the character U+${code}; allowed: printable characters, and others as "\\u${code}" in double quotes`,
  );
}

function decoded(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return decodedWide(bytes.subarray(2), "utf-16le");
  if (first === 0xfe && second === 0xff) return decodedWide(bytes.subarray(2), "utf-16be");
  const text = bytes.toString("utf8");
  if (!isUtf8(bytes)) throw notUtf8(bytes, text);
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

function decodedWide(bytes: Buffer, encoding: "utf-16le" | "utf-16be"): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new YamlFault(
      "",
      0,
      `found bytes that are no ${encoding.toUpperCase()}, which its first two say it is; allowed: UTF-8`,
    );
  }
}

/** Bytes that are no UTF-8 were read as U+FFFD, which may as well be written there. */
function notUtf8(bytes: Buffer, text: string): YamlFault {
  let at = text.indexOf(replacement);
  const byteAt = () => Buffer.byteLength(text.slice(0, at));
  while (bytes.subarray(byteAt(), byteAt() + 3).toString("latin1") === "\xef\xbf\xbd")
    at = text.indexOf(replacement, at + 1);
  const byte = (bytes[byteAt()] ?? 0).toString(16).padStart(2, "0");
  return new YamlFault(
    text,
    at,
    `found the byte 0x${byte}, which is no UTF-8 here; allowed: UTF-8, as editors save it today`,
  );
}
