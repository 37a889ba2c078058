/** What lives on a lab's machine goes with it: with the real engine, a machine that is a file, and programs that are gone. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { TestStack } from "../helpers/engine";
import { root } from "../helpers/kube-stack";

let stack: TestStack;

/** @param options of the component with a part of which the program that deletes it is gone */
const program = (options: string) => `import { local } from "@pulumi/command";
import { ComponentResource } from "@pulumi/pulumi";
import { within } from "${root}/dist/lab/within";
const machine = new local.Command("machine", { create: "touch machine", delete: "rm machine" });
class Coe extends ComponentResource {
  constructor(name: string, options: object) {
    super("test:index:Coe", name, {}, options);
    new local.Command("inside", { create: "true", delete: "./gone" }, { parent: this });
  }
}
new Coe("coe", ${options});
`;
const alone = "{ dependsOn: machine }";
const together = "{ dependsOn: machine, ...within(machine) }";

beforeAll(async () => {
  stack = await TestStack.make(["command"]);
});
afterAll(() => stack.remove());

test("a part whose own program is gone stops a destroy, unless it goes with the machine", async () => {
  stack.write("index.ts", program(alone));
  await stack.must("up", "--yes", "--skip-preview");
  const stopped = await stack.pulumi("destroy", "--yes", "--skip-preview");
  expect(stopped.stdout + stopped.stderr).toContain("./gone");
  expect(stopped.code).not.toBe(0);

  // A stack of before has nothing to do, and is told all the same.
  stack.write("index.ts", program(together));
  await stack.must("preview", "--expect-no-changes");
  await stack.must("up", "--yes", "--skip-preview");
  expect(existsSync(join(stack.folder, "machine"))).toBe(true);
  await stack.must("destroy", "--yes", "--skip-preview");
  expect(existsSync(join(stack.folder, "machine"))).toBe(false);
}, 180_000);

test("where the machine stays, a part that goes is still deleted", async () => {
  stack.write("index.ts", program(together));
  await stack.must("up", "--yes", "--skip-preview");
  stack.write("index.ts", program(together).replace('new Coe("coe"', 'if (false) new Coe("coe"'));
  const stopped = await stack.pulumi("up", "--yes", "--skip-preview");
  expect(stopped.stdout + stopped.stderr).toContain("./gone");
  await stack.must("destroy", "--yes", "--skip-preview");
}, 180_000);
