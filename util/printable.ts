/**
 * A text without characters that no format has a way to write, or that make a reader see something else: control characters,
 * half surrogates, marks that turn the direction of text, non-characters.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]+/gu, " ");
}
