import { exitCode, SeamlessError } from "../../util/errors";

/**
 * The facet of a COE's kind, out of a table by kind.
 * @throws SeamlessError for a kind that the configuration's rules should have refused
 */
export function facetOf<T>(
  table: Readonly<Record<string, T>>,
  { name, kind }: { readonly name: string; readonly kind: string },
): T {
  const facet = Object.hasOwn(table, kind) ? table[kind] : undefined;
  if (facet !== undefined) return facet;
  const known = Object.keys(table).sort().join(", ");
  throw new SeamlessError(`coes.${name}.kind: found ${kind}; allowed: ${known}`, exitCode.usage);
}
