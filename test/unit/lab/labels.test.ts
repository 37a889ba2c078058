import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archiveFolder } from "../../../lab/images";
import { machineDown } from "../../../lab/machine/machine";
import { machineNames } from "../../../lab/machine/names";
import { hostFolder, pkiFolder } from "../../../lab/names";

const bad = [
  "",
  ".",
  "..",
  "../prod",
  "x/../../neighbour",
  "a b",
  "Lab",
  "lab\n",
  "-lab",
  "a".repeat(64),
];
const rule = "allowed: a DNS label: 1 to 63 of a-z, 0-9 and -, no - at either end (RFC 1123)";

test.each(bad)("a lab named %j has no folder", (name) => {
  const refusal = `lab.name: found the name ${JSON.stringify(name)}; ${rule}`;
  expect(() => machineNames(name)).toThrow(refusal);
  expect(() => archiveFolder(name)).toThrow(refusal);
});

test.each(bad)("neither has a COE or a node named %j", (name) => {
  expect(() => pkiFolder("lab", name)).toThrow(`coes: found the name ${JSON.stringify(name)}`);
  expect(() => hostFolder("lab", name, { name: "a" })).toThrow("coes: found the name");
  expect(() => hostFolder("lab", "a", { name })).toThrow("nodes: found the name");
});

test("taking down a lab whose name leads elsewhere removes nothing there", async () => {
  const state = mkdtempSync(join(tmpdir(), "seamless-labels-"));
  const before = process.env.SEAMLESS_STATE;
  process.env.SEAMLESS_STATE = state;
  try {
    const neighbour = join(state, "neighbour", "file");
    mkdirSync(join(state, "neighbour"));
    mkdirSync(join(state, "lab-x"));
    writeFileSync(neighbour, "");
    await expect(machineDown("x/../neighbour", true)).rejects.toThrow(rule);
    expect(existsSync(neighbour)).toBe(true);
  } finally {
    if (before === undefined) delete process.env.SEAMLESS_STATE;
    else process.env.SEAMLESS_STATE = before;
    rmSync(state, { recursive: true });
  }
});
