import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Flags, run } from "../../../cli/commands/inspect";
import { readStackConfig } from "../../../config";

const folder = mkdtempSync(join(tmpdir(), "seamless-inspect-"));
const { coes, ...rest } = readStackConfig("Pulumi.lab.yaml");

afterAll(() => rmSync(folder, { recursive: true }));

/** The lab's stack with other ways to its COEs, and without a probe there. */
function stack(access: Readonly<Record<string, object>>): string {
  const file = join(folder, "stack.yaml");
  const given = Object.entries(coes).map(([name, { probe, ...coe }]) => [
    name,
    access[name] === undefined ? { ...coe, probe } : { ...coe, access: access[name] },
  ]);
  const config = { ...rest, coes: Object.fromEntries(given) };
  const named = Object.entries(config).map(([key, value]) => [`seamless:${key}`, value]);
  writeFileSync(file, stringify({ config: Object.fromEntries(named) }));
  return file;
}

const dcos = { url: "https://dcos.example.com", etcd: ["http://10.0.0.1:2379"] };
const kubernetes = { kubeconfig: "/nowhere/config" };

test.each<[Partial<Flags>, Readonly<Record<string, object>>, string]>([
  [{}, {}, "--coe (missing): allowed: dcos, kubernetes"],
  [{}, { dcos, kubernetes }, "--coe (missing): allowed: dcos, kubernetes"],
  [{ coe: "nomad" }, {}, "--coe nomad: allowed: dcos, kubernetes"],
  [{ coe: "dcos", kubeconfig: "x" }, {}, "--coe dcos: allowed: kubernetes"],
  [{ coe: "kubernetes", url: "x" }, {}, "--coe kubernetes: allowed: dcos"],
  [
    { coe: "dcos" },
    {},
    "coes.dcos.access: found embedded, whose URL and etcd are outputs of its stack; needed: --url URL --etcd URL",
  ],
  [
    { coe: "kubernetes" },
    {},
    "coes.kubernetes.access: found embedded, whose kubeconfig is an output of its stack; needed: --kubeconfig FILE",
  ],
])("refuses %j with the access %j as usage", async (flags, access, message) => {
  const given = { stack: "lab", config: stack(access), ...flags };
  await expect(run(given)).rejects.toMatchObject({ message, code: 2 });
});

test("the only engine that is not in the lab need not be named", async () => {
  const message = expect.stringMatching(/^--kubeconfig \/nowhere\/config: .*ENOENT/);
  const given = { stack: "lab", config: stack({ kubernetes }) };
  await expect(run(given)).rejects.toMatchObject({ message, code: 2 });
});
