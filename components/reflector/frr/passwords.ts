import { SeamlessError } from "../../../util/errors";
import { needsPasswords, type Passwords, passwordOf } from "../passwords";

/** FRR reads a line by its words, and a password is one of them. */
const unwritable = /[\s\0]/;

/**
 * A rendered file with the passwords in place of their marks; the same text where it has none.
 * @throws SeamlessError that names what is missing, or what FRR cannot read
 */
export function withFrrPasswords(text: string, passwords: Passwords): string {
  if (!needsPasswords(text)) return text;
  return text.replace(
    /^( neighbor \S+ password )(seamless:\S+)$/gm,
    (_, head: string, mark: string) => {
      const password = passwordOf(mark, passwords);
      if (unwritable.test(password))
        throw new SeamlessError(
          `${mark}: found a space or a line end; FRR cannot read these in a password`,
        );
      return head + password;
    },
  );
}
