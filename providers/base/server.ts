/** The gRPC server that every plugin of the engine is. */
import {
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerErrorResponse,
  type ServerUnaryCall,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { messageOf } from "../../util/errors";
import type { Life } from "./life";

/** The engine's own limit for one message. */
export const maxMessageBytes = 400 * 1024 * 1024;
/** Errors travel in HTTP/2 headers, which Node.js limits to 64 KiB; each byte may be written as three. */
const maxErrorLength = 12_000;

/** An error with the gRPC code and the details that the engine looks at. */
export class CallError extends Error {
  constructor(
    message: string,
    readonly code: status = status.UNKNOWN,
    readonly details: Metadata = new Metadata(),
  ) {
    super(message);
    this.name = "CallError";
  }
}

/** The text with its middle cut out where it is too long for an error. */
export function shorten(text: string): string {
  if (text.length <= maxErrorLength) return text;
  const half = maxErrorLength / 2;
  return `${text.slice(0, half)}\n... (${text.length - maxErrorLength} characters left out)\n${text.slice(-half)}`;
}

function errorResponse(thrown: unknown): ServerErrorResponse {
  const known = thrown instanceof CallError ? thrown : new CallError(messageOf(thrown));
  const { code, details } = known;
  return Object.assign(new Error(), {
    code,
    details: shorten(known.message),
    metadata: details,
  });
}

/** Answers one kind of call with what the handler returns or throws. */
export function unary<Request, Response>(
  life: Life,
  handler: (
    request: Request,
    call: ServerUnaryCall<Request, Response>,
  ) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    life
      .track(async () => await handler(call.request, call))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(errorResponse(error), null),
      );
  };
}

/** Refuses one kind of call. */
export function unimplemented<Request, Response>(
  message: string,
): handleUnaryCall<Request, Response> {
  return (_, callback) => callback(errorResponse(new CallError(message, status.UNIMPLEMENTED)));
}

/** Serves on a free loopback port, and tells the engine which by the first line on standard output. */
export async function listen<Implementation extends UntypedServiceImplementation>(
  service: ServiceDefinition<Implementation>,
  implementation: UntypedServiceImplementation,
): Promise<void> {
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(service, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  process.stdout.write(`${port}\n`);
}
