/** For sorting names: numbers in them count as numbers, and nothing depends on the machine's language. */
export function compareNames(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true }) || (a < b ? -1 : a > b ? 1 : 0);
}
