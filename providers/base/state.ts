/** What the engine records of a resource: its inputs and outputs, with what is secret marked as such. */
import type { Properties, ResourceType } from "./provider";
import { holdsSecret, mark, type Rich, type RichProperties, Secret, unknown } from "./values";

function secretByInputs<Client>(
  type: ResourceType<Client>,
  output: string,
  inputs: RichProperties,
): boolean {
  return (type.derived?.[output] ?? []).some((name) => holdsSecret(inputs[name] ?? null));
}

/** A value of this name as a secret, where one of the inputs that it could give away is one. */
export function marked<Client>(
  type: ResourceType<Client>,
  name: string,
  value: Rich,
  inputs: RichProperties,
): Rich {
  if (value instanceof Secret) return value;
  return secretByInputs(type, name, inputs) ? new Secret(value) : value;
}

/** Only the outputs, marked. */
export function outputsOf<Client>(
  type: ResourceType<Client>,
  inputs: RichProperties,
  outputs: Properties,
): RichProperties {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [
      name,
      marked(type, name, mark(value, inputs[name]), inputs),
    ]),
  );
}

/** The state of a resource that exists. */
export function stateOf<Client>(
  type: ResourceType<Client>,
  inputs: RichProperties,
  outputs: Properties,
): RichProperties {
  return { ...inputs, ...outputsOf(type, inputs, outputs) };
}

/**
 * The state as far as a preview can tell: an output that `check` could tell is an input already, and for an update with
 * the old state, what is stable is taken from there.
 */
export function previewOf<Client>(
  type: ResourceType<Client>,
  inputs: RichProperties,
  oldState?: RichProperties,
): RichProperties {
  const outputs = type.computed.map((name): [string, Rich] => {
    const old = type.stable?.includes(name) ? oldState?.[name] : undefined;
    return [name, marked(type, name, inputs[name] ?? old ?? unknown, inputs)];
  });
  return { ...inputs, ...Object.fromEntries(outputs) };
}
