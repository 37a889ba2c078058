import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { assetFiles, confdFiles, withoutTunnels } from "../../../lab/images/calico-files";

const template = `if (x) then
  krt_tunnel = "tunl0";
else
  krt_tunnel = "";
krt_tunnel = "tunl0"; accept;
`;
const patched = `if (x) then
  { }
else
  { }
 accept;
`;

test("an assignment goes, and after a condition an empty block stays", () => {
  expect(withoutTunnels(template)).toBe(patched);
});

test.each([
  ["accept;\n", 0],
  ['krt_tunnel = "tunl0";\nif (krt_tunnel = "") then accept;\n', 1],
])("a template with other uses is refused (%#)", (other, count) => {
  expect(() => withoutTunnels(other)).toThrow(
    `Calico v3.31.0: bird_ipam.cfg.template has ${count} known uses of krt_tunnel; this version needs another patch`,
  );
});

describe("Calico's data files", () => {
  const before = process.env.SEAMLESS_CACHE;
  const cache = mkdtempSync(join(tmpdir(), "seamless-assets-"));
  const confd = "confd/etc/calico/confd";
  const at = (path: string) => join(cache, "calico-assets-v3.31.0", path);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };

  beforeAll(() => {
    process.env.SEAMLESS_CACHE = cache;
    write(`${confd}/templates/bird_ipam.cfg.template`, template);
    write(`${confd}/templates/bird.cfg.template`, "log stderr;\n");
    write("node/filesystem/sbin/start_runit", "#!/bin/sh\n");
    write("node/filesystem/sbin/notes", "text\n");
    chmodSync(at("node/filesystem/sbin/start_runit"), 0o755);
  });

  afterAll(() => {
    if (before === undefined) delete process.env.SEAMLESS_CACHE;
    else process.env.SEAMLESS_CACHE = before;
    rmSync(cache, { recursive: true });
  });

  test("programs stay executable, in the order of their names", () => {
    const from = (name: string) => ({ from: at(`node/filesystem/sbin/${name}`) });
    expect(assetFiles("node/filesystem/sbin", "usr/sbin")).toEqual([
      { path: "usr/sbin/notes", content: from("notes"), mode: 0o644 },
      { path: "usr/sbin/start_runit", content: from("start_runit"), mode: 0o755 },
    ]);
  });

  test("of confd's templates only the one with tunnels is another", () => {
    expect(confdFiles("etc/confd")).toEqual([
      {
        path: "etc/confd/templates/bird.cfg.template",
        content: { from: at(`${confd}/templates/bird.cfg.template`) },
        mode: 0o644,
      },
      {
        path: "etc/confd/templates/bird_ipam.cfg.template",
        content: { text: patched },
        mode: 0o644,
      },
    ]);
  });
});
