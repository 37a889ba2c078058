import { messageOf } from "../../../util/errors";
import { isRecord } from "../../../util/json";
import { CosmosError } from "./errors";
import type { Json } from "./package";

/** The fields of a request, read one by one; what is of the wrong kind is Cosmos' JsonDecodingError. */
export class RequestFields {
  private constructor(private readonly record: Json) {}

  /** @throws CosmosError JsonParsingError when it is not JSON */
  static parse(body: string): RequestFields {
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch (thrown) {
      throw new CosmosError("JsonParsingError", `Unable to parse the body: ${messageOf(thrown)}`);
    }
    if (!isRecord(value)) throw decoding("the body", "an object");
    return new RequestFields(value);
  }

  optionalText(name: string): string | undefined {
    const value = this.record[name] ?? undefined;
    if (value === undefined || typeof value === "string") return value;
    throw decoding(name, "a text");
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw decoding(name, "a text, it is missing");
    return value;
  }

  optionalFlag(name: string): boolean | undefined {
    const value = this.record[name] ?? undefined;
    if (value === undefined || typeof value === "boolean") return value;
    throw decoding(name, "true or false");
  }

  flag(name: string): boolean {
    const value = this.optionalFlag(name);
    if (value === undefined) throw decoding(name, "true or false, it is missing");
    return value;
  }

  optionalNumber(name: string): number | undefined {
    const value = this.record[name] ?? undefined;
    if (value === undefined || typeof value === "number") return value;
    throw decoding(name, "a number");
  }

  optionalObject(name: string): Json | undefined {
    const value = this.record[name] ?? undefined;
    if (value === undefined || isRecord(value)) return value;
    throw decoding(name, "an object");
  }
}

function decoding(name: string, wanted: string): CosmosError {
  return new CosmosError("JsonDecodingError", `Unable to decode ${name}: expected ${wanted}`);
}
