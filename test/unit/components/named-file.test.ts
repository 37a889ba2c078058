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
  // Errors of Node's own modules are of another realm in Jest, where they are written with their class.
  const reason = `(Error: )?ENOENT: no such file or directory, open '${missing}'`;
  expect(() => readNamedFile("access.kubeconfig", missing)).toThrow(
    new RegExp(`^access\\.kubeconfig: found ${missing}, which cannot be read: ${reason}$`),
  );
});

test("refuses an authority that is no certificate", () => {
  writeFileSync(file, "some text\n");
  expect(() => readAuthority(file)).toThrow(
    /^access\.ca: found .*\/ca\.crt, which is no certificate: .+; allowed: PEM text, such as Enterprise DC\/OS serves at https:\/\/<cluster>\/ca\/dcos-ca\.crt$/,
  );
});
