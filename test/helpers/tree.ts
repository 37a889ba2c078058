import type { Registered } from "./mocks";

export type Named = readonly [type: string, name: string];

/**
 * Expects a component and exactly these resources below it, in any order, each a child of the component; and no text
 * that was made of an Output in any name or input.
 */
export function expectTree(
  found: readonly Registered[],
  component: Named,
  children: readonly Named[],
): void {
  const parentOf = (name: string) => (name === component[1] ? undefined : component[1]);
  const line = (type: string, name: string, parent: string | undefined) =>
    `${name}: ${type}, child of ${parent ?? "the stack"}`;
  expect(found.map(({ type, name, parent }) => line(type, name, parent)).sort()).toEqual(
    [component, ...children].map(([type, name]) => line(type, name, parentOf(name))).sort(),
  );
  const texts = textsOf(found.map(({ name, inputs }) => [name, inputs]));
  expect(texts.filter((text) => text.includes("Calling [toString]"))).toEqual([]);
}

/** Every text in a value, however deep. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}
