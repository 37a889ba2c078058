import { makePlan } from "../../../components/kinds/planning";
import { Reflector, type ReflectorArgs } from "../../../components/reflector";
import { gobgpConfig } from "../../../components/reflector/gobgp/config";
import { renderGobgp } from "../../../components/reflector/gobgp/toml";
import { dockerAccess, reflectorShell } from "../../../components/reflector/shell";
import { asVersion1 } from "../../../plan/version1";
import { lab, reflectorOf, smallLab } from "../../helpers/lab-reflector";
import { named, registeredBy } from "../../helpers/mocks";

const plan = makePlan(lab);
const reflector = reflectorOf(plan);
const dockerHost = "unix:///run/lab/docker.sock";
const inLab = { dockerHost, network: "seamless-lab" };

type Given = Omit<ReflectorArgs, "plan" | "reflector">;
const register = (given: Given, of = plan) =>
  registeredBy(
    (options) =>
      new Reflector("reflector", { plan: of, reflector: reflectorOf(of), ...given }, options),
  );

test("is a container and what it needs, all below the component", async () => {
  const resources = await register(inLab);
  expect(resources.map(({ type, name, parent }) => [type, name, parent])).toEqual([
    ["seamless:index:Reflector", "reflector", undefined],
    ["pulumi:providers:docker", "reflector-docker", "reflector"],
    ["command:local:Command", "reflector-look", "reflector"],
    ["command:local:Command", "reflector-image", "reflector"],
    ["docker:index/volume:Volume", "reflector-config", "reflector"],
    ["command:local:Command", "reflector-seed", "reflector"],
    ["docker:index/container:Container", "reflector-gobgp", "reflector"],
    ["command:local:Command", "reflector-neighbours", "reflector"],
    ["command:local:Command", "reflector-narrow", "reflector"],
  ]);
  expect(named(resources, "reflector").inputs).toEqual({ reflector });
});

test("the look is the first to ask the Docker host", async () => {
  const resources = await register(inLab);
  const after = (name: string) => named(resources, name).options.dependsOn;
  expect(after("reflector-look")).toEqual([]);
  expect(after("reflector-image")).toEqual(["reflector-look"]);
  expect(after("reflector-config")).toEqual(["reflector-look"]);
});

test("gives the steps fixed commands, and the configuration on standard input", async () => {
  const resources = await register(inLab);
  const stdin = renderGobgp(gobgpConfig(plan, reflector));
  expect(named(resources, "reflector-image").inputs).toEqual({
    create: "bin/seamless internal reflector-image",
    environment: { DOCKER_HOST: dockerHost, SEAMLESS_IMAGE: "localhost/seamless/gobgp:4.8.0" },
  });
  expect(named(resources, "reflector-seed")).toMatchObject({
    inputs: {
      create: "bin/seamless internal reflector-seed",
      environment: {
        DOCKER_HOST: dockerHost,
        SEAMLESS_IMAGE: "localhost/seamless/gobgp:4.8.0",
        SEAMLESS_VOLUME: "seamless-reflector-config",
        SEAMLESS_MODE: "0644",
      },
      stdin,
    },
    options: { dependsOn: ["reflector-image"], ignoreChanges: ["stdin"] },
  });
  expect(named(resources, "reflector-neighbours").inputs).toEqual({
    create: "bin/seamless internal reflector-config",
    update: "bin/seamless internal reflector-config",
    environment: {
      DOCKER_HOST: dockerHost,
      SEAMLESS_CONTAINER: "seamless-reflector",
      SEAMLESS_CONTAINER_ID: "reflector-gobgp-id",
    },
    stdin,
  });
  expect(named(resources, "reflector-look").inputs).toEqual({
    create: "bin/seamless internal reflector-look",
    environment: { DOCKER_HOST: dockerHost, SEAMLESS_CONTAINER: "seamless-reflector" },
    stdin: JSON.stringify({
      planned: stdin,
      plan: asVersion1(plan),
      reflector: "reflector",
      attached: true,
    }),
  });
  expect(named(resources, "reflector-narrow").inputs).toEqual({
    create: "bin/seamless internal reflector-narrow",
    update: "bin/seamless internal reflector-narrow",
    environment: {
      DOCKER_HOST: dockerHost,
      SEAMLESS_CONTAINER: "seamless-reflector",
      SEAMLESS_WIDENED: "printed",
    },
    stdin,
  });
});

/** What no reflector has more than. */
const confined = {
  readOnly: true,
  securityOpts: ["no-new-privileges"],
  memory: 4096,
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
};

test("runs gobgpd at its address, its API for the container alone", async () => {
  const { inputs, options } = named(await register(inLab), "reflector-gobgp");
  expect(inputs).toEqual({
    name: "seamless-reflector",
    image: "printed",
    entrypoints: ["gobgpd"],
    command: [
      ...["-t", "toml", "-f", "/etc/gobgp/gobgpd.toml", "-r"],
      ...["--api-hosts", "unix:///run/gobgp/api.sock", "--pprof-disable", "--metrics-path="],
    ],
    ...confined,
    user: "65530:65530",
    capabilities: { drops: ["ALL"] },
    sysctls: { "net.ipv4.ip_unprivileged_port_start": "179" },
    tmpfs: {
      "/run/gobgp": "rw,noexec,nosuid,nodev,size=1m,mode=0700,uid=65530,gid=65530",
    },
    restart: "unless-stopped",
    stopSignal: "SIGKILL",
    mounts: [{ type: "volume", source: "seamless-reflector-config", target: "/etc/gobgp" }],
    networksAdvanced: [{ name: "seamless-lab", ipv4Address: "172.16.18.32" }],
  });
  expect(options).toEqual({
    dependsOn: ["reflector-look", "reflector-seed"],
    ignoreChanges: [],
    deleteBeforeReplace: true,
    retainOnDelete: false,
  });
});

test("other neighbours are no change of the container", async () => {
  const [before, after] = [await register(inLab), await register(inLab, smallLab())];
  expect(named(after, "reflector-gobgp")).toEqual(named(before, "reflector-gobgp"));
  expect(named(after, "reflector-neighbours").inputs.stdin).not.toEqual(
    named(before, "reflector-neighbours").inputs.stdin,
  );
});

test("without a network of its own uses that of the Docker host, and the user's daemon", async () => {
  const resources = await register({});
  const { inputs } = named(resources, "reflector-gobgp");
  expect(inputs).toMatchObject({
    networkMode: "host",
    ...confined,
    capabilities: { drops: ["ALL"], adds: ["NET_BIND_SERVICE"] },
    tmpfs: { "/run/gobgp": "rw,noexec,nosuid,nodev,size=1m,mode=0700" },
  });
  for (const absent of ["networksAdvanced", "user", "sysctls"])
    expect(inputs).not.toHaveProperty(absent);
  expect(named(resources, "reflector-docker").inputs).toEqual({});
  expect(named(resources, "reflector-image").inputs.environment).toEqual({
    SEAMLESS_IMAGE: "localhost/seamless/gobgp:4.8.0",
  });
});

test("reaches a daemon by certificates, in every step and in the provider", async () => {
  const resources = await register({
    dockerHost: "tcp://10.1.0.10:2376",
    dockerCerts: "/home/ops/rr-1",
  });
  expect(named(resources, "reflector-docker").inputs).toEqual({
    host: "tcp://10.1.0.10:2376",
    certPath: "/home/ops/rr-1",
  });
  for (const step of ["image", "seed", "neighbours"])
    expect(named(resources, `reflector-${step}`).inputs.environment).toMatchObject({
      DOCKER_HOST: "tcp://10.1.0.10:2376",
      DOCKER_TLS_VERIFY: "1",
      DOCKER_CERT_PATH: "/home/ops/rr-1",
    });
});

test("refuses a daemon on the network without TLS before it makes anything", () => {
  const args = { plan, reflector, dockerHost: "tcp://10.1.0.10:2375" };
  expect(() => new Reflector("reflector", args)).toThrow(
    "Docker host: found tcp://10.1.0.10:2375 without TLS",
  );
});

test("runs the image that is named, by the id that its pull prints", async () => {
  const image = `registry.example.com/gobgp@sha256:${"0".repeat(64)}`;
  const resources = await register({ ...inLab, image });
  expect(named(resources, "reflector-image").inputs).toEqual({
    create: "bin/seamless internal reflector-pull",
    environment: { DOCKER_HOST: dockerHost, SEAMLESS_IMAGE: image },
  });
  expect(named(resources, "reflector-seed").inputs.environment).toMatchObject({
    SEAMLESS_IMAGE: image,
  });
  expect(named(resources, "reflector-gobgp").inputs.image).toBe("printed");
});

test("a shell says how its container is reached, and where gobgpd answers in it", () => {
  const container = "seamless-rr-1";
  const api = "unix:///run/gobgp/api.sock";
  expect(
    reflectorShell("rr-1", dockerAccess({ dockerHost: "tcp://10.1.0.10:2376", dockerCerts: "/c" })),
  ).toEqual({
    ...{ via: "docker", dockerHost: "tcp://10.1.0.10:2376", dockerCerts: "/c" },
    ...{ container, api },
  });
  const plain = { dockerHost: "tcp://10.1.0.10:2375", allowPlainTcp: true };
  expect(reflectorShell("rr-1", dockerAccess(plain))).toEqual({
    ...{ via: "docker", dockerHost: "tcp://10.1.0.10:2375#plain", container, api },
  });
  expect(dockerAccess({}, "unix:///lab.sock")).toEqual({ dockerHost: "unix:///lab.sock" });
  expect(dockerAccess({})).toEqual({});
});
