import { SeamlessError } from "../../../util/errors";
import { needsPasswords, type Passwords, passwordOf } from "../passwords";

/** BIRD reads a text to the next quotation mark, and has no way to write one in it. */
const unwritable = /["\n\r\0]/;

/**
 * A rendered file with the passwords in place of their marks; the same text where it has none.
 * @throws SeamlessError that names what is missing, or what BIRD cannot read
 */
export function withBirdPasswords(text: string, passwords: Passwords): string {
  if (!needsPasswords(text)) return text;
  return text.replace(/^( {2}password )"(.*)";$/gm, (line, head: string, mark: string) => {
    if (!mark.startsWith("seamless:")) return line;
    const password = passwordOf(mark, passwords);
    if (unwritable.test(password))
      throw new SeamlessError(
        `${mark}: found a quotation mark or a line end; BIRD cannot read these in a password`,
      );
    return `${head}"${password}";`;
  });
}
