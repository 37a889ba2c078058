import { stringify } from "yaml";

/** Objects as one text that kubectl takes. */
export function documentsOf(objects: readonly object[]): string {
  return objects.map((one) => stringify(one, { aliasDuplicateObjects: false })).join("---\n");
}
