import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { decode, encode, Secret, unknown } from "../../../providers/base/values";
import { fromStruct } from "../../../providers/base/wire";

import { boxes, call, checkOf, createOf, detailsOf, diffOf, failuresOf, urn } from "./boxes";

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

test("the wire form comes back as it went", () => {
  const values = {
    text: "a",
    nested: { list: [1, true, new Secret({ deep: [unknown] })] },
    open: unknown,
  };
  expect(decode(encode(values))).toEqual(values);
  expect(decode({ gone: null, kept: "x" })).toEqual({ kept: "x" });
});
