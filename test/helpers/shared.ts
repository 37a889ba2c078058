import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkoutDir } from "../../util/paths";

/**
 * Public definitions, schemas and cases lie beside the checkout and are read there, never copied. Another place:
 * SEAMLESS_SHARED.
 */
function sharedDir(): string {
  return process.env.SEAMLESS_SHARED ?? join(checkoutDir(), "..", "shared");
}

/** The path of a file or folder of the shared data, such as `definitions/calico-manifests`. */
export function sharedPath(...parts: readonly string[]): string {
  return join(sharedDir(), ...parts);
}

/** The text of a file of the shared data. @throws Error when it is not there */
export function sharedText(...parts: readonly string[]): string {
  return readFileSync(sharedPath(...parts), "utf8");
}

/** Tests that need a folder of the shared data. Without it they count as skipped, and their name says why. */
export function describeWithShared(folder: string, name: string, tests: () => void): void {
  if (existsSync(sharedPath(folder))) describe(name, tests);
  // Tests read the data when they are told, so what they are is not known without it.
  else
    describe.skip(`${name} (no ${folder} beside the checkout, see test/helpers/shared.ts)`, () => {
      test("is looked at", () => undefined);
    });
}
