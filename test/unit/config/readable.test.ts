import { z } from "zod";
import { readable } from "../../../config/readable";

const schema = z.strictObject({
  word: z.enum(["open", "closed"]).exactOptional(),
  count: z.int().min(1).exactOptional(),
  on: z.boolean().default(false),
  names: z.array(z.string()).readonly().exactOptional(),
  nodes: z.union([z.literal("all"), z.record(z.string(), z.object({ address: z.string() }))]),
});

test("what is of the wrong type counts as absent, and hides nothing else", () => {
  const given = { word: 5, count: 0, on: "yes", names: ["a", 1], nodes: { one: "x", two: {} } };
  expect(readable(schema, given)).toEqual({ count: 0, on: false, nodes: { one: {}, two: {} } });
});

test("a word that is none of those allowed is a word, and unknown keys are nobody's", () => {
  const given = { word: "opne", names: ["a"], nodes: "all", other: 1 };
  expect(readable(schema, given)).toEqual({ word: "opne", on: false, names: ["a"], nodes: "all" });
  expect(readable(schema, "text")).toBeUndefined();
});
