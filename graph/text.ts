import { printable } from "../util/printable";

/** Characters of a line that are drawn. */
const mostCharacters = 60;

/** One line as it is drawn: printable, and cut where it is too long. */
export function line(text: string, most = mostCharacters): string {
  const plain = printable(text).trim();
  const characters = [...plain];
  return characters.length <= most ? plain : `${characters.slice(0, most - 1).join("")}…`;
}
