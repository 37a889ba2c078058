import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAuthority } from "../../../components/dcos/authority";
import { readNamedFile } from "../../../components/named-file";

const folder = mkdtempSync(join(tmpdir(), "seamless-"));
const file = join(folder, "ca.crt");

afterAll(() => rmSync(folder, { recursive: true }));

test("reads the file that a field names", () => {
  writeFileSync(file, "some text\n");
  expect(readNamedFile("access.ca", file)).toBe("some text\n");
});

test("names the field and the file that cannot be read", () => {
  const missing = join(folder, "missing");
  expect(() => readNamedFile("access.kubeconfig", missing)).toThrow(
    expect.objectContaining({
      message: `access.kubeconfig: found ${missing}, which cannot be read: no such file or folder; allowed: a path from the folder of the project, or from ~/`,
    }),
  );
});

test("refuses an authority that is no certificate", () => {
  writeFileSync(file, "some text\n");
  expect(() => readAuthority(file)).toThrow(
    /^access\.ca: found .*\/ca\.crt, which is no certificate: .+; allowed: PEM text, such as Enterprise DC\/OS serves at https:\/\/<cluster>\/ca\/dcos-ca\.crt$/,
  );
});
