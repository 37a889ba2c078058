import { checkOptions, defaultsOf } from "../../../components/dcos/api/options";
import { formatPath } from "../../../providers/base/diff";

/** In the form of the Universe: an own word, a group with spaces, defaults of groups. */
const schema = {
  $schema: "http://json-schema.org/schema#",
  type: "object",
  additionalProperties: false,
  required: ["service"],
  properties: {
    service: {
      type: "object",
      media: { icon: "x" },
      additionalProperties: false,
      required: ["name", "zone"],
      properties: {
        name: { type: "string", default: "one" },
        zone: { type: "string" },
        cpus: { type: "number", minimum: 1, exclusiveMinimum: true, default: 2 },
        role: { type: "string", enum: ["*", "slave_public"], default: "*" },
        uris: { type: "array", items: { type: "string" }, minItems: 1, default: ["a", "b"] },
      },
    },
    "Install CNI": {
      type: "object",
      default: { enable: false },
      properties: {
        enable: { type: "boolean", default: true },
        dir: { type: "string", pattern: "^/" },
      },
    },
    empty: { type: "object", properties: { a: { type: "string" } } },
  },
};

const shown = (options: Record<string, unknown>) =>
  checkOptions(schema, options).violations.map(
    ({ path, reason }) => `${formatPath(path)}: ${reason}`,
  );

test("defaults are taken as Cosmos takes them", () => {
  expect(defaultsOf(schema)).toEqual({
    service: { name: "one", cpus: 2, role: "*", uris: ["a", "b"] },
    "Install CNI": { enable: false },
  });
  expect(defaultsOf({ properties: { a: { properties: { b: {} } } } })).toBeUndefined();
});

test("every violation is named by its place, with what was found and what is allowed", () => {
  expect(
    shown({
      service: { cpus: 1, role: "all", uris: [], naem: "x", name: 3 },
      "Install CNI": { dir: "etc", enable: "yes" },
      more: true,
    }).sort(),
  ).toEqual([
    '["Install CNI"].dir: found "etc"; allowed: what matches ^/',
    '["Install CNI"].enable: found "yes"; allowed: boolean',
    "more: not an option of this package; allowed: Install CNI, empty, service",
    "service.cpus: found 1; allowed: > 1",
    "service.naem: not an option of this package; allowed: cpus, name, role, uris, zone",
    "service.name: found 3; allowed: string",
    'service.role: found "all"; allowed: "*", "slave_public"',
    "service.uris: found [], but it must NOT have fewer than 1 items",
    "service.zone: missing; the package needs it",
  ]);
});

test("good options are merged and pass", () => {
  const { merged, violations } = checkOptions(schema, { service: { zone: "z", uris: ["c"] } });
  expect(violations).toEqual([]);
  expect(merged).toEqual({
    service: { name: "one", zone: "z", cpus: 2, role: "*", uris: ["c"] },
    "Install CNI": { enable: false },
  });
});

test("nothing is validated when there is nothing", () => {
  const strict = { type: "object", required: ["a"], properties: { a: { type: "string" } } };
  expect(checkOptions(strict, {}).violations).toEqual([]);
});

test("a package without a schema takes no options", () => {
  expect(checkOptions(undefined, { a: 1 }).violations).toEqual([
    { path: ["a"], reason: "the package has no options; leave it out" },
  ]);
});

test("a schema with a fault of its own is left to the cluster", () => {
  const broken = { type: "object", properties: { a: { $ref: "#/nowhere" } } };
  const { violations, unchecked } = checkOptions(broken, { a: 1 });
  expect(violations).toEqual([]);
  expect(unchecked).toMatch(/can't resolve reference #\/nowhere/);
});
