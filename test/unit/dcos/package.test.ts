import { dcosPackage } from "../../../components/dcos/provider/package";
import type { CheckContext, Properties, Recorded } from "../../../providers/base/provider";
import { InitFailed } from "../../../providers/base/provider";
import { etcdPackage, marathonPackage } from "../../helpers/dcos-packages";
import { FakeDcos } from "../../helpers/fake-dcos";

const errorType = "application/vnd.dcos.package.error+json;charset=utf-8;version=v1";
let cluster: FakeDcos;
let lines: string[];

beforeEach(async () => {
  cluster = await new FakeDcos().start();
  cluster.packages.set("marathon", marathonPackage);
  cluster.packages.set("etcd", [etcdPackage]);
  cluster.guests.set("marathon-user", []);
  lines = [];
});
afterEach(() => cluster.stop());

function context(olds: Properties = {}, unknown: readonly string[] = []): CheckContext<undefined> {
  return {
    urn: "urn:pulumi:test::test::dcos:index:Package::one",
    client: undefined,
    signal: new AbortController().signal,
    timeoutMs: undefined,
    redact: (text) => text,
    log: (severity, message) => void lines.push(`${severity}: ${message}`),
    olds,
    isUnknown: (property) => unknown.includes(property),
    autoname: () => "",
  };
}

/** A Marathon with short waits. */
function marathon(more: Properties = {}): Properties {
  return {
    cluster: { url: cluster.url },
    packageName: "marathon",
    version: "1.6.335",
    timeouts: { answer: 0.2, deploy: 2, remove: 1 },
    ...more,
  };
}
const etcd = (more: Properties = {}) =>
  marathon({ packageName: "etcd", version: etcdPackage.version, ...more });

async function check(news: Properties, olds: Properties = {}) {
  return (await dcosPackage.check?.(news, context(olds))) ?? {};
}

/** Checks and creates, as the engine does. */
async function create(news: Properties): Promise<Recorded> {
  const inputs = { ...news, ...(await check(news)).set };
  const { id, outputs } = await dcosPackage.create(inputs, context());
  return { id, inputs, state: { ...inputs, ...outputs } };
}

async function update(recorded: Recorded, news: Properties): Promise<Properties> {
  const inputs = { ...news, ...(await check(news, recorded.inputs)).set };
  return (await dcosPackage.update?.(recorded, inputs, context())) ?? {};
}

const read = (recorded: Recorded) => dcosPackage.read?.(recorded, context());
const remove = (recorded: Recorded) => dcosPackage.delete(recorded, context());

describe("a check", () => {
  test("pins the version that is installed, whatever comes out later", async () => {
    const { version: _, ...news } = marathon();
    expect((await check(news)).set?.version).toBe("1.7.188");
    const olds = { packageName: "marathon", version: "1.6.335" };
    expect((await check(news, olds)).set?.version).toBe("1.6.335");
    expect((await check(news, { ...olds, packageName: "etcd" })).set?.version).toBe("1.7.188");
  });

  test("puts what it finds wrong at its property", async () => {
    const token = { cluster: { url: cluster.url, token: "bad" } };
    const reasons = async (news: Properties) =>
      (await check(news)).failures?.map(({ property, reason }) => [
        property,
        reason.replaceAll(cluster.url, "<url>").slice(0, 88),
      ]);
    expect(await reasons(marathon({ packageName: "nomad" }))).toEqual([
      [
        "packageName",
        "POST <url>/package/describe: HTTP 400 PackageNotFound: Package [nomad] not found; there ",
      ],
    ]);
    expect(await reasons(marathon({ version: "9" }))).toEqual([
      [
        "version",
        "POST <url>/package/describe: HTTP 400 VersionNotFound: Version [9] of package [marathon]",
      ],
    ]);
    expect(await reasons(etcd({ options: { node: { count: 2 } } }))).toEqual([
      ["", "options.node.count: found 2; allowed: >= 3"],
    ]);
    cluster.tokens = new Set();
    expect(await reasons(marathon(token))).toEqual([
      [
        "cluster",
        "POST <url>/package/describe: HTTP 401: 401 Unauthorized; the token has run out or is of ",
      ],
    ]);
  });

  test("asks nobody while the cluster is not known", async () => {
    const checked = await dcosPackage.check?.({ packageName: "etcd" }, context({}, ["cluster"]));
    expect(checked).toEqual({});
    expect(cluster.requests).toEqual([]);
  });
});

describe("installing", () => {
  test("follows the deployment, logs in again on the way, and tells what there is", async () => {
    cluster.passwords = { ops: "sesame" };
    cluster.tokens = new Set();
    cluster.looks = 2;
    const login = { uid: "ops", password: "sesame" };
    const html = "<html><body>Unauthorized</body></html>";
    cluster.faults.push({
      on: "POST /package/install",
      times: 1,
      answer: { status: 401, body: html, type: "text/html" },
    });
    const { id, state } = await create(marathon({ cluster: { url: cluster.url, login } }));
    expect(id).toBe("/marathon-user");
    expect(state).toMatchObject({
      appId: "/marathon-user",
      installedVersion: "1.6.335",
      serviceName: "marathon-user",
      servicePath: "/service/marathon-user",
      app: { cpus: 2, ports: [0, 0] },
    });
    const installs = cluster.requests.filter((what) => what === "POST /package/install");
    expect(installs).toHaveLength(2);
  });

  test("an answer that was lost does not make it somebody else's", async () => {
    cluster.faults.push({ on: "POST /package/install", times: 1, answer: "lost" });
    const { id } = await create(marathon({ timeouts: { answer: 5, deploy: 5 } }));
    expect(id).toBe("/marathon-user");
  });

  test("a deployment that still locks the app is waited for", async () => {
    cluster.lock("/marathon-user", 2);
    await create(marathon());
    expect(lines).toContain(
      "info: waiting for the deployment that still locks /marathon-user: theirs",
    );
  });

  test("a conflict that is neither a lock nor an app is told at once, in Cosmos' words", async () => {
    const refused = { type: "PackageAlreadyInstalled", message: "Package is already installed" };
    const answer = { status: 409, body: JSON.stringify(refused), type: errorType };
    cluster.faults.push({ on: "POST /package/install", answer });
    const begun = performance.now();
    await expect(create(marathon({ timeouts: { deploy: 60 } }))).rejects.toThrow(
      "/package/install: HTTP 409 PackageAlreadyInstalled: Package is already installed; Marathon refused the app with a conflict: it is there already, or a deployment has locked it",
    );
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(cluster.requests.filter((what) => what === "POST /package/install")).toHaveLength(2);
  });

  test("one that does not come up is recorded, with the reasons of Marathon's queue", async () => {
    cluster.looks = 1000;
    const summary = {
      rejectSummaryLastOffers: [{ reason: "InsufficientCpus", declined: 2, processed: 3 }],
    };
    cluster.stalled = [
      { app: { id: "/marathon-user" }, count: 1, processedOffersSummary: summary },
    ];
    const failed = create(marathon({ timeouts: { deploy: 0.5 } }));
    await expect(failed).rejects.toThrow(InitFailed);
    await expect(failed).rejects.toThrow(
      "waiting for the deployment of /marathon-user: 0 of 1 tasks run, 0 healthy; 1 in the queue (offers declined: InsufficientCpus 2 of 3)",
    );
    await failed.catch((error: InitFailed) => expect(error.created.id).toBe("/marathon-user"));
  });

  test("an interruption leaves a record of what was begun", async () => {
    cluster.looks = 1000;
    const own = new AbortController();
    const inputs = { ...marathon(), ...(await check(marathon())).set };
    const running = dcosPackage.create(inputs, { ...context(), signal: own.signal });
    setTimeout(() => own.abort(new Error("interrupted")), 500);
    await expect(running).rejects.toThrow(InitFailed);
    await expect(running).rejects.toThrow(/^interrupted$/);
    expect(cluster.apps.has("/marathon-user")).toBe(true);
  });

  test("a deployment that ends without success is told", async () => {
    cluster.rollBack = "no app";
    await expect(create(marathon())).rejects.toThrow(
      "/marathon-user: its deployment has ended and Marathon does not have it: it was cancelled, or the app was deleted by somebody else",
    );
  });

  test("what was installed by hand is refused, and taken over where that is asked", async () => {
    await create(marathon({ options: { service: { cpus: 4 } } }));
    await expect(create(marathon())).rejects.toThrow(
      '/marathon-user: marathon 1.6.335 is installed already, not by this stack, with the options {"service":{"cpus":4}}; adopt: true takes it over',
    );
    expect(cluster.apps.get("/marathon-user")?.cpus).toBe(4);
    await create(marathon({ adopt: true }));
    expect(cluster.apps.get("/marathon-user")?.cpus).toBe(2);
    const changes = cluster.requests.filter((what) => what === "POST /cosmos/service/update");
    await create(marathon({ adopt: true }));
    expect(cluster.requests.filter((what) => what === "POST /cosmos/service/update")).toEqual(
      changes,
    );
  });

  test("an app of another package keeps its id", async () => {
    await create(etcdOnItsWay());
    await expect(create(marathon({ appId: "/etcd", adopt: true }))).rejects.toThrow(
      "/etcd: Marathon has an app of this id, which is of the package etcd, not of marathon; choose another appId, or remove that app",
    );
  });

  test("the nodes of a scheduler are waited for by its plan", async () => {
    cluster.plans.set("etcd", plan("IN_PROGRESS"));
    await expect(create(etcd({ timeouts: { deploy: 1 } }))).rejects.toThrow(
      "waiting for the nodes of etcd (its plan deploy): plan IN_PROGRESS; node: node-1 IN_PROGRESS; node-1 has no room",
    );
    expect(cluster.apps.has("/etcd")).toBe(true);
    cluster.apps.clear();
    setTimeout(() => cluster.plans.set("etcd", plan("COMPLETE")), 1_000);
    expect((await create(etcd({ timeouts: { deploy: 20 } }))).id).toBe("/etcd");
  });
});

function plan(status: string) {
  const steps = [
    { name: "node-0", status: "COMPLETE" },
    { name: "node-1", status },
  ];
  return { status, errors: ["node-1 has no room"], phases: [{ name: "node", status, steps }] };
}

function etcdOnItsWay(): Properties {
  cluster.plans.set("etcd", { status: "COMPLETE", errors: [], phases: [] });
  return etcd();
}

describe("updating", () => {
  test("replaces the options, and changes nothing where nothing is to be changed", async () => {
    const recorded = await create(marathon({ options: { service: { cpus: 4, mem: 2048 } } }));
    const outputs = await update(recorded, marathon({ options: { service: { cpus: 3 } } }));
    expect(cluster.apps.get("/marathon-user")).toMatchObject({ cpus: 3, mem: 1536 });
    expect(outputs).toMatchObject({ app: { cpus: 3, mem: 1536 } });
    const before = cluster.requests.length;
    await update(recorded, marathon({ options: { service: { cpus: 3 } }, removeApps: true }));
    expect(cluster.requests.slice(before)).not.toContain("POST /cosmos/service/update");
  });

  test("goes to another version where the cluster does that", async () => {
    const recorded = await create(marathon());
    cluster.upgrades = true;
    const outputs = await update(recorded, marathon({ version: "1.7.188" }));
    expect(outputs.installedVersion).toBe("1.7.188");
  });

  test("a deployment that was rolled back is told", async () => {
    const recorded = await create(marathon());
    cluster.rollBack = "old app";
    const failed = update(recorded, marathon({ options: { service: { cpus: 3 } } }));
    await expect(failed).rejects.toThrow(
      "/marathon-user: its deployment has ended, but it does not run 1.6.335 as asked: the deployment was rolled back, or replaced by somebody else",
    );
  });

  test("an app that is not there is not made behind the engine's back", async () => {
    const recorded = await create(marathon());
    cluster.apps.clear();
    await expect(update(recorded, marathon({ adopt: true }))).rejects.toThrow(
      "/marathon-user: asked for, not found at Marathon; if it was removed by hand: pulumi refresh, then pulumi up;",
    );
  });
});

describe("refreshing", () => {
  test("finds what was changed by other means, options included", async () => {
    const recorded = await create(marathon({ options: { service: { cpus: 1 } } }));
    expect((await read(recorded))?.inputs).toEqual(recorded.inputs);
    await update(recorded, marathon({ options: { service: { cpus: 3 } } }));
    cluster.change("/marathon-user", { instances: 2, env: { SECRET: "none", MORE: "x" } });
    const found = await read(recorded);
    expect(found?.inputs).toMatchObject({
      options: { service: { cpus: 3 } },
      app: { cpus: 3, instances: 2, env: { SECRET: "none", MORE: "x" } },
    });
  });

  test("finds that it is gone, or something else", async () => {
    const recorded = await create(marathon());
    cluster.change("/marathon-user", { labels: {} });
    expect(await read(recorded)).toBeUndefined();
    cluster.apps.clear();
    expect(await read(recorded)).toBeUndefined();
    await expect(read({ id: "/x", inputs: {}, state: {} })).rejects.toThrow(
      "cannot be imported by its id; set adopt: true to take over /x",
    );
  });
});

describe("uninstalling", () => {
  test("waits until a scheduler has taken itself down", async () => {
    const recorded = await create(etcdOnItsWay());
    cluster.lingers = 3;
    await remove(recorded);
    expect([cluster.apps.size, cluster.frameworks]).toEqual([0, []]);
    await remove(recorded);
  });

  test("names a framework that stays, also when it is tried again", async () => {
    const recorded = await create(marathon());
    cluster.frameworksStay = true;
    const message =
      /gave up after 1 s waiting for the end of the framework marathon-user: Mesos still has it \(framework-\d\); if nobody needs it: dcos service shutdown <id>/;
    await expect(remove(recorded)).rejects.toThrow(message);
    await expect(remove(recorded)).rejects.toThrow(message);
  });

  test("does not end apps unless asked, and names them", async () => {
    const recorded = await create(marathon());
    cluster.guests.set("marathon-user", [
      { id: "/shop/web", instances: 2 },
      { id: "/nginx", instances: 1 },
      { id: "/off", instances: 0 },
    ]);
    await expect(remove(recorded)).rejects.toThrow(
      `marathon at ${cluster.url}/service/marathon-user is not uninstalled, for these run on it: /nginx, /shop/web; set removeApps: true to end them with it, or remove them first`,
    );
    await remove({ ...recorded, inputs: { ...recorded.inputs, removeApps: true } });
    expect(cluster.apps.size).toBe(0);
  });

  test("asks Mesos for them when that Marathon is down", async () => {
    const recorded = await create(marathon());
    cluster.faults.push({
      on: "GET /service/marathon-user",
      answer: { status: 502, body: "", type: "text/html" },
    });
    cluster.frameworks[0]?.tasks.push({ id: "t", name: "nginx", state: "TASK_RUNNING" });
    await expect(remove(recorded)).rejects.toThrow("for these run on it: nginx; set removeApps");
  });

  test("leaves an app alone that is of another package by now", async () => {
    const recorded = await create(marathon());
    cluster.change("/marathon-user", { labels: { DCOS_PACKAGE_NAME: "other" } });
    await remove(recorded);
    expect(cluster.apps.size).toBe(1);
    expect(lines.at(-1)).toBe(
      "warning: /marathon-user is left as it is: it is not of the package marathon any more",
    );
  });

  test("a cluster that is down is named", async () => {
    const recorded = await create(marathon());
    await cluster.stop();
    await expect(remove(recorded)).rejects.toThrow(
      new RegExp(
        `GET ${cluster.url}/service/marathon/v2/apps/.*: gave up after 0 s: .*ECONNREFUSED`,
      ),
    );
  });
});
