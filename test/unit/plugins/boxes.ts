/** A provider of one type, and the calls that the engine makes of it. */
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { z } from "zod";
import { Calls } from "../../../providers/base/calls";
import { EngineLog, type LogLine } from "../../../providers/base/engine";
import { Life } from "../../../providers/base/life";
import { type Provider, type ResourceSpec, resourceType } from "../../../providers/base/provider";
import type { RichProperties } from "../../../providers/base/values";
import { toStruct } from "../../../providers/base/wire";

export const urn = "urn:pulumi:lab::demo::seamless:net:Fabric$test:index:Box::box-1";
const inputs = z.strictObject({
  name: z.string().optional(),
  size: z.number().optional(),
  password: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.strictObject({ internal: z.number().int() })).optional(),
});
type Inputs = z.infer<typeof inputs>;
type Spec = ResourceSpec<Inputs, string>;

class Lines extends EngineLog {
  readonly lines: LogLine[] = [];
  override log(line: LogLine): void {
    this.lines.push(line);
  }
}

/** A provider of one type, with the given parts replaced. */
export function boxes(parts: Partial<Spec> = {}) {
  const spec: Spec = {
    token: "test:index:Box",
    inputs,
    computed: ["address", "secretLength", "kind"],
    stable: ["kind"],
    derived: { secretLength: ["password"] },
    check: (_, ctx) => ({ set: { name: ctx.autoname("name") } }),
    change: ({ property }) => (property === "name" ? "replace" : "update"),
    deleteBeforeReplace: (news) => news.name === "fixed",
    create: async (news) => ({
      id: `id-${news.name}`,
      outputs: { address: "10.0.0.1", secretLength: (news.password ?? "").length, kind: "box" },
    }),
    update: async () => ({ address: "10.0.0.2", secretLength: 0, kind: "box" }),
    delete: async () => undefined,
    ...parts,
  };
  const provider: Provider<string> = {
    name: "test",
    version: "1.0.0",
    configure: (config) => String(config.host),
    resources: [resourceType(spec)],
    functions: [],
  };
  const log = new Lines(undefined);
  const life = new Life();
  const calls = new Calls(provider, log, life);
  const configuration = new pb.ConfigureRequest();
  configuration.setArgs(toStruct({ host: "here" }));
  calls.configure(configuration);
  return { calls, log, life };
}

export const call = { on: () => undefined } as never;

export function filled<Message extends { setUrn(urn: string): unknown }>(
  message: Message,
  fill: (message: Message) => void,
): Message {
  message.setUrn(urn);
  fill(message);
  return message;
}
export const checkOf = (news: RichProperties, olds: RichProperties = {}, seed = "seed") =>
  filled(new pb.CheckRequest(), (request) => {
    request.setNews(toStruct(news));
    request.setOlds(toStruct(olds));
    request.setRandomseed(Buffer.from(seed).toString("base64"));
  });
export const diffOf = (olds: RichProperties, news: RichProperties, ignore: string[] = []) =>
  filled(new pb.DiffRequest(), (request) => {
    request.setOldInputs(toStruct(olds));
    request.setOlds(toStruct({ ...olds, address: "10.0.0.1" }));
    request.setNews(toStruct(news));
    request.setIgnorechangesList(ignore);
  });
export const createOf = (properties: RichProperties, preview = false) =>
  filled(new pb.CreateRequest(), (request) => {
    request.setProperties(toStruct(properties));
    request.setPreview(preview);
  });
export const updateOf = (
  olds: RichProperties,
  oldInputs: RichProperties,
  news: RichProperties,
  preview = false,
) =>
  filled(new pb.UpdateRequest(), (request) => {
    request.setId("id-1");
    request.setOlds(toStruct(olds));
    request.setOldInputs(toStruct(oldInputs));
    request.setNews(toStruct(news));
    request.setPreview(preview);
  });
export const readOf = (state: RichProperties, oldInputs: RichProperties) =>
  filled(new pb.ReadRequest(), (request) => {
    request.setId("id-1");
    request.setProperties(toStruct(state));
    request.setInputs(toStruct(oldInputs));
  });

export const failuresOf = (response: pb.CheckResponse) =>
  response.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()]);
const kinds = Object.fromEntries(
  Object.entries(pb.PropertyDiff.Kind).map(([name, value]) => [value, name]),
);
export function detailsOf(response: pb.DiffResponse): Record<string, string | undefined> {
  const details: Record<string, string | undefined> = {};
  pb.DiffResponse.deserializeBinary(response.serializeBinary())
    .getDetaileddiffMap()
    .forEach((detail, path) => {
      details[path] = kinds[detail.getKind()];
    });
  return details;
}
