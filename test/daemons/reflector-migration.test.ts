import { symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { gobgpImage, gobgpTag } from "../../components/reflector/gobgp/image";
import { Docker } from "../../util/docker";
import { waitFor } from "../../util/wait";
import { TestDocker } from "../helpers/dockerd";
import { TestStack } from "../helpers/engine";
import { startGobgpNode } from "../helpers/gobgp-node";

const root = resolve(__dirname, "..", "..");
const dist = join(root, "dist");
const daemon = new TestDocker();
let stack: TestStack;

const reflector = "172.16.18.32";
/** Two of the lab's Kubernetes workers, as BGP speakers. */
const [sender, receiver] = [
  { name: "sender", address: "172.16.18.34" },
  { name: "receiver", address: "172.16.18.35" },
];
const block = "192.168.0.0/26";

const head = `import { Reflector } from "${dist}/components/reflector";
import { gobgpConfig } from "${dist}/components/reflector/gobgp/config";
import { renderGobgp } from "${dist}/components/reflector/gobgp/toml";
import { makePlan, readStackConfig } from "${dist}/components/kinds/planning";
import { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import { ComponentResource } from "@pulumi/pulumi";
const lab = readStackConfig("${root}/Pulumi.lab.yaml");
const plan = makePlan({ ...lab, coes: { kubernetes: lab.coes.kubernetes } });
const reflector = plan.reflectors.reflector;
const dockerHost = "${daemon.host}";
`;

/** A reflector as this program made it before its container was confined. */
const before = `${head}
const text = renderGobgp(gobgpConfig(plan, reflector));
const name = "reflector";
const container = "seamless-reflector";
class Before extends ComponentResource {
  constructor() {
    super("seamless:index:Reflector", name, { reflector });
    const own = { DOCKER_HOST: dockerHost };
    const provider = new docker.Provider(name + "-docker", { host: dockerHost }, { parent: this });
    const image = new local.Command(name + "-image", {
      create: "bin/seamless internal reflector-image",
      environment: { ...own, SEAMLESS_IMAGE: "${gobgpTag}" },
    }, { parent: this });
    const volume = new docker.Volume(name + "-config", { name: container + "-config" }, { parent: this, provider });
    const seed = new local.Command(name + "-seed", {
      create: "bin/seamless internal reflector-seed",
      environment: { ...own, SEAMLESS_IMAGE: "${gobgpTag}", SEAMLESS_VOLUME: volume.name },
      stdin: text,
    }, { parent: this, dependsOn: image, ignoreChanges: ["stdin"] });
    const made = new docker.Container(name + "-gobgp", {
      name: container,
      image: image.stdout,
      command: [
        ...["gobgpd", "-t", "toml", "-f", "/etc/gobgp/gobgpd.toml", "-r"],
        ...["--api-hosts", "127.0.0.1:50051", "--pprof-disable"],
      ],
      restart: "unless-stopped",
      stopSignal: "SIGKILL",
      mounts: [{ type: "volume", source: volume.name, target: "/etc/gobgp" }],
      networksAdvanced: [{ name: "nodes", ipv4Address: reflector.address }],
    }, { parent: this, provider, dependsOn: seed, deleteBeforeReplace: true });
    new local.Command(name + "-neighbours", {
      create: "bin/seamless internal reflector-config",
      update: "bin/seamless internal reflector-config",
      environment: { ...own, SEAMLESS_CONTAINER: container, SEAMLESS_CONTAINER_ID: made.id },
      stdin: text,
    }, { parent: this });
  }
}
new Before();
`;

const now = `${head}
new Reflector("reflector", { plan, reflector, dockerHost, network: "nodes" }, {});
`;

/** Whether the receiver has the sender's block. */
const hasRoute = async () =>
  (await daemon.docker("exec", receiver.name, "gobgp", "global", "rib")).includes(block);
/** When the receiver's session came up. */
const sessionStart = async () => {
  const [peer] = JSON.parse(
    await daemon
      .docker("exec", receiver.name, "gobgp", "-j", "neighbor", reflector)
      .then((text) => (text.startsWith("[") ? text : `[${text}]`)),
  );
  return peer.state.session_state === 6 ? (peer.timers.state.uptime?.seconds ?? 0) : undefined;
};
const container = () => daemon.docker("inspect", "--format", "{{.Id}}", "seamless-reflector");

beforeAll(async () => {
  await daemon.up();
  await new Docker(daemon.host).build(gobgpImage());
  await daemon.docker("network", "create", "--subnet", "172.16.18.0/24", "nodes");
  stack = await TestStack.make(["command", "docker"]);
  symlinkSync(join(root, "bin"), join(stack.folder, "bin"));
  stack.write("index.ts", before);
  await stack.must("up", "--yes", "--skip-preview");
  for (const node of [sender, receiver]) await startGobgpNode(daemon, node, reflector);
  await waitFor({ what: "the sender to take a route", timeoutMs: 100_000 }, async () => {
    const add = ["gobgp", "global", "rib", "add", block, "nexthop", sender.address];
    const said = await daemon.docker("exec", sender.name, ...add);
    return said === "" ? { done: true, value: undefined } : { done: false, seen: said };
  });
  await waitFor({ what: "the receiver to have the route", timeoutMs: 90_000 }, async () =>
    (await hasRoute()) ? { done: true, value: undefined } : { done: false, seen: "not yet" },
  );
}, 240_000);

afterAll(async () => {
  stack?.remove();
  await daemon.down();
});

test("a container of before is replaced once, and no node loses a route", async () => {
  const [old, oldSession] = [await container(), await sessionStart()];
  expect(oldSession).toBeDefined();
  stack.write("index.ts", now);
  let running = true;
  const seen = new Set<boolean>();
  const watch = async () => {
    while (running) seen.add(await hasRoute());
  };
  const watching = watch();
  const updated = await stack.must("up", "--yes", "--skip-preview").finally(() => {
    running = false;
  });
  await watching;
  expect(updated).toMatch(/^ *\+-1 replaced$/m);
  const confined = await container();
  expect(confined).not.toBe(old);
  await waitFor({ what: "the session to be back", timeoutMs: 90_000 }, async () => {
    seen.add(await hasRoute());
    const start = await sessionStart();
    return start !== undefined && start !== oldSession
      ? { done: true, value: undefined }
      : { done: false, seen: `up since ${start}` };
  });
  expect([...seen]).toEqual([true]);
  await stack.must("preview", "--expect-no-changes");
  await stack.must("up", "--yes", "--skip-preview");
  expect(await container()).toBe(confined);
}, 240_000);
