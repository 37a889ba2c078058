import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const map = z.record(z.string(), z.unknown());
const folder = resolve(__dirname, "../unit/fixtures/calico");
const table = z.array(
  z.strictObject({
    rule: z.string(),
    kind: z.string(),
    /** Name of the object. */
    name: z.string().default("a"),
    /** What the cases are: a spec, metadata, fields of the document, */
    in: z.enum(["spec", "metadata", "document"]).default("spec"),
    /** or values of a field of the spec, */
    key: z.string().optional(),
    /** or an ingress rule that allows. */
    rules: z.boolean().default(false),
    base: map.default({}),
    good: z.array(z.unknown()).min(1),
    bad: z.array(z.unknown()).min(1),
  }),
);

export interface Case {
  /** What is special about the document. */
  readonly says: string;
  readonly document: unknown;
  readonly accepted: boolean;
}

export interface Rule {
  readonly rule: string;
  readonly cases: readonly Case[];
}

/** Documents that Calico takes and documents it refuses, by the rule they are about. */
export const verdicts = (): Rule[] => read("verdicts.yaml");

/** Documents that calicoctl takes all of, and the Kubernetes API does not. */
export const kubernetesVerdicts = (): Rule[] => read("verdicts-kubernetes.yaml");

function read(file: string): Rule[] {
  const rows = table.parse(parse(readFileSync(join(folder, file), "utf8")));
  return rows.map(({ rule, good, bad, ...row }) => {
    const make = (accepted: boolean) => (value: unknown) => ({
      says: `${row.kind} ${row.key ?? row.in} ${JSON.stringify(value)}`,
      document: documentOf(row, value),
      accepted,
    });
    return { rule, cases: [...good.map(make(true)), ...bad.map(make(false))] };
  });
}

/** Which cases are taken, by what they say. */
export const expected = (cases: readonly Case[]): Record<string, boolean> =>
  Object.fromEntries(cases.map(({ says, accepted }) => [says, accepted]));

type Row = Omit<z.infer<typeof table>[number], "rule" | "good" | "bad">;

function documentOf(row: Row, value: unknown): unknown {
  const { kind, name, base } = row;
  const whole = { apiVersion: "projectcalico.org/v3", kind, metadata: { name }, spec: base };
  if (row.key !== undefined) return { ...whole, spec: { ...base, [row.key]: value } };
  const fields = map.parse(value);
  if (row.rules) return { ...whole, spec: { ...base, ingress: [{ action: "Allow", ...fields }] } };
  if (row.in === "document") return { ...whole, ...fields };
  return row.in === "metadata"
    ? { ...whole, metadata: fields }
    : { ...whole, spec: { ...base, ...fields } };
}
