import type { Constraint } from "./app";

/** What a constraint can look at. */
export interface Place {
  readonly hostname: string;
  readonly attributes: Readonly<Record<string, string>>;
}

function valueAt(place: Place, field: string): string | undefined {
  return field === "hostname" || field === "@hostname" ? place.hostname : place.attributes[field];
}

/**
 * Whether one more task of an app may run at a place, given where its tasks are already and which places
 * there are (Marathon: "Constraints"). An operator that compares values refuses a place without the attribute;
 * UNLIKE takes it.
 */
export function satisfies(
  constraint: Constraint,
  place: Place,
  taken: readonly Place[],
  all: readonly Place[],
): boolean {
  const [field, operator, parameter] = constraint;
  const value = valueAt(place, field);
  if (operator === "UNLIKE") {
    return value === undefined || !wholly(parameter ?? "", value);
  }
  if (value === undefined) return false;
  const countOf = (wanted: string) => taken.filter((one) => valueAt(one, field) === wanted).length;
  switch (operator) {
    case "UNIQUE":
      return countOf(value) === 0;
    case "CLUSTER":
      return parameter === undefined || parameter === ""
        ? countOf(value) === taken.length
        : value === parameter;
    case "LIKE":
      return wholly(parameter ?? "", value);
    case "IS":
      return value === parameter;
    case "MAX_PER":
      return countOf(value) < Number(parameter);
    case "GROUP_BY": {
      const groups = new Set(all.flatMap((one) => valueAt(one, field) ?? []));
      const smallest = Math.min(...[...groups].map(countOf));
      // While fewer groups are known than asked for, the unknown ones count as empty.
      const floor = groups.size < Number(parameter ?? 0) ? 0 : smallest;
      return countOf(value) <= floor;
    }
  }
}

/** Marathon matches the whole value. */
function wholly(pattern: string, value: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(value);
}
