/** The engine's calls, carried out with a provider's resource types and functions. */
import { type ServerUnaryCall, status } from "@grpc/grpc-js";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { messageOf } from "../../util/errors";
import { check, schemaFailures } from "./check";
import { type Change, diff, formatPath, parsePath } from "./diff";
import type { EngineLog } from "./engine";
import type { Life } from "./life";
import {
  type CallContext,
  type CheckFailure,
  InitFailed,
  type Provider,
  type Recorded,
  type ResourceType,
} from "./provider";
import { redactor } from "./redact";
import { CallError } from "./server";
import { outputsOf, previewOf, stateOf } from "./state";
import { holdsSecret, plain, type Rich, type RichProperties, Secret } from "./values";
import { fromStruct, initFailedDetails, parseUrn, toStruct } from "./wire";

type AnyCall = Pick<ServerUnaryCall<unknown, unknown>, "on">;

/**
 * The failures for the engine, which prints the value of the property that one names, secret or not. So a secret's
 * failure names its property in the reason only.
 */
function failureMessages(
  failures: readonly CheckFailure[],
  inputs: RichProperties,
  ...others: readonly RichProperties[]
): pb.CheckFailure[] {
  const redact = redactor(inputs, ...others);
  return failures.map(({ property, reason }) => {
    const message = new pb.CheckFailure();
    const secret = holdsSecret(inputs[String(parsePath(property)[0])] ?? null);
    message.setProperty(secret ? "" : property);
    message.setReason(redact(secret ? `property ${property} has a problem: ${reason}` : reason));
    return message;
  });
}

const plainKinds = {
  add: pb.PropertyDiff.Kind.ADD,
  delete: pb.PropertyDiff.Kind.DELETE,
  update: pb.PropertyDiff.Kind.UPDATE,
} as const;
const replacingKinds = {
  add: pb.PropertyDiff.Kind.ADD_REPLACE,
  delete: pb.PropertyDiff.Kind.DELETE_REPLACE,
  update: pb.PropertyDiff.Kind.UPDATE_REPLACE,
} as const;

/** A message about the differences; those that `replaces` names cannot be brought about in place. */
function diffResponse(
  changes: readonly Change[],
  replaces: (change: Change) => boolean,
): pb.DiffResponse {
  const response = new pb.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  response.setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setHasdetaileddiff(true);
  for (const change of changes) {
    const detail = new pb.PropertyDiff();
    detail.setKind((replaces(change) ? replacingKinds : plainKinds)[change.kind]);
    detail.setInputdiff(true);
    response.getDetaileddiffMap().set(formatPath(change.path), detail);
  }
  response.setDiffsList([...new Set(changes.map(({ property }) => property))]);
  response.setReplacesList([...new Set(changes.filter(replaces).map(({ property }) => property))]);
  return response;
}

interface Scope<Client, Response> {
  readonly urn: string;
  readonly call: AnyCall;
  readonly timeoutSeconds?: number;
  /** The values whose secrets must not show up in a text. */
  readonly secrets: readonly RichProperties[];
  /** Makes the engine's error of a resource that exists, but not as it should. */
  readonly initFailed?: (failure: InitFailed, redact: (text: string) => string) => CallError;
  work(ctx: CallContext<Client>): Promise<Response>;
}

/** One method per call of the engine. */
export class Calls<Client> {
  private client: { readonly value: Client } | undefined;

  constructor(
    private readonly provider: Provider<Client>,
    private readonly engine: EngineLog,
    private readonly life: Life,
  ) {}

  checkConfig(request: pb.CheckRequest): pb.CheckResponse {
    const news = fromStruct(request.getNews());
    const response = new pb.CheckResponse();
    const { secrets = [] } = this.provider;
    const inputs = Object.entries(news).map(([name, value]) => {
      const marked = secrets.includes(name) && !(value instanceof Secret);
      return [name, marked ? new Secret(value) : value];
    });
    response.setInputs(toStruct(Object.fromEntries(inputs)));
    response.setFailuresList(failureMessages(this.provider.checkConfig?.(plain(news)) ?? [], news));
    return response;
  }

  /** A changed configuration never asks for the replacement of everything that was made with it. */
  diffConfig(request: pb.DiffRequest): pb.DiffResponse {
    const olds = fromStruct(request.getOldInputs() ?? request.getOlds());
    const changes = diff(olds, fromStruct(request.getNews()), {
      ignore: request.getIgnorechangesList(),
    });
    return diffResponse(changes, () => false);
  }

  configure(request: pb.ConfigureRequest): pb.ConfigureResponse {
    this.client = { value: this.provider.configure(plain(fromStruct(request.getArgs()))) };
    const response = new pb.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    response.setSupportsAutonamingConfiguration(true);
    return response;
  }

  check(request: pb.CheckRequest, call: AnyCall): Promise<pb.CheckResponse> {
    const type = this.typeOf(request);
    const urn = request.getUrn();
    const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
    const autonaming = request.getAutonaming();
    const naming = {
      name: parseUrn(urn).name,
      seed: request.getRandomseed_asU8(),
      proposed: autonaming?.getProposedName(),
      disabled: autonaming?.getMode() === pb.CheckRequest.AutonamingOptions.Mode.DISABLE,
    };
    return this.run({
      urn,
      call,
      secrets: [news, olds],
      work: async (ctx) => {
        const checked = await check(type, this.provider.name, { olds, news, naming }, ctx);
        const response = new pb.CheckResponse();
        response.setInputs(toStruct(checked.inputs));
        response.setFailuresList(failureMessages(checked.failures, checked.inputs, news, olds));
        return response;
      },
    });
  }

  diff(request: pb.DiffRequest): pb.DiffResponse {
    const type = this.typeOf(request);
    const news = fromStruct(request.getNews());
    const all = diff(fromStruct(request.getOldInputs() ?? request.getOlds()), news, {
      ignore: request.getIgnorechangesList(),
      same: type.same?.bind(type),
    });
    const byDefault = type.update === undefined ? "replace" : "update";
    const verdicts = new Map(all.map((change) => [change, type.change?.(change) ?? byDefault]));
    const response = diffResponse(
      all.filter((change) => verdicts.get(change) !== "none"),
      (change) => verdicts.get(change) === "replace",
    );
    response.setDeletebeforereplace(type.deleteBeforeReplace?.(plain(news)) ?? false);
    response.setStablesList([...(type.stable ?? [])]);
    return response;
  }

  create(request: pb.CreateRequest, call: AnyCall): Promise<pb.CreateResponse> {
    const type = this.typeOf(request);
    const inputs = fromStruct(request.getProperties());
    return this.run({
      urn: request.getUrn(),
      call,
      timeoutSeconds: request.getTimeout(),
      secrets: [inputs],
      initFailed: this.initFailed(type, inputs),
      work: async (ctx) => {
        const response = new pb.CreateResponse();
        if (request.getPreview()) {
          response.setProperties(toStruct(previewOf(type, inputs)));
          return response;
        }
        const created = await type.create(plain(inputs), ctx);
        response.setId(created.id);
        response.setProperties(toStruct(stateOf(type, inputs, created.outputs)));
        return response;
      },
    });
  }

  read(request: pb.ReadRequest, call: AnyCall): Promise<pb.ReadResponse> {
    const type = this.typeOf(request);
    const inputs = fromStruct(request.getInputs());
    const state = fromStruct(request.getProperties());
    return this.run({
      urn: request.getUrn(),
      call,
      timeoutSeconds: request.getTimeout(),
      secrets: [inputs, state],
      initFailed: this.initFailed(type, inputs),
      work: async (ctx) => {
        const response = new pb.ReadResponse();
        if (type.read === undefined) {
          if (Object.keys(state).length === 0)
            throw new Error(`${type.token} cannot be imported or read by its id`);
          response.setId(request.getId());
          response.setProperties(toStruct(state));
          response.setInputs(toStruct(inputs));
          return response;
        }
        const found = await type.read(recorded(request.getId(), inputs, state), ctx);
        // An empty id says that the resource is gone.
        if (found === undefined) return response;
        const foundInputs = outputsOf(type, inputs, found.inputs);
        response.setId(found.id);
        response.setInputs(toStruct(foundInputs));
        response.setProperties(toStruct(stateOf(type, foundInputs, found.outputs)));
        return response;
      },
    });
  }

  update(request: pb.UpdateRequest, call: AnyCall): Promise<pb.UpdateResponse> {
    const type = this.typeOf(request);
    const olds = fromStruct(request.getOlds());
    const oldInputs = fromStruct(request.getOldInputs() ?? request.getOlds());
    const news = fromStruct(request.getNews());
    return this.run({
      urn: request.getUrn(),
      call,
      timeoutSeconds: request.getTimeout(),
      secrets: [olds, oldInputs, news],
      initFailed: this.initFailed(type, news),
      work: async (ctx) => {
        const response = new pb.UpdateResponse();
        if (request.getPreview()) {
          response.setProperties(toStruct(previewOf(type, news, olds)));
          return response;
        }
        if (type.update === undefined)
          throw new Error(
            `${type.token} cannot be updated; replace it: pulumi up --replace '${request.getUrn()}'`,
          );
        const old = recorded(request.getId(), oldInputs, olds);
        const outputs = await type.update(old, plain(news), ctx);
        response.setProperties(toStruct(stateOf(type, news, outputs)));
        return response;
      },
    });
  }

  delete(request: pb.DeleteRequest, call: AnyCall): Promise<Empty> {
    const type = this.typeOf(request);
    const state = fromStruct(request.getProperties());
    const inputs = fromStruct(request.getOldInputs() ?? request.getProperties());
    return this.run({
      urn: request.getUrn(),
      call,
      timeoutSeconds: request.getTimeout(),
      secrets: [inputs, state],
      work: async (ctx) => {
        await type.delete(recorded(request.getId(), inputs, state), ctx);
        return new Empty();
      },
    });
  }

  invoke(request: pb.InvokeRequest, call: AnyCall): Promise<pb.InvokeResponse> {
    const token = request.getTok();
    const found = this.provider.functions.find((candidate) => candidate.token === token);
    if (found === undefined) throw this.notImplemented("function", token, this.provider.functions);
    const args = fromStruct(request.getArgs());
    return this.run({
      urn: token,
      call,
      secrets: [args],
      work: async (ctx) => {
        const response = new pb.InvokeResponse();
        const failures = schemaFailures(found.inputs, this.provider.name, args);
        response.setFailuresList(failureMessages(failures, args));
        if (failures.length > 0) return response;
        const results: RichProperties = await found.call(plain(args), ctx);
        const secret = holdsSecret(args);
        const wrap = (value: Rich) => (secret ? new Secret(value) : value);
        response.setReturn(
          toStruct(Object.fromEntries(Object.entries(results).map(([k, v]) => [k, wrap(v)]))),
        );
        return response;
      },
    });
  }

  private typeOf(request: { getType(): string; getUrn(): string }): ResourceType<Client> {
    const token = request.getType() || parseUrn(request.getUrn()).type;
    const type = this.provider.resources.find((candidate) => candidate.token === token);
    if (type === undefined)
      throw this.notImplemented("resource type", token, this.provider.resources);
    return type;
  }

  private notImplemented(
    what: string,
    token: string,
    there: readonly { readonly token: string }[],
  ): CallError {
    const { name, version } = this.provider;
    const covered = there.map((item) => item.token).join(", ") || "none";
    return new CallError(
      `the ${what} ${token} is not implemented by this ${name} plugin, which covers: ${covered}. Put the official pulumi-resource-${name} v${version} in its place to use it`,
      status.UNIMPLEMENTED,
    );
  }

  private initFailed(type: ResourceType<Client>, inputs: RichProperties) {
    return (failure: InitFailed, redact: (text: string) => string): CallError => {
      const { id, outputs } = failure.created;
      const reasons = failure.reasons.map(redact);
      const message = redact(failure.message);
      const states = [stateOf(type, inputs, outputs), outputsOf(type, inputs, outputs)];
      return new CallError(
        message,
        status.UNKNOWN,
        initFailedDetails({ id, reasons, message }, states),
      );
    };
  }

  /** Runs one piece of work with its context; what it throws comes out fit for the user. */
  private async run<Response>(scope: Scope<Client, Response>): Promise<Response> {
    if (this.client === undefined) throw new Error("the engine has not configured this plugin");
    const redact = redactor(...scope.secrets);
    const timeoutMs = scope.timeoutSeconds ? scope.timeoutSeconds * 1000 : undefined;
    const own = new AbortController();
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(
            () => own.abort(new Error(`timed out after ${timeoutMs / 1000} s (customTimeouts)`)),
            timeoutMs,
          );
    scope.call.on("cancelled", () => own.abort(new Error("interrupted")));
    const signal = AbortSignal.any([this.life.signal, own.signal]);
    try {
      return await scope.work({
        urn: scope.urn,
        client: this.client.value,
        signal,
        timeoutMs,
        redact,
        log: (severity, message, options) =>
          this.engine.log({
            severity,
            message: redact(message),
            urn: scope.urn.startsWith("urn:") ? scope.urn : "",
            ephemeral: options?.ephemeral ?? false,
          }),
      });
    } catch (error) {
      if (error instanceof InitFailed && scope.initFailed) throw scope.initFailed(error, redact);
      throw new CallError(redact(messageOf(reasonOf(error, signal))));
    } finally {
      clearTimeout(timer);
      await this.engine.flush();
    }
  }
}

/** Why a wait was ended early; Node.js itself only says that it was. */
function reasonOf(error: unknown, signal: AbortSignal): unknown {
  const named = typeof error === "object" && error !== null && "name" in error;
  return signal.aborted && named && error.name === "AbortError" ? signal.reason : error;
}

function recorded(id: string, inputs: RichProperties, state: RichProperties): Recorded {
  return { id, inputs: plain(inputs), state: plain(state) };
}
