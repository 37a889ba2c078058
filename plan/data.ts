/** A map of the same keys in code point order, which is the same on every machine. */
export function mapSorted<T, U>(
  map: Readonly<Record<string, T>>,
  make: (key: string, value: T) => U,
): Record<string, U> {
  const entries = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, make(key, value)]));
}

/** Freezes the value and everything below it. */
export function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}
