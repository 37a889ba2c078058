import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepingLabFiles, onlySaltIsNew } from "../../../toolchain/lab-file";

const before = "# the lab\nconfig:\n  seamless:lab: {name: lab}\n";
const salt = "encryptionsalt: v1:abc=:v1:def:ghi==\n";
const folder = mkdtempSync(join(tmpdir(), "seamless-lab-file-"));
const file = join(folder, "Pulumi.lab.yaml");
afterAll(() => rmSync(folder, { recursive: true }));

async function after(text: string, old = before): Promise<string> {
  writeFileSync(file, old);
  await keepingLabFiles(async () => writeFileSync(file, text), [file]);
  return readFileSync(file, "utf8");
}

test("a salt that is new goes again", async () => {
  expect(await after(before + salt)).toBe(before);
  expect(await after(salt + before)).toBe(before);
});

test("also when pulumi fails", async () => {
  writeFileSync(file, before);
  const run = async () => {
    writeFileSync(file, before + salt);
    throw new Error("no such stack");
  };
  await expect(keepingLabFiles(run, [file])).rejects.toThrow("no such stack");
  expect(readFileSync(file, "utf8")).toBe(before);
});

test("a salt that was there stays, and so does whatever else has changed", async () => {
  expect(await after(before + salt, before + salt)).toBe(before + salt);
  const changed = `${before}  seamless:other: 1\n${salt}`;
  expect(await after(changed)).toBe(changed);
});

test("a salt stays where the file has something encrypted", () => {
  const secret = `${before}  seamless:tokens:\n    dcos:\n      secure: v1:x\n`;
  expect(onlySaltIsNew(secret, secret + salt)).toBe(false);
  const set = `${secret}${salt}`;
  expect(onlySaltIsNew(before, set)).toBe(false);
});

test("no file, no matter", async () => {
  const missing = join(folder, "none.yaml");
  expect(await keepingLabFiles(async () => 7, [missing])).toBe(7);
});
