import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Flags, run } from "../../../cli/commands/inspect";
import { readStackConfig } from "../../../components/kinds/planning";

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

test("the only COE that is not in the lab need not be named", async () => {
  const given = { stack: "lab", config: stack({ kubernetes }) };
  await expect(run(given)).rejects.toMatchObject({
    message: `coes.kubernetes.access.kubeconfig: found /nowhere/config, ${unread}`,
    code: 2,
  });
});

const unread =
  "which cannot be read: no such file or folder; allowed: a path from the folder of the project, or from ~/";

test.each<[Partial<Flags>, Readonly<Record<string, object>>, string]>([
  [
    { coe: "kubernetes", kubeconfig: "/nowhere/else" },
    { kubernetes },
    `--kubeconfig: found /nowhere/else, ${unread}`,
  ],
  [
    { coe: "dcos" },
    { dcos: { ...dcos, ca: "/nowhere/ca.crt" } },
    `coes.dcos.access.ca: found /nowhere/ca.crt, ${unread}`,
  ],
])("names what says the file that cannot be read: %j", async (flags, access, message) => {
  const given = { stack: "lab", config: stack(access), ...flags };
  await expect(run(given)).rejects.toMatchObject({ message, code: 2 });
});

describe("logins", () => {
  const { SEAMLESS_DCOS_TOKEN } = process.env;
  beforeEach(() => {
    process.env.SEAMLESS_DCOS_TOKEN = "hidden";
  });
  afterEach(() => {
    if (SEAMLESS_DCOS_TOKEN === undefined) delete process.env.SEAMLESS_DCOS_TOKEN;
    else process.env.SEAMLESS_DCOS_TOKEN = SEAMLESS_DCOS_TOKEN;
  });

  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(
    kubeconfig,
    stringify({
      "current-context": "prod",
      contexts: [{ name: "prod", context: { cluster: "prod", user: "admin" } }],
      clusters: [{ name: "prod", cluster: { server: "http://192.0.2.1:8080" } }],
      users: [{ name: "admin", user: { token: "hidden" } }],
    }),
  );
  const plain = { url: "http://dcos.example.com", etcd: ["http://10.0.0.1:2379"] };

  test.each<[string, Partial<Flags>, Readonly<Record<string, object>>, string]>([
    [
      "a token by the environment to the configuration's cluster",
      { coe: "dcos" },
      { dcos: plain },
      "coes.dcos.access.url: found http://dcos.example.com with a login, which anyone on the path can read; allowed: https://, or access.allowHttp: true",
    ],
    [
      "a token by the environment to another cluster than the one that it is allowed for",
      { coe: "dcos", url: "http://192.0.2.5" },
      { dcos: { ...plain, allowHttp: true } },
      "--url: found http://192.0.2.5 with a login, which anyone on the path can read; allowed: https://, or access.allowHttp: true",
    ],
    [
      "a user in the URL of an etcd",
      { coe: "dcos", etcd: ["https://root:hidden@10.0.0.1:2379"] },
      { dcos },
      "--etcd: found a user in the URL, whose password would be in plain text; allowed: an endpoint such as https://10.1.0.31:2379",
    ],
    [
      "a kubeconfig's token",
      { coe: "kubernetes", kubeconfig },
      {},
      "--kubeconfig: context prod: found http://192.0.2.1:8080 with a login of user admin, which anyone on the path can read; allowed: https://, or access.allowHttp: true",
    ],
  ])("%s is refused where all could read it", async (_, flags, access, message) => {
    const given = { stack: "lab", config: stack(access), ...flags };
    await expect(run(given)).rejects.toMatchObject({ message, code: 2 });
  });
});
