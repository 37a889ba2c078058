import { z } from "zod";

const schema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).nullish(),
  "x-kubernetes-preserve-unknown-fields": z.boolean().nullish(),
});
const definition = z.looseObject({
  names: z.looseObject({ kind: z.string() }),
  versions: z
    .array(
      z.looseObject({
        storage: z.boolean().default(false),
        schema: z
          .looseObject({
            openAPIV3Schema: z
              .looseObject({ properties: z.looseObject({ spec: schema.nullish() }).nullish() })
              .nullish(),
          })
          .nullish(),
      }),
    )
    .default([]),
});

/** The kind that a definition is of, and the fields of a specification it has; what it has not, the API drops. */
export function definitionFields(spec: unknown): readonly [string, readonly string[] | "any"] {
  const { names, versions } = definition.parse(spec);
  const stored = versions.find(({ storage }) => storage)?.schema?.openAPIV3Schema?.properties?.spec;
  const fields = Object.keys(stored?.properties ?? {}).sort();
  const all = stored?.["x-kubernetes-preserve-unknown-fields"] === true;
  return [names.kind, all || fields.length === 0 ? "any" : fields];
}
