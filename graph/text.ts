/** Characters of a line that are drawn. */
const mostCharacters = 60;

/** One line as it is drawn: without control characters, which no format has a way to write, and cut where it is too long. */
export function line(text: string, most = mostCharacters): string {
  // C0, DEL and C1, line and paragraph separators, marks that turn the direction of text, half surrogates and non-characters.
  const plain = text
    .replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]+/gu, " ")
    .trim();
  const characters = [...plain];
  return characters.length <= most ? plain : `${characters.slice(0, most - 1).join("")}…`;
}
