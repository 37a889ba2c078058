/** Between the engine's messages and property values. */
import { Metadata } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { decode, encode, type RichProperties } from "./values";

/** Details travel in HTTP/2 headers, which Node.js limits to 64 KiB, in base64. */
const maxDetailBytes = 40_000;

export function fromStruct(struct: Struct | undefined): RichProperties {
  return struct === undefined ? {} : decode(struct.toJavaScript());
}

export function toStruct(properties: RichProperties): Struct {
  return Struct.fromJavaScript(encode(properties));
}

/** The parts of `urn:pulumi:stack::project::parent$type::name` that say which resource it is. */
export function parseUrn(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}

function initFailed(id: string, reasons: readonly string[], state: RichProperties): Uint8Array {
  const detail = new ErrorResourceInitFailed();
  detail.setId(id);
  detail.setProperties(toStruct(state));
  detail.setReasonsList([...reasons]);
  return detail.serializeBinary();
}

/**
 * The details of an error by which the engine records a resource that exists, but not as it should.
 * @param states What to record, the best first; the first that is small enough is taken.
 */
export function initFailedDetails(
  failure: { readonly id: string; readonly reasons: readonly string[]; readonly message: string },
  states: readonly RichProperties[],
): Metadata {
  const candidates = [...states, {}].map((state) => initFailed(failure.id, failure.reasons, state));
  const bytes =
    candidates.find((candidate) => candidate.length <= maxDetailBytes) ??
    initFailed(failure.id, [], {});
  const detail = new Any();
  detail.pack(bytes, "pulumirpc.ErrorResourceInitFailed");
  const grpcStatus = new Status();
  grpcStatus.setCode(2);
  grpcStatus.setMessage(failure.message);
  grpcStatus.setDetailsList([detail]);
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(grpcStatus.serializeBinary()));
  return metadata;
}
