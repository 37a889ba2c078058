import { setTimeout as pause } from "node:timers/promises";
import { Metadata } from "@grpc/grpc-js";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { z } from "zod";
import { Calls } from "../../../providers/base/calls";
import { EngineLog, type LogLine } from "../../../providers/base/engine";
import { Life } from "../../../providers/base/life";
import {
  InitFailed,
  type Provider,
  type Recorded,
  type ResourceSpec,
  resourceType,
} from "../../../providers/base/provider";
import { CallError } from "../../../providers/base/server";
import {
  decode,
  encode,
  type RichProperties,
  Secret,
  unknown,
} from "../../../providers/base/values";
import { fromStruct, toStruct } from "../../../providers/base/wire";

const urn = "urn:pulumi:lab::demo::seamless:net:Fabric$test:index:Box::box-1";
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
function boxes(parts: Partial<Spec> = {}) {
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

const call = { on: () => undefined } as never;

function filled<Message extends { setUrn(urn: string): unknown }>(
  message: Message,
  fill: (message: Message) => void,
): Message {
  message.setUrn(urn);
  fill(message);
  return message;
}
const checkOf = (news: RichProperties, olds: RichProperties = {}, seed = "seed") =>
  filled(new pb.CheckRequest(), (request) => {
    request.setNews(toStruct(news));
    request.setOlds(toStruct(olds));
    request.setRandomseed(Buffer.from(seed).toString("base64"));
  });
const diffOf = (olds: RichProperties, news: RichProperties, ignore: string[] = []) =>
  filled(new pb.DiffRequest(), (request) => {
    request.setOldInputs(toStruct(olds));
    request.setOlds(toStruct({ ...olds, address: "10.0.0.1" }));
    request.setNews(toStruct(news));
    request.setIgnorechangesList(ignore);
  });
const createOf = (properties: RichProperties, preview = false) =>
  filled(new pb.CreateRequest(), (request) => {
    request.setProperties(toStruct(properties));
    request.setPreview(preview);
  });
const updateOf = (
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
const readOf = (state: RichProperties, oldInputs: RichProperties) =>
  filled(new pb.ReadRequest(), (request) => {
    request.setId("id-1");
    request.setProperties(toStruct(state));
    request.setInputs(toStruct(oldInputs));
  });

const failuresOf = (response: pb.CheckResponse) =>
  response.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()]);
const kinds = Object.fromEntries(
  Object.entries(pb.PropertyDiff.Kind).map(([name, value]) => [value, name]),
);
function detailsOf(response: pb.DiffResponse): Record<string, string | undefined> {
  const details: Record<string, string | undefined> = {};
  pb.DiffResponse.deserializeBinary(response.serializeBinary())
    .getDetaileddiffMap()
    .forEach((detail, path) => {
      details[path] = kinds[detail.getKind()];
    });
  return details;
}

describe("check", () => {
  test("names what is not implemented and where a value is wrong", async () => {
    const response = await boxes().calls.check(
      checkOf({ size: "big", colour: "red", ports: [{ internal: 1 }, { internal: 2.5, to: 1 }] }),
      call,
    );
    expect(failuresOf(response)).toEqual([
      ["size", "Invalid input: expected number, received string"],
      ["ports[1].internal", "Invalid input: expected int, received number"],
      ["ports[1].to", "it is not implemented by this test plugin; leave it out"],
      ["colour", "it is not implemented by this test plugin; leave it out"],
    ]);
  });

  test("does not judge values that are not known yet", async () => {
    const news = { size: unknown, ports: [{ internal: unknown }], labels: new Secret(unknown) };
    const response = await boxes().calls.check(checkOf(news), call);
    expect(failuresOf(response)).toEqual([]);
    expect(fromStruct(response.getInputs())).toMatchObject(news);
  });

  test("makes a name from the resource's, unless there is an old or a given one", async () => {
    const { calls } = boxes({
      check: (news, ctx) =>
        news.name === undefined ? { set: { name: ctx.autoname("name") } } : {},
    });
    const nameFor = async (request: pb.CheckRequest) =>
      fromStruct((await calls.check(request, call)).getInputs()).name;
    const made = await nameFor(checkOf({}));
    expect(made).toMatch(/^box-1-[0-9a-f]{7}$/);
    expect(await nameFor(checkOf({}))).toBe(made);
    expect(await nameFor(checkOf({}, {}, "other"))).not.toBe(made);
    expect(await nameFor(checkOf({}, { name: "old" }))).toBe("old");
    expect(await nameFor(checkOf({ name: "given" }, { name: "old" }))).toBe("given");
  });

  test("keeps secrets in what it adds to, and out of its reasons", async () => {
    const { calls } = boxes({
      check: (news) => ({
        set: { password: String(news.password).trim() },
        failures: [{ property: "password", reason: `"${news.password}" is too weak` }],
      }),
    });
    const response = await calls.check(checkOf({ password: new Secret(" sesame ") }), call);
    expect(fromStruct(response.getInputs())).toEqual({ password: new Secret("sesame") });
    expect(failuresOf(response)).toEqual([
      ["", 'property password has a problem: "[secret]" is too weak'],
    ]);
  });

  test("refuses a type that there is not", async () => {
    const request = checkOf({});
    request.setType("test:index:Bag");
    expect(() => boxes().calls.check(request, call)).toThrow(
      "the resource type test:index:Bag is not implemented by this test plugin, which covers: test:index:Box. Put the official pulumi-resource-test v1.0.0 in its place to use it",
    );
  });

  test("can take its time, say something, and tell outputs, secret where they give away a secret", async () => {
    const { calls, log } = boxes({
      check: async (news, ctx) => {
        ctx.log("warning", `${ctx.client} knows ${news.password}`);
        return { set: { address: "10.0.0.9", secretLength: String(news.password).length } };
      },
    });
    const password = new Secret("sesame");
    const response = await calls.check(checkOf({ password }), call);
    const checked = fromStruct(response.getInputs());
    expect(checked).toEqual({ password, address: "10.0.0.9", secretLength: new Secret(6) });
    expect(log.lines).toEqual([
      { severity: "warning", message: "here knows [secret]", urn, ephemeral: false },
    ]);
    const preview = await calls.create(createOf(checked, true), call);
    expect(fromStruct(preview.getProperties())).toEqual({ ...checked, kind: unknown });
  });
});

describe("diff", () => {
  test("names the exact paths and what has to be replaced", () => {
    const response = boxes().calls.diff(
      diffOf(
        { name: "a", labels: { "a.b": "1", keep: "x" }, size: 1 },
        { name: "fixed", labels: { "a.b": "2", keep: "x" }, ports: [{ internal: 1 }] },
      ),
    );
    expect(detailsOf(response)).toEqual({
      name: "UPDATE_REPLACE",
      'labels["a.b"]': "UPDATE",
      size: "DELETE",
      ports: "ADD",
    });
    expect(response.getReplacesList()).toEqual(["name"]);
    expect(response.getDiffsList()).toEqual(["labels", "name", "ports", "size"]);
    expect(response.getDeletebeforereplace()).toBe(true);
    expect(response.getChanges()).toBe(pb.DiffResponse.DiffChanges.DIFF_SOME);
    expect(response.getHasdetaileddiff()).toBe(true);
  });

  test("finds nothing where inputs are the same, secret or not, or ignored", () => {
    const response = boxes().calls.diff(
      diffOf(
        { password: new Secret("x"), labels: { a: "1" } },
        { password: "x", labels: { a: "2" } },
        ["labels.a"],
      ),
    );
    expect(detailsOf(response)).toEqual({});
    expect(response.getChanges()).toBe(pb.DiffResponse.DiffChanges.DIFF_NONE);
  });

  test("asks the type what means the same and what does not matter", () => {
    const { calls } = boxes({
      same: (path, older, newer) => path[0] === "name" && String(older) === String(newer).trim(),
      change: ({ property }) => (property === "size" ? "none" : "update"),
    });
    const response = calls.diff(diffOf({ name: "a", size: 1 }, { name: " a ", size: 2 }));
    expect(response.getChanges()).toBe(pb.DiffResponse.DiffChanges.DIFF_NONE);
  });

  test("replaces a type that cannot be updated", () => {
    const spec = boxes({ change: () => "replace" });
    expect(detailsOf(spec.calls.diff(diffOf({ size: 1 }, { size: unknown })))).toEqual({
      size: "UPDATE_REPLACE",
    });
  });

  test("a changed provider configuration replaces nothing", () => {
    const response = boxes().calls.diffConfig(diffOf({ host: "a" }, { host: "b" }));
    expect(detailsOf(response)).toEqual({ host: "UPDATE" });
    expect(response.getReplacesList()).toEqual([]);
  });
});

describe("create", () => {
  const password = new Secret("open sesame");

  test("a preview calls nothing and leaves the outputs open", async () => {
    const { calls } = boxes({ create: () => Promise.reject(new Error("called")) });
    const response = await calls.create(createOf({ name: "a", password }, true), call);
    expect(response.getId()).toBe("");
    expect(fromStruct(response.getProperties())).toEqual({
      name: "a",
      password,
      address: unknown,
      secretLength: new Secret(unknown),
      kind: unknown,
    });
  });

  test("records inputs and outputs; what a secret input could be told from is secret", async () => {
    const response = await boxes().calls.create(createOf({ name: "a", password }), call);
    expect(response.getId()).toBe("id-a");
    expect(fromStruct(response.getProperties())).toEqual({
      name: "a",
      password,
      address: "10.0.0.1",
      secretLength: new Secret(11),
      kind: "box",
    });
  });

  test("an error and the log come without secrets", async () => {
    const { calls, log } = boxes({
      create: async (news, ctx) => {
        ctx.log("warning", `trying ${news.password} at ${ctx.client}`, { ephemeral: true });
        throw new Error(`no luck with "${news.password}"`);
      },
    });
    await expect(calls.create(createOf({ password }), call)).rejects.toThrow(
      'no luck with "[secret]"',
    );
    expect(log.lines).toEqual([
      { severity: "warning", message: "trying [secret] at here", urn, ephemeral: true },
    ]);
  });

  test("what exists but failed is passed to the engine for the record", async () => {
    const { calls } = boxes({
      create: () => {
        throw new InitFailed({ id: "id-7", outputs: { address: "10.0.0.7" } }, ["not healthy"]);
      },
    });
    const error = await calls.create(createOf({ name: "a", password }), call).catch((e) => e);
    expect(error).toBeInstanceOf(CallError);
    expect(error.message).toBe("not healthy");
    expect(error.details).toBeInstanceOf(Metadata);
    const [bytes] = error.details.get("grpc-status-details-bin");
    const [detail] = Status.deserializeBinary(bytes).getDetailsList();
    const failed = detail?.unpack(
      pb.ErrorResourceInitFailed.deserializeBinary,
      "pulumirpc.ErrorResourceInitFailed",
    );
    expect(failed?.getId()).toBe("id-7");
    expect(failed?.getReasonsList()).toEqual(["not healthy"]);
    expect(fromStruct(failed?.getProperties())).toEqual({
      name: "a",
      password,
      address: "10.0.0.7",
    });
  });

  test("a record that is too long for an error leaves the inputs out", async () => {
    const { calls } = boxes({
      create: () => {
        throw new InitFailed({ id: "id-7", outputs: { address: "10.0.0.7" } }, ["not healthy"]);
      },
    });
    const big = { labels: { text: "x".repeat(50_000) } };
    const error = await calls.create(createOf(big), call).catch((e) => e);
    const [bytes] = error.details.get("grpc-status-details-bin");
    expect(bytes.length).toBeLessThan(1_000);
  });

  test("is told to end early by the engine and by its time limit", async () => {
    const waits = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    const { calls, life } = boxes({ create: (_, ctx) => waits(ctx.signal) });
    const limited = createOf({});
    limited.setTimeout(0.01);
    await expect(calls.create(limited, call)).rejects.toThrow(
      "timed out after 0.01 s (customTimeouts)",
    );
    const running = calls.create(createOf({}), call);
    life.cancel("interrupted");
    await expect(running).rejects.toThrow("interrupted");
  });

  test("says why a wait of Node.js's own was ended", async () => {
    const { calls } = boxes({
      create: (_, { signal }) => pause(60_000, { id: "", outputs: {} }, { signal }),
    });
    const limited = createOf({});
    limited.setTimeout(0.01);
    await expect(calls.create(limited, call)).rejects.toThrow(
      "timed out after 0.01 s (customTimeouts)",
    );
  });
});

describe("update, read and delete", () => {
  const password = new Secret("open sesame");
  const oldInputs = { name: "a", password, size: 1 };
  const olds = { ...oldInputs, address: "10.0.0.1", secretLength: new Secret(11), kind: "box" };

  test("a preview of an update keeps what is stable", async () => {
    const news = { ...oldInputs, size: 2 };
    const response = await boxes().calls.update(updateOf(olds, oldInputs, news, true), call);
    expect(fromStruct(response.getProperties())).toEqual({
      ...news,
      address: unknown,
      secretLength: new Secret(unknown),
      kind: "box",
    });
  });

  test("an update gets plain values and records the new ones", async () => {
    let seen: Recorded | undefined;
    const { calls } = boxes({
      update: async (recorded) => {
        seen = recorded;
        return { address: "10.0.0.2" };
      },
    });
    const response = await calls.update(updateOf(olds, oldInputs, { name: "a" }), call);
    expect(seen).toEqual({
      id: "id-1",
      inputs: { name: "a", password: "open sesame", size: 1 },
      state: {
        name: "a",
        password: "open sesame",
        size: 1,
        address: "10.0.0.1",
        secretLength: 11,
        kind: "box",
      },
    });
    expect(fromStruct(response.getProperties())).toEqual({ name: "a", address: "10.0.0.2" });
  });

  test("reads back as recorded by default", async () => {
    const response = await boxes().calls.read(readOf(olds, oldInputs), call);
    expect(response.getId()).toBe("id-1");
    expect(fromStruct(response.getProperties())).toEqual(olds);
    expect(fromStruct(response.getInputs())).toEqual(oldInputs);
  });

  test("drift keeps secret what was, and what is gone has no id", async () => {
    const found = {
      id: "id-1",
      inputs: { name: "a", password: "changed" },
      outputs: { kind: "box" },
    };
    const drifted = await boxes({ read: async () => found }).calls.read(
      readOf(olds, oldInputs),
      call,
    );
    expect(fromStruct(drifted.getInputs())).toEqual({ name: "a", password: new Secret("changed") });
    const gone = await boxes({ read: async () => undefined }).calls.read(
      readOf(olds, oldInputs),
      call,
    );
    expect(gone.getId()).toBe("");
  });

  test("nothing can be imported by a type that cannot read", async () => {
    await expect(boxes().calls.read(readOf({}, {}), call)).rejects.toThrow(
      "test:index:Box cannot be imported or read by its id",
    );
  });
});

test("the wire form comes back as it went", () => {
  const values = {
    text: "a",
    nested: { list: [1, true, new Secret({ deep: [unknown] })] },
    open: unknown,
  };
  expect(decode(encode(values))).toEqual(values);
  expect(decode({ gone: null, kept: "x" })).toEqual({ kept: "x" });
});
