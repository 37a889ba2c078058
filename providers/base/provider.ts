/**
 * What a provider plugin is made of.
 *
 * A plugin's main.ts calls `serve(provider)` (serve.ts) with a {@link Provider}: a name, a version, its resource types
 * and functions. A resource type is written as a {@link ResourceSpec} and passed through {@link resourceType}; it sees
 * plain JSON values only, already validated and typed by its zod schema. The base does the rest: the gRPC server and
 * its life cycle, secrets and unknowns, the property-exact diff, previews, check failures with their paths, logging
 * and cancelling. The rules worth knowing when writing a type:
 * - The state of a resource is its inputs plus the outputs that `create`, `update` or `read` return. An output of the
 *   same name as an input wins, and stays secret where the input is. `derived` names the inputs that an output could
 *   give away: it is secret when one of them holds a secret.
 * - Use a `z.strictObject` for the inputs. A property that is not in it is refused by name as not implemented.
 * - In a preview nothing of the type is called but `check`, `change`, `same` and `deleteBeforeReplace`; `computed`
 *   outputs are unknown then, except the `stable` ones of an update and those that `check` has set among the inputs.
 * - Long work takes `ctx.signal`, which is aborted by Ctrl-C and when the engine dies. A create that fails must leave
 *   nothing behind, or throw {@link InitFailed} so that the engine records what there is.
 * - Errors reach the user as they are thrown; secret inputs are blotted out of errors and log lines by the base.
 */
import type { z } from "zod";
import type { Change } from "./diff";
import type { Path, Properties, Value } from "./values";

export type { Change, ChangeKind } from "./diff";
export type { Path, Properties, Value } from "./values";

/** Why an input is refused. */
export interface CheckFailure {
  /** The property path, such as `ports[0].internal`. */
  readonly property: string;
  /** What was found and what is allowed; reads well after "property X has a problem: ". */
  readonly reason: string;
}

/** What one call may use besides its values. */
export interface CallContext<Client> {
  /** The URN of the resource, or the token of the function. */
  readonly urn: string;
  /** What the provider's `configure` returned. */
  readonly client: Client;
  /** Aborted when the operation has to end early. */
  readonly signal: AbortSignal;
  /** The `customTimeouts` of the resource in milliseconds, if any; a check has none. */
  readonly timeoutMs: number | undefined;
  /** Shows a line at the resource. An ephemeral one is only shown while the resource is worked on. */
  log(severity: LogSeverity, message: string, options?: { readonly ephemeral?: boolean }): void;
  /** Replaces the secret inputs of this call in a text. */
  redact(text: string): string;
}

export type LogSeverity = "debug" | "info" | "warning" | "error";

export interface CheckContext<Client> extends CallContext<Client> {
  /** The inputs of the resource's last update; empty for a new one and for a replacement. */
  readonly olds: Properties;
  /** Whether the property is, or holds, a value that is not known yet. Such values are left out of the inputs. */
  isUnknown(property: string): boolean;
  /** The old value of the property, or a new unique name made from the resource's name. */
  autoname(property: string): string;
}

export interface CheckResult {
  /** Inputs to add or to replace, such as a default or a generated name. */
  readonly set?: Properties;
  readonly failures?: readonly CheckFailure[];
}

/** A resource that exists, with the outputs beside its inputs. */
export interface Created {
  readonly id: string;
  readonly outputs: Properties;
}

/** What `read` found. */
export interface Found extends Created {
  /** The inputs that would make what was found; a difference from the program's is shown and repaired as drift. */
  readonly inputs: Properties;
}

/** A resource as the engine last recorded it. */
export interface Recorded {
  readonly id: string;
  readonly inputs: Properties;
  /** Inputs and outputs. */
  readonly state: Properties;
}

export interface ResourceSpec<Inputs, Client> {
  /** The type token, such as `command:local:Command`. */
  readonly token: string;
  readonly inputs: z.ZodType<Inputs>;
  /** Outputs that are known only once the resource has been made. */
  readonly computed: readonly string[];
  /** Those of `computed` that an update does not change. Default: none. */
  readonly stable?: readonly string[];
  /** For an output, the inputs it could give away. */
  readonly derived?: Readonly<Record<string, readonly string[]>>;
  /**
   * Defaults and rules beyond the schema. It runs for a preview, too, and cannot tell one from an update; so what it
   * reaches out to may not be there yet.
   */
  check?(news: Properties, ctx: CheckContext<Client>): CheckResult | Promise<CheckResult>;
  /** Whether two values of one property mean the same, for lists whose order has no meaning. Default: deep equality. */
  same?(path: Path, older: Value, newer: Value): boolean;
  /** What one changed value asks for. Default: an update, or a replacement when there is no `update`. */
  change?(change: Change): "update" | "replace" | "none";
  /** Whether the old one must go before its replacement can be made. Default: no. */
  deleteBeforeReplace?(news: Properties): boolean;
  create(inputs: Inputs, ctx: CallContext<Client>): Promise<Created>;
  /** What there is, or undefined when it is gone. For an import, inputs and state are empty. Default: as recorded. */
  read?(recorded: Recorded, ctx: CallContext<Client>): Promise<Found | undefined>;
  /** @returns the outputs after the update. */
  update?(recorded: Recorded, news: Inputs, ctx: CallContext<Client>): Promise<Properties>;
  /** Must succeed when the resource is gone already. */
  delete(recorded: Recorded, ctx: CallContext<Client>): Promise<void>;
}

/** A resource type whose inputs' type is known to itself only. */
export interface ResourceType<Client> extends ResourceSpec<unknown, Client> {}

/** Closes a specification over its input type, so that different ones fit into one provider. */
export function resourceType<Inputs, Client>(
  spec: ResourceSpec<Inputs, Client>,
): ResourceType<Client> {
  const update = spec.update?.bind(spec);
  const { update: _, ...rest } = spec;
  const closed: ResourceType<Client> = {
    ...rest,
    create: (inputs, ctx) => spec.create(spec.inputs.parse(inputs), ctx),
  };
  if (update === undefined) return closed;
  return {
    ...closed,
    update: (recorded, news, ctx) => update(recorded, spec.inputs.parse(news), ctx),
  };
}

/** A function of the provider, called by the program with `invoke`. */
export interface FunctionSpec<Inputs, Client> {
  /** Such as `command:local:run`. */
  readonly token: string;
  readonly inputs: z.ZodType<Inputs>;
  /** All results are secret when one of these arguments holds a secret. Default: any argument. */
  call(inputs: Inputs, ctx: CallContext<Client>): Promise<Properties>;
}

export interface FunctionType<Client> extends FunctionSpec<unknown, Client> {}

export function functionType<Inputs, Client>(
  spec: FunctionSpec<Inputs, Client>,
): FunctionType<Client> {
  return { ...spec, call: (inputs, ctx) => spec.call(spec.inputs.parse(inputs), ctx) };
}

export interface Provider<Client> {
  /** The package name, such as `docker`. */
  readonly name: string;
  /** The version of the SDK package that it serves. */
  readonly version: string;
  /**
   * Checks the provider's configuration. Values that are not strings arrive as JSON text, as the SDKs send them.
   * Default: anything goes.
   */
  checkConfig?(config: Properties): readonly CheckFailure[];
  /** Names of the configuration's values that are secrets also where the program does not say so. Default: none. */
  readonly secrets?: readonly string[];
  /** Turns the configuration into what the calls use. Called once; must not reach out to anything. */
  configure(config: Properties): Client;
  readonly resources: readonly ResourceType<Client>[];
  readonly functions: readonly FunctionType<Client>[];
}

/** Thrown when a resource exists but is not as it should be; the engine records it and the next update repairs it. */
export class InitFailed extends Error {
  constructor(
    readonly created: Created,
    readonly reasons: readonly string[],
  ) {
    super(reasons.join("; "));
    this.name = "InitFailed";
  }
}
