import { z } from "zod";
import { type Kubectl, refusal } from "./kubectl";

const object = z.looseObject({
  apiVersion: z.string().default(""),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().exactOptional(),
    labels: z.record(z.string(), z.string()).nullish().transform(orEmpty),
    annotations: z.record(z.string(), z.string()).nullish().transform(orEmpty),
    managedFields: z
      .array(
        z.looseObject({
          manager: z.string().default(""),
          // Written back as it is, so nothing is filled in.
          fieldsV1: z
            .looseObject({ "f:spec": z.record(z.string(), z.unknown()).exactOptional() })
            .default({}),
        }),
      )
      .default([]),
  }),
  spec: z.record(z.string(), z.unknown()).nullish().transform(orEmpty),
  status: z.record(z.string(), z.unknown()).nullish().transform(orEmpty),
  data: z.record(z.string(), z.string()).nullish().transform(orEmpty),
});

export type KubernetesObject = z.output<typeof object>;

function orEmpty<T>(value: Record<string, T> | null | undefined): Record<string, T> {
  return value ?? {};
}

/** Asks for objects, in the order of their names. @throws SeamlessError when the API does not answer or refuses to say */
export async function list(kubectl: Kubectl, what: readonly string[]): Promise<KubernetesObject[]> {
  const result = await kubectl(["get", ...what, "-o", "json"]);
  if (result.code === 0) return parse(result.stdout);
  throw refusal(kubectl, ["get", ...what], result);
}

/** How kubectl says that there is no such object, or no such kind: all else is no answer to what was asked. */
const absent = /\(NotFound\)|the server doesn't have a resource type/;

/**
 * Objects that need not be there, or of kinds that older clusters do not have.
 * @throws SeamlessError when the API does not answer or refuses to say
 */
export async function optional(
  kubectl: Kubectl,
  what: readonly string[],
): Promise<KubernetesObject[]> {
  const result = await kubectl(["get", ...what, "-o", "json"]);
  if (result.code === 0) return parse(result.stdout);
  if (absent.test(result.stderr)) return [];
  throw refusal(kubectl, ["get", ...what], result);
}

/** Names of objects alone, which is little even where the objects are large. */
export async function names(kubectl: Kubectl, kind: string): Promise<string[]> {
  const what = [kind, "-o", "name"];
  const result = await kubectl(["get", ...what]);
  if (result.code !== 0) throw refusal(kubectl, ["get", kind], result);
  return result.stdout
    .split("\n")
    .map((line) => line.slice(line.indexOf("/") + 1))
    .filter((name) => name !== "");
}

/** One object is given alone, and several as a list. */
function parse(text: string): KubernetesObject[] {
  const parsed: unknown = JSON.parse(text);
  const several = z.looseObject({ items: z.array(object) }).safeParse(parsed);
  const found = several.success ? several.data.items : [object.parse(parsed)];
  const key = ({ kind, metadata }: KubernetesObject) =>
    `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const isOurs = (manager: string) => manager.startsWith("pulumi-kubernetes");

/** Who has set fields of the specification, as the API keeps it ("Field management"), but for ourselves. */
export function managers({ metadata }: KubernetesObject, fields: readonly string[]): string[] {
  const others = metadata.managedFields.filter(
    ({ manager, fieldsV1 }) =>
      !isOurs(manager) && fields.some((field) => `f:${field}` in (fieldsV1["f:spec"] ?? {})),
  );
  return [...new Set(others.map(({ manager }) => manager))].sort();
}

/** Whether a stack of ours has made or adopted it. */
export function madeByStack({ metadata }: KubernetesObject): boolean {
  return metadata.managedFields.some(({ manager }) => isOurs(manager));
}

/** Whether somebody else has set a field, or nobody is known to have; false where a stack of ours alone has. */
export function madeByOthers({ metadata }: KubernetesObject, field: string): boolean {
  const owners = metadata.managedFields.filter(
    ({ fieldsV1 }) => `f:${field}` in (fieldsV1["f:spec"] ?? {}),
  );
  return owners.length === 0 || owners.some(({ manager }) => !isOurs(manager));
}

/** The entries of all others in the list of who has set which field, as they are. */
export function managersBesideUs({ metadata }: KubernetesObject): readonly unknown[] {
  return metadata.managedFields.filter(({ manager }) => !isOurs(manager));
}
