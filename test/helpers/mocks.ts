import {
  type ComponentResourceOptions,
  type CustomResourceOptions,
  Output,
  type Resource,
  type ResourceTransformation,
  runtime,
} from "@pulumi/pulumi";
import { takeHooks } from "./hooks";

/** A resource as the program registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  /** Name of the parent resource; undefined for the component itself. */
  readonly parent: string | undefined;
  /** What the engine was sent; secrets are marked as the SDK marks them. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly options: {
    /** Names of the resources it is told to wait for, sorted. */
    readonly dependsOn: readonly string[];
    readonly ignoreChanges: readonly string[];
    readonly deleteBeforeReplace: boolean;
    readonly retainOnDelete: boolean;
  };
}

/** What a provider adds to the inputs; a look at a new cluster prints nothing. */
function outputsOf(type: string, name: string): Readonly<Record<string, unknown>> {
  if (type !== "command:local:Command") return {};
  return { stdout: name.endsWith("-inspect") ? "" : "printed" };
}

/**
 * Makes a component against a pretended engine.
 * @param make is given the options to make it with
 * @returns the component and everything below it, in order of registration
 */
export async function registeredBy(
  make: (options: ComponentResourceOptions) => Resource,
): Promise<readonly Registered[]> {
  const inputs = new Map<string, Registered["inputs"]>();
  await runtime.setMocks(
    {
      newResource(args) {
        inputs.set(args.name, args.inputs);
        return {
          id: `${args.name}-id`,
          state: { ...args.inputs, ...outputsOf(args.type, args.name) },
        };
      },
      call: (args) => args.inputs,
    },
    "seamless",
    "test",
  );
  takeHooks();
  const names = new Map<unknown, string>();
  const found: Omit<Registered, "inputs">[] = [];
  const waits: Promise<void>[] = [];
  const note: ResourceTransformation = ({ resource, type, name, opts }) => {
    names.set(resource, name);
    const {
      dependsOn,
      deleteBeforeReplace = false,
      retainOnDelete = false,
    }: CustomResourceOptions = opts;
    const needed: string[] = [];
    waits.push(
      // What it waits for may not be made yet.
      resourcesIn(dependsOn).then((all) => {
        needed.push(...all.flatMap((one) => names.get(one) ?? []));
        needed.sort();
      }),
    );
    found.push({
      type,
      name,
      parent: names.get(opts.parent),
      options: {
        dependsOn: needed,
        ignoreChanges: opts.ignoreChanges ?? [],
        deleteBeforeReplace,
        retainOnDelete,
      },
    });
    return undefined;
  };
  make({ transformations: [note] });
  await Promise.all(waits);
  await runtime.disconnect();
  return found.map((one) => ({ ...one, inputs: inputs.get(one.name) ?? {} }));
}

/** What `dependsOn` names, however deep in lists, promises and outputs. */
async function resourcesIn(dependsOn: unknown): Promise<unknown[]> {
  if (Output.isInstance(dependsOn))
    return new Promise((resolve) => dependsOn.apply((all) => resolve(resourcesIn(all))));
  const all = await dependsOn;
  return Array.isArray(all) ? (await Promise.all(all.map(resourcesIn))).flat() : [all];
}

/** The one of a name. @throws Error when there is none */
export function named(resources: readonly Registered[], name: string): Registered {
  const found = resources.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new Error(`no resource ${name} in ${resources.map((one) => one.name).join(", ")}`);
}
