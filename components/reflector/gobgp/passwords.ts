import { parse, stringify, type TomlTable } from "smol-toml";
import { z } from "zod";
import { needsPasswords, type Passwords, passwordOf } from "../passwords";

const tables = z.object({ neighbors: z.array(z.custom<TomlTable>()).default([]) });
const marked = z.object({ config: z.object({ "auth-password": z.string() }) });

/**
 * A rendered file with the passwords in place of their marks; the same text where it has none.
 * @throws SeamlessError that names what is missing
 */
export function withPasswords(text: string, passwords: Passwords): string {
  if (!needsPasswords(text)) return text;
  const document = parse(text);
  // In the order they are in: zod would put what it knows first.
  const neighbors = tables.parse(document).neighbors.map((table) => {
    const mark = marked.safeParse(table).data?.config["auth-password"];
    if (mark === undefined) return table;
    const config = z.custom<TomlTable>().parse(table.config);
    return { ...table, config: { ...config, "auth-password": passwordOf(mark, passwords) } };
  });
  return stringify({ ...document, neighbors });
}
