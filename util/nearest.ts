/** Longer words are no slip of the hand, and would take long to compare. */
const longest = 260;

/** The known word nearest to an unknown one, if it is near enough to be a slip of the hand. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  return nearestOf(word, known, 1)[0];
}

/** The known words that are near enough to an unknown one to be meant, the nearest first. */
export function nearestOf(word: string, known: readonly string[], most: number): string[] {
  if (word.length > longest) return [];
  return known
    .map((one) => ({ one, distance: distance(word.toLowerCase(), one.toLowerCase()) }))
    .filter((one) => one.distance <= Math.max(2, word.length / 3))
    .sort((a, b) => a.distance - b.distance || (a.one < b.one ? -1 : 1))
    .slice(0, most)
    .map(({ one }) => one);
}

/** Edits from one word to the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
