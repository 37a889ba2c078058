import { exitCode, SeamlessError } from "../../util/errors";

/**
 * The facet of a COE's kind, out of a table by kind.
 * @throws SeamlessError for a kind that the configuration's rules should have refused
 */
export function facetOf<T extends object>(
  table: Readonly<Record<string, T | undefined>>,
  { name, kind }: { readonly name: string; readonly kind: string },
): T {
  const facet = Object.hasOwn(table, kind) ? table[kind] : undefined;
  if (facet !== undefined) return facet;
  const known = Object.keys(table)
    .filter((one) => table[one] !== undefined)
    .sort()
    .join(", ");
  throw new SeamlessError(`coes.${name}.kind: found ${kind}; allowed: ${known}`, exitCode.usage);
}
