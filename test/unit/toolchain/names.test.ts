import { toolOf } from "../../../cli/commands/toolchain";
import { refuseUnbuilt } from "../../../components/reflector/gobgp/image";
import { execTool } from "../../../util/tool";

test.each([
  ["gobgp", "gobgp"],
  ["gobgpd", "gobgp"],
  ["calicoctl", "calico"],
  ["kubectl", "kubernetes"],
])("%s is built with %s", (program, tool) => expect(toolOf(program).name).toBe(tool));

test("a program that nothing is built of is refused with those that are", () => {
  expect(() => toolOf("gobpg")).toThrow(
    /^toolchain gobpg: no such program; allowed: addons, .*gobgp, gobgpd, .*pulumi$/,
  );
});

test("a program that is nowhere is named with the command that gets it", async () => {
  const before = process.env.SEAMLESS_CACHE;
  process.env.SEAMLESS_CACHE = "/nonexistent";
  try {
    for (const tool of ["kubectl", "calicoctl"] as const)
      expect(await execTool(tool, [], { env: { PATH: "/nonexistent" } })).toMatchObject({
        code: -1,
        failure: expect.stringMatching(
          new RegExp(`^${tool} is not on PATH: .*bin/seamless toolchain ${tool}$`),
        ),
      });
  } finally {
    if (before === undefined) delete process.env.SEAMLESS_CACHE;
    else process.env.SEAMLESS_CACHE = before;
  }
});

test("a reflector's image that has nothing to be made of says what to run", () => {
  expect(() => refuseUnbuilt("/nonexistent")).toThrow(
    "gobgp and gobgpd of the reflector's image: not built; run: bin/seamless toolchain gobgp; or name an image by reflectors.<name>.image",
  );
});
