import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfigFile } from "../../../standins/common/config-file";

const folder = mkdtempSync(join(tmpdir(), "seamless-config-file-"));
const file = join(folder, "server.json");
afterAll(() => rmSync(folder, { recursive: true }));

const read = (text: string) => {
  writeFileSync(file, text);
  return () => readConfigFile(file);
};

test("a stand-in's configuration is a JSON object", () => {
  expect(read('{"name":"one"}')()).toEqual({ name: "one" });
  expect(read("[]")).toThrow(`${file}: expected a JSON object`);
  expect(read("{")).toThrow(`${file}: `);
});

test("a stand-in without its configuration says how it is started", () => {
  expect(() => readConfigFile(undefined)).toThrow(
    "usage: node <program> <configuration file, JSON>",
  );
  expect(() => readConfigFile(join(folder, "none"))).toThrow(`${join(folder, "none")}: `);
});
