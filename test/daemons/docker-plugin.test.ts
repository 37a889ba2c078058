import { gobgpImage, gobgpTag } from "../../components/reflector/gobgp/image";
import { Docker } from "../../util/docker";
import { TestDocker } from "../helpers/dockerd";
import { TestStack } from "../helpers/engine";

const slow = 180_000;
const daemon = new TestDocker();
let stack: TestStack;

/** A program with one of each; `more` is added to the container's inputs. */
function program(more: string, name = "one"): string {
  return `import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
const provider = new docker.Provider("d", { host: "${daemon.host}" });
const network = new docker.Network("net", {
  name: "net", ipamConfigs: [{ subnet: "172.30.7.0/24" }],
}, { provider });
const volume = new docker.Volume("vol", { name: "vol" }, { provider });
const image = new docker.RemoteImage("image", { name: "${gobgpTag}", keepLocally: true }, { provider });
const container = new docker.Container("${name}", {
  name: "one", image: image.name, command: ["gobgpd", "--api-hosts", "127.0.0.1:50051"],
  networksAdvanced: [{ name: network.name, ipv4Address: "172.30.7.9" }],
  mounts: [{ type: "volume", source: volume.name, target: "/data" }],
  logDriver: "json-file", logOpts: { "max-size": "10m" },
  labels: [{ label: "a", value: "1" }, { label: "b", value: "2" }],
  envs: [pulumi.secret("TOKEN=hunter2-token")],
  ${more}
}, { provider });
export const address = container.networkDatas[0].ipAddress;
`;
}

const up = (...flags: string[]) => stack.pulumi("up", "--yes", "--skip-preview", ...flags);
const idOf = (name: string) => daemon.docker("inspect", "--format", "{{.Id}}", name);

beforeAll(async () => {
  await daemon.up();
  await new Docker(daemon.host).build(gobgpImage());
  stack = await TestStack.make(["docker"]);
}, slow);

afterAll(async () => {
  stack.remove();
  await daemon.down();
}, slow);

test(
  "a preview asks no daemon; an update makes all, and the next one has nothing to do",
  async () => {
    stack.write("index.ts", program(""));
    expect(await stack.pulumi("preview")).toMatchObject({ code: 0 });
    const made = await up();
    expect(made.stdout).toContain('address: "172.30.7.9"');
    expect(await daemon.docker("ps", "--format", "{{.Names}} {{.State}}")).toBe("one running");
    expect(
      await daemon.docker("inspect", "--format", "{{json .HostConfig.LogConfig}}", "one"),
    ).toBe('{"Type":"json-file","Config":{"max-size":"10m"}}');
    expect(stack.rawState()).not.toContain("hunter2-token");
    expect(await up("--expect-no-changes")).toMatchObject({ code: 0 });
  },
  slow,
);

test(
  "the order of labels means nothing, a restart policy is changed in place, an environment is not",
  async () => {
    const before = await idOf("one");
    const labels = 'labels: [{ label: "b", value: "2" }, { label: "a", value: "1" }],';
    stack.write("index.ts", program(labels));
    expect(await up("--expect-no-changes")).toMatchObject({ code: 0 });

    stack.write("index.ts", program('restart: "always",'));
    expect((await stack.pulumi("preview", "--diff")).stdout).toContain('+ restart: "always"');
    expect(await up()).toMatchObject({ code: 0 });
    expect(await idOf("one")).toBe(before);
    const policy = "{{.HostConfig.RestartPolicy.Name}}";
    expect(await daemon.docker("inspect", "--format", policy, "one")).toBe("always");

    stack.write("index.ts", program('restart: "no", memory: 64,'));
    expect(await up()).toMatchObject({ code: 0 });
    stack.write("index.ts", program("memory: 256,"));
    expect(await up()).toMatchObject({ code: 0 });
    expect(await idOf("one")).toBe(before);
    expect(await daemon.docker("inspect", "--format", policy, "one")).toBe("no");

    // Docker cannot take a limit off again.
    stack.write("index.ts", program(""));
    expect(await up()).toMatchObject({ code: 0 });
    const unlimited = await idOf("one");
    expect(unlimited).not.toBe(before);

    stack.write("index.ts", program("").replace("TOKEN=hunter2-token", "TOKEN=hunter3-token"));
    const changed = await up();
    expect(changed).toMatchObject({ code: 0 });
    expect(changed.stdout).toContain("1 replaced");
    expect(changed.stdout).not.toContain("hunter");
    expect(await idOf("one")).not.toBe(unlimited);
  },
  slow,
);

test(
  "what was removed or stopped by hand is drift, and repaired",
  async () => {
    await daemon.docker("stop", "--time", "1", "one");
    const stopped = await idOf("one");
    expect(await up("--refresh")).toMatchObject({ code: 0 });
    expect(await idOf("one")).toBe(stopped);
    expect(await daemon.docker("ps", "--format", "{{.Names}}")).toBe("one");

    await daemon.docker("network", "disconnect", "--force", "net", "one");
    expect(await up("--refresh")).toMatchObject({ code: 0 });
    const format = '{{(index .NetworkSettings.Networks "net").IPAddress}}';
    expect(await daemon.docker("inspect", "--format", format, "one")).toBe("172.30.7.9");

    await daemon.docker("rm", "--force", "one");
    expect((await stack.pulumi("refresh", "--preview-only")).stdout).toMatch(/- 1 to delete/);
    expect(await up("--refresh")).toMatchObject({ code: 0 });
    expect(await idOf("one")).not.toBe(stopped);
  },
  slow,
);

test(
  "a container that ends at once fails with what it said, and is not left behind",
  async () => {
    stack.write("index.ts", program('entrypoints: ["gobgpd", "--no-such-flag"], mustRun: true,'));
    const failed = await up();
    expect(failed.code).not.toBe(0);
    expect(failed.stdout).toMatch(/container one ended at once with exit code \d+; it said: /);
    expect(failed.stdout).toContain("no-such-flag");
    expect(await daemon.docker("ps", "--all", "--format", "{{.Names}}")).toBe("");

    const again = 'entrypoints: ["gobgpd", "--no-such-flag"], restart: "always",';
    stack.write("index.ts", program(again));
    expect((await up()).stdout).toMatch(
      /container one ended at once with exit code \d+, again after \d+ restarts; it said: /,
    );
    expect(await daemon.docker("ps", "--all", "--format", "{{.Names}}")).toBe("");
  },
  slow,
);

test(
  "a network with containers is not removed; a network and a volume of a killed run are taken over",
  async () => {
    stack.write("index.ts", program("start: false, mustRun: false,"));
    expect(await up()).toMatchObject({ code: 0 });
    const guest = ["run", "--detach", "--name", "guest", "--network", "net", gobgpTag];
    await daemon.docker(...guest, "gobgpd", "--api-hosts", "127.0.0.1:50051");
    const destroyed = await stack.pulumi("destroy", "--yes", "--skip-preview");
    expect(destroyed.stdout).toContain(
      "attached: guest. Remove them, or disconnect them (docker network disconnect -f net CONTAINER)",
    );
    await daemon.docker("rm", "--force", "guest");

    const urnOf = async (type: string) =>
      (await stack.resources()).find((one) => one.type === type)?.urn ?? "";
    const networkUrn = await urnOf("docker:index/network:Network");
    const volumeUrn = networkUrn.replace("network:Network::net", "volume:Volume::vol");
    const network = await daemon.docker("network", "inspect", "--format", "{{.Id}}", "net");
    await stack.pulumi("destroy", "--yes", "--skip-preview", "--exclude", networkUrn);
    const forgotten = await stack.pulumi("state", "delete", "--yes", networkUrn);
    expect(forgotten).toMatchObject({ code: 0 });
    await daemon.docker("volume", "create", "--label", `seamless.urn=${volumeUrn}`, "vol");
    stack.write("index.ts", program(""));
    const made = await up();
    expect(made).toMatchObject({ code: 0 });
    expect(made.stdout).toContain("taking over the network net that an interrupted run has left");
    expect(made.stdout).toContain("taking over the volume vol that an interrupted run has left");
    expect(await daemon.docker("network", "inspect", "--format", "{{.Id}}", "net")).toBe(network);
    await daemon.docker("rm", "--force", "one");
    expect(await stack.pulumi("destroy", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
  },
  slow,
);

test(
  "a name that somebody else has is refused with what to do; what a killed run left is not",
  async () => {
    await daemon.docker("create", "--name", "one", gobgpTag);
    stack.write("index.ts", program(""));
    const refused = await up();
    expect(refused.stdout).toMatch(
      /the name one is taken by container [0-9a-f]{12}, which this resource did not make; remove it \(docker rm -f one\) or choose another name/,
    );
    await daemon.docker("rm", "one");
    const urn = "urn:pulumi:test::engine::docker:index/container:Container::one";
    await daemon.docker("create", "--name", "one", "--label", `seamless.urn=${urn}`, gobgpTag);
    expect(await up()).toMatchObject({ code: 0 });
  },
  slow,
);

test(
  "what this plugin does not know is refused by name, a daemon that is not there with its address",
  async () => {
    stack.write("index.ts", program('gpus: "all",'));
    expect((await up()).stdout).toContain(
      "property gpus value {all} has a problem: it is not implemented by this docker plugin; leave it out",
    );
    const elsewhere = program('hostname: "x",').replace(daemon.host, "unix:///nowhere/docker.sock");
    stack.write("index.ts", elsewhere);
    expect(await stack.pulumi("preview")).toMatchObject({ code: 0 });
    expect((await up()).stdout).toContain(
      "Cannot connect to the Docker daemon at unix:///nowhere/docker.sock: connect ENOENT /nowhere/docker.sock. Is it running?",
    );
    stack.write("index.ts", program("").replace(daemon.host, "npipe:////./pipe/docker"));
    expect((await up()).stdout).toContain(
      'found "npipe:////./pipe/docker"; allowed: ssh://user@host, tcp://host:port, unix:///path',
    );
  },
  slow,
);

test(
  "destroy leaves nothing but the image it was told to keep",
  async () => {
    stack.write("index.ts", program(""));
    expect(await up()).toMatchObject({ code: 0 });
    expect(await stack.pulumi("destroy", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
    expect(await daemon.docker("ps", "--all", "--quiet")).toBe("");
    expect(await daemon.docker("volume", "ls", "--quiet")).toBe("");
    expect(await daemon.docker("network", "ls", "--filter", "name=net", "--quiet")).toBe("");
    expect(await daemon.docker("image", "inspect", "--format", "{{.RepoTags}}", gobgpTag)).toBe(
      `[${gobgpTag}]`,
    );
  },
  slow,
);
