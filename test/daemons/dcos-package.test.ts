import { marathonPackage } from "../helpers/dcos-packages";
import { TestStack } from "../helpers/engine";
import { FakeDcos } from "../helpers/fake-dcos";

const slow = 180_000;
const password = "hunter2-password";
const cluster = new FakeDcos();
let stack: TestStack;

/** A program of one package, made as the project's own program makes them. */
function program(args: string): string {
  return `import { secret } from "@pulumi/pulumi";
import { DcosPackage } from "${process.cwd()}/components/dcos/package";
const cluster = { url: "${cluster.url}", login: { uid: "ops", password: "${password}" } };
const one = new DcosPackage("user", { cluster, packageName: "marathon", ${args} });
export const { appId, installedVersion, servicePath } = one;
`;
}

/** The lines of a preview that change something, without those of names and totals. */
function changes(stdout: string): string[] {
  const lines = stdout.split("\n").map((line) => line.trim());
  return lines.filter((line) => /^[~+-] /.test(line));
}

const appOf = (id: string) => {
  const app = cluster.apps.get(id);
  if (app === undefined) throw new Error(`no app ${id}`);
  return app;
};

beforeAll(async () => {
  await cluster.start();
  cluster.packages.set("marathon", marathonPackage);
  cluster.guests.set("marathon-user", []);
  cluster.passwords = { ops: password };
  cluster.tokens = new Set();
  stack = await TestStack.make(["dcos"]);
}, slow);
afterAll(async () => {
  stack.remove();
  await cluster.stop();
});

test(
  "options that the package does not allow are refused in the preview, all of them",
  async () => {
    stack.write(
      "index.ts",
      program('version: "1.6.335", options: { service: { cpus: 0, mam: 1 } }'),
    );
    const preview = await stack.pulumi("preview");
    expect(preview.code).not.toBe(0);
    const said = preview.stdout + preview.stderr;
    expect(said).toContain(
      "dcos:index:Package resource 'user' has a problem: options.service.cpus: found 0; allowed: >= 0.5",
    );
    expect(said).toContain(
      "dcos:index:Package resource 'user' has a problem: options.service.mam: not an option of this package; allowed: cpus, mem, name, user",
    );
  },
  slow,
);

test(
  "a preview tells what the service will be, and installs nothing",
  async () => {
    stack.write("index.ts", program('version: "1.6.335", options: { service: { cpus: 1 } }'));
    const preview = await stack.pulumi("preview", "--diff");
    expect(preview.code).toBe(0);
    expect(preview.stdout).toContain('image  : "mesosphere/marathon:v1.6.335"');
    expect(preview.stdout).toContain('servicePath     : "/service/marathon-user"');
    expect(preview.stdout).not.toContain(password);
    expect(cluster.apps.size).toBe(0);
  },
  slow,
);

test(
  "up installs it and waits for it; secrets are not in the state",
  async () => {
    cluster.looks = 3;
    const up = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(up.stderr).toBe("");
    expect(up.code).toBe(0);
    const outputs = await stack.pulumi("stack", "output", "--json");
    expect(JSON.parse(outputs.stdout)).toEqual({
      appId: "/marathon-user",
      installedVersion: "1.6.335",
      servicePath: "/service/marathon-user",
    });
    expect(cluster.frameworks.map(({ name }) => name)).toEqual(["marathon-user"]);
    expect(stack.rawState()).not.toContain(password);
    const again = await stack.pulumi("preview");
    expect(again.stdout).toContain("2 unchanged");
  },
  slow,
);

test(
  "changed options show as the difference of the rendered app, and update it in place",
  async () => {
    stack.write("index.ts", program('version: "1.6.335", options: { service: { cpus: 2 } }'));
    const preview = await stack.pulumi("preview", "--diff");
    expect(changes(preview.stdout)).toEqual([
      "~ dcos:index:Package: (update)",
      "~ app    : {",
      "~ cpus: 1 => 2",
      "~ options: {",
      "~ service: {",
      "~ cpus: 1 => 2",
      "~ 1 to update",
    ]);
    const up = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(up.code).toBe(0);
    expect(appOf("/marathon-user").cpus).toBe(2);
  },
  slow,
);

test(
  "a refresh sees what was changed by hand, and up puts it right",
  async () => {
    cluster.change("/marathon-user", {
      cpus: 7,
      labels: { ...appOf("/marathon-user").labels, X: "y" },
    });
    const refresh = await stack.pulumi("refresh", "--yes", "--diff");
    expect(changes(refresh.stdout).slice(0, 5)).toEqual([
      "~ dcos:index:Package: (update)",
      "~ app: {",
      "~ cpus  : 2 => 7",
      "~ labels: {",
      '+ X: "y"',
    ]);
    const up = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(up.code).toBe(0);
    expect(appOf("/marathon-user")).toMatchObject({ cpus: 2 });
    expect(appOf("/marathon-user").labels).not.toHaveProperty("X");
  },
  slow,
);

test(
  "another version is refused by an open cluster, with the way to replace the service",
  async () => {
    stack.write("index.ts", program('version: "1.7.188", options: { service: { cpus: 2 } }'));
    const up = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(up.code).not.toBe(0);
    expect(up.stdout).toContain(
      "this edition of DC/OS changes no versions in place; installed is 1.6.335, asked for 1.7.188. Uninstalling and installing again ends every task of the service; where that is meant: pulumi up --replace 'urn:pulumi:test::engine::dcos:index:Package::user'",
    );
    const replaced = await stack.pulumi(
      ...["up", "--yes", "--skip-preview"],
      ...["--replace", "urn:pulumi:test::engine::dcos:index:Package::user"],
    );
    expect(replaced.code).toBe(0);
    expect(appOf("/marathon-user").labels.DCOS_PACKAGE_VERSION).toBe("1.7.188");
  },
  slow,
);

test(
  "what was removed by hand is seen as gone, and installed again",
  async () => {
    cluster.apps.clear();
    const refresh = await stack.pulumi("refresh", "--yes");
    expect(refresh.stdout).toMatch(/- 1 deleted/);
    const up = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(up.code).toBe(0);
    expect([...cluster.apps.keys()]).toEqual(["/marathon-user"]);
  },
  slow,
);

test(
  "destroy is refused while apps run on it, and takes it away with its framework when they do not",
  async () => {
    cluster.guests.set("marathon-user", [{ id: "/shop/web", instances: 2 }]);
    const refused = await stack.pulumi("destroy", "--yes", "--skip-preview");
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).toContain("is not uninstalled, for these run on it: /shop/web;");
    expect([...cluster.apps.keys()]).toEqual(["/marathon-user"]);
    cluster.guests.set("marathon-user", []);
    const destroyed = await stack.pulumi("destroy", "--yes", "--skip-preview");
    expect(destroyed.code).toBe(0);
    expect(cluster.apps.size).toBe(0);
    expect(cluster.frameworks).toEqual([]);
  },
  slow,
);

test(
  "a secret option is a secret in the preview and in the state, in the rendered app, too",
  async () => {
    stack.write("index.ts", program('options: { marathon: { secret: secret("sesame-option") } }'));
    const preview = await stack.pulumi("preview", "--diff");
    expect(preview.stdout).toContain("secret: [secret]");
    expect(preview.stdout).toContain("app             : [secret]");
    const up = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(up.code).toBe(0);
    expect(appOf("/marathon-user").env).toEqual({ SECRET: "sesame-option" });
    const refresh = await stack.pulumi("refresh", "--yes", "--diff");
    const base64 = Buffer.from(JSON.stringify({ marathon: { secret: "sesame-option" } }));
    for (const text of [preview.stdout, up.stdout, refresh.stdout, stack.rawState()]) {
      expect(text).not.toContain("sesame-option");
      expect(text).not.toContain(base64.toString("base64"));
    }
    const destroyed = await stack.pulumi("destroy", "--yes", "--skip-preview");
    expect(destroyed.code).toBe(0);
  },
  slow,
);

test(
  "a cluster that is away leaves the app open in a preview, and is named by an update",
  async () => {
    cluster.faults.push({ on: "POST /package", answer: { status: 503, body: "no leader" } });
    stack.write("index.ts", program("timeouts: { answer: 1 }"));
    const preview = await stack.pulumi("preview", "--diff");
    expect(preview.code).toBe(0);
    expect(preview.stdout).toContain("servicePath     : [unknown]");
    expect(preview.stdout + preview.stderr).toContain(
      `what marathon renders to is not known yet: POST ${cluster.url}/package/describe: gave up after 5 s: HTTP 503: no leader`,
    );
    const up = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(up.code).not.toBe(0);
    expect(up.stdout).toContain(
      `POST ${cluster.url}/package/describe: gave up after 1 s: HTTP 503: no leader`,
    );
  },
  slow,
);
