import { setTimeout as pause } from "node:timers/promises";
import { Metadata } from "@grpc/grpc-js";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { InitFailed, type Recorded } from "../../../providers/base/provider";
import { CallError } from "../../../providers/base/server";
import { Secret, unknown } from "../../../providers/base/values";
import { fromStruct } from "../../../providers/base/wire";

import { boxes, call, createOf, readOf, updateOf, urn } from "./boxes";

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
