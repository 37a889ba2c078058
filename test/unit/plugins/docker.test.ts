import {
  type ContainerInputs,
  containerBody,
  containerInputs,
  isInPlace,
  updateBody,
} from "../../../toolchain/plugins/docker/container-body";
import {
  type Inspected,
  inputsOf,
  outputsOf,
  withoutHeaders,
} from "../../../toolchain/plugins/docker/container-state";
import { pullFailure, pullQuery } from "../../../toolchain/plugins/docker/image";
import { sameSet } from "../../../toolchain/plugins/docker/labels";
import { networkBody } from "../../../toolchain/plugins/docker/network";
import { checkReach, reachOf } from "../../../toolchain/plugins/docker/reach";
import { sshArgv } from "../../../toolchain/plugins/docker/ssh";

const urn = "urn:pulumi:lab::seamless::docker:index/container:Container::host";

test("a lab host as the Engine API describes it", () => {
  const inputs: ContainerInputs = containerInputs.parse({
    name: "seamless-lab-dcos-agent-1",
    image: "localhost/seamless/host:1",
    hostname: "agent-1",
    privileged: true,
    cgroupnsMode: "private",
    restart: "unless-stopped",
    stopSignal: "SIGRTMIN+3",
    tmpfs: { "/run": "" },
    mounts: [{ type: "bind", source: "/tools", target: "/opt/lab/bin", readOnly: true }],
    volumes: [{ containerPath: "/var/lib/dcos-agent" }],
    networksAdvanced: [{ name: "seamless-lab", ipv4Address: "172.16.18.43" }],
    labels: [{ label: "seamless.lab", value: "lab" }],
  });
  expect(containerBody(inputs, urn)).toEqual({
    Image: "localhost/seamless/host:1",
    Hostname: "agent-1",
    StopSignal: "SIGRTMIN+3",
    Labels: { "seamless.lab": "lab", "seamless.urn": urn },
    Volumes: { "/var/lib/dcos-agent": {} },
    HostConfig: {
      CgroupnsMode: "private",
      Mounts: [{ Type: "bind", Source: "/tools", Target: "/opt/lab/bin", ReadOnly: true }],
      NetworkMode: "seamless-lab",
      Privileged: true,
      RestartPolicy: { Name: "unless-stopped" },
      Tmpfs: { "/run": "" },
    },
    NetworkingConfig: {
      EndpointsConfig: { "seamless-lab": { IPAMConfig: { IPv4Address: "172.16.18.43" } } },
    },
  });
});

test("ports, named volumes and capabilities", () => {
  const inputs = containerInputs.parse({
    name: "c",
    image: "i",
    ports: [
      { internal: 80, external: 8080, ip: "127.0.0.1" },
      { internal: 80, external: 8081 },
      { internal: 53, protocol: "udp" },
    ],
    volumes: [
      { containerPath: "/a", hostPath: "/h", readOnly: true },
      { containerPath: "/b", volumeName: "v" },
    ],
    capabilities: { adds: ["NET_ADMIN"] },
    mounts: [
      { type: "bind", source: "/s", target: "/t", bindOptions: { propagation: "rshared" } },
      { type: "tmpfs", target: "/m", tmpfsOptions: { mode: 493, sizeBytes: 1024 } },
    ],
    networkMode: "host",
  });
  expect(containerBody(inputs, urn)).toEqual({
    Image: "i",
    Labels: { "seamless.urn": urn },
    ExposedPorts: { "80/tcp": {}, "53/udp": {} },
    HostConfig: {
      Binds: ["/h:/a:ro", "v:/b"],
      CapAdd: ["NET_ADMIN"],
      Mounts: [
        { Type: "bind", Source: "/s", Target: "/t", BindOptions: { Propagation: "rshared" } },
        { Type: "tmpfs", Target: "/m", TmpfsOptions: { Mode: 493, SizeBytes: 1024 } },
      ],
      NetworkMode: "host",
      PortBindings: {
        "80/tcp": [
          { HostIp: "127.0.0.1", HostPort: "8080" },
          { HostIp: "", HostPort: "8081" },
        ],
        "53/udp": [{ HostIp: "", HostPort: "" }],
      },
    },
  });
});

test("what is changed in place; memory in Docker's bytes", () => {
  const update = (inputs: object) =>
    updateBody(containerInputs.parse({ name: "c", image: "i", ...inputs }));
  expect(update({ memory: 64, restart: "always" })).toEqual({
    Memory: 67_108_864,
    MemorySwap: 134_217_728,
    RestartPolicy: { Name: "always" },
  });
  expect(update({ cpuShares: 5 })).toEqual({ CpuShares: 5, RestartPolicy: { Name: "no" } });

  expect(isInPlace("restart", undefined)).toBe(true);
  expect(isInPlace("mustRun", false)).toBe(true);
  expect(isInPlace("memory", 64)).toBe(true);
  // Docker takes no limit for no change.
  expect(isInPlace("memory", undefined)).toBe(false);
  expect(isInPlace("envs", ["A=1"])).toBe(false);
});

const found: Inspected = {
  Id: "0123",
  Name: "/c",
  RestartCount: 0,
  Config: { Labels: { "seamless.urn": urn }, Tty: false },
  HostConfig: { Memory: 67_108_864, RestartPolicy: { Name: "always" } },
  State: {
    ...{ Running: true, Restarting: false, ExitCode: 0 },
    ...{ StartedAt: "2026-01-02T03:04:05Z", Status: "running" },
  },
  NetworkSettings: {
    Networks: {
      n: {
        NetworkID: "4567",
        Gateway: "10.1.0.1",
        IPAddress: "10.1.0.9",
        IPPrefixLen: 24,
        MacAddress: "02:42:0a:01:00:09",
      },
    },
  },
};
const recorded = {
  name: "c",
  image: "i",
  memory: 64,
  restart: "always",
  networksAdvanced: [{ name: "n", ipv4Address: "10.1.0.9" }],
};

test("a container as it was asked for is no drift, its networks by name or id", () => {
  expect(inputsOf(found, recorded)).toEqual(recorded);
  const byId = { ...recorded, networksAdvanced: [{ name: "4567" }] };
  expect(inputsOf(found, byId)).toEqual(byId);
});

test("a container that ended, was changed or lost a network is drift", () => {
  const state = { ...found.State, Running: false };
  expect(inputsOf({ ...found, State: state }, recorded)).toEqual({ ...recorded, mustRun: false });
  const mayEnd = { ...recorded, mustRun: false };
  expect(inputsOf({ ...found, State: state }, mayEnd)).toEqual(mayEnd);

  const limits = { Memory: 1_048_576, RestartPolicy: { Name: "no" } };
  expect(inputsOf({ ...found, HostConfig: limits }, recorded)).toEqual({
    ...recorded,
    memory: 1,
    restart: "no",
  });
  expect(inputsOf({ ...found, NetworkSettings: { Networks: {} } }, recorded)).toEqual({
    ...recorded,
    networksAdvanced: [],
  });
});

test("what the program sees of a container's networks", () => {
  expect(outputsOf(found).networkDatas).toEqual([
    {
      networkName: "n",
      gateway: "10.1.0.1",
      ipAddress: "10.1.0.9",
      ipPrefixLength: 24,
      macAddress: "02:42:0a:01:00:09",
      globalIpv6Address: "",
      globalIpv6PrefixLength: 0,
      ipv6Gateway: "",
    },
  ]);
  expect(outputsOf(undefined)).toMatchObject({ exitCode: 0, networkDatas: [] });
});

test("a log comes in frames, whose header may hold a line end", () => {
  const frame = (stream: number, text: string) => {
    const header = Buffer.alloc(8);
    header.writeUInt8(stream, 0);
    header.writeUInt32BE(text.length, 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };
  const log = Buffer.concat([frame(1, "123456789\n"), frame(2, "second\n")]);
  expect(withoutHeaders(log).toString()).toBe("123456789\nsecond\n");
});

test("a pull asks for one tag, and its failure is the daemon's word", () => {
  expect(pullQuery("localhost:5000/a/b")).toEqual({
    fromImage: "localhost:5000/a/b",
    tag: "latest",
  });
  expect(pullQuery("a/b:1")).toEqual({ fromImage: "a/b:1" });
  expect(pullQuery("b@sha256:00")).toEqual({ fromImage: "b@sha256:00" });
  expect(pullFailure('{"status":"Pulling"}\n')).toBeUndefined();
  expect(pullFailure('{"status":"x"}\n{"errorDetail":{"message":"no"},"error":"no"}\n')).toBe("no");
});

const ways =
  "allowed: ssh://user@host; DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH; reflectors.<name>.dockerHost with dockerCerts, or with allowPlainTcp: true, which takes the risk";
const plain = (host: string) =>
  `Docker host: found ${host} without TLS: whoever reaches that port is root on the host; ${ways}`;
const foreign = "it is not implemented by this docker plugin; leave it out";

test.each([
  [{}, []],
  [{ host: "unix:///run/docker.sock", version: "5.2.0" }, []],
  [{ host: "tcp://127.0.0.1:2375" }, []],
  [{ host: "tcp://10.1.0.10:2376", certPath: "/certs" }, []],
  [{ host: "tcp://10.1.0.10:2376", caMaterial: "PEM" }, []],
  [{ host: "tcp://10.1.0.10:2376", certMaterial: "PEM", keyMaterial: "PEM" }, []],
  [{ host: "tcp://10.1.0.10:2375#plain" }, []],
  [{ host: "ssh://me@host", sshOpts: '["-i","/key"]' }, []],
  [{ host: "tcp://10.1.0.10:2375" }, [["host", plain("tcp://10.1.0.10:2375")]]],
  [
    { host: "npipe:////./pipe/docker" },
    [
      [
        "host",
        'Docker host: found "npipe:////./pipe/docker"; allowed: ssh://user@host, tcp://host:port, unix:///path',
      ],
    ],
  ],
  [
    { host: "tcp://10.1.0.10:2376", caMaterial: "PEM", keyMaterial: "PEM" },
    [["keyMaterial", "found without certMaterial; allowed: both or neither"]],
  ],
  [{ context: "prod" }, [["context", foreign]]],
])("the settings %j", (config, failures) => {
  expect(checkReach(config, {}).map(({ property, reason }) => [property, reason])).toEqual(
    failures,
  );
});

test("what the environment says of TLS goes for a tcp:// without settings of its own", () => {
  const env = { DOCKER_HOST: "tcp://10.1.0.10:2376", DOCKER_TLS_VERIFY: "1" };
  const ambient = { ...env, DOCKER_CERT_PATH: "/ambient" };
  const own = { caMaterial: "CA" };
  expect([
    reachOf({}, ambient),
    reachOf({ certPath: "/own" }, ambient),
    reachOf(own, ambient),
  ]).toEqual([
    expect.objectContaining({ certificates: "/ambient" }),
    expect.objectContaining({ certificates: "/own" }),
    expect.objectContaining({ certificates: { ca: "CA", cert: undefined, key: undefined } }),
  ]);
});

test("ssh is never asked for a password, and its host is never an option", () => {
  const host = { via: "ssh", user: "ops", host: "10.1.0.10", port: 2222 } as const;
  expect(sshArgv(host, ["-i", "/key"])).toEqual([
    ...["ssh", "-T", "-o", "BatchMode=yes", "-i", "/key", "-o", "ConnectTimeout=30"],
    ...["-l", "ops", "-p", "2222", "--", "10.1.0.10", "docker", "system", "dial-stdio"],
  ]);
  expect(sshArgv({ ...host, user: undefined, port: undefined }, [])).toEqual([
    ...["ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=30"],
    ...["--", "10.1.0.10", "docker", "system", "dial-stdio"],
  ]);
});

test("a network", () => {
  const inputs = { name: "n", ipamConfigs: [{ subnet: "10.1.0.0/24" }], internal: true };
  expect(networkBody(inputs, urn)).toEqual({
    Name: "n",
    CheckDuplicate: true,
    Driver: "bridge",
    Internal: true,
    Attachable: false,
    IPAM: { Config: [{ Subnet: "10.1.0.0/24" }] },
    Labels: { "seamless.urn": urn, "seamless.spec": expect.stringMatching(/^[0-9a-f]{16}$/) },
  });
});

test("lists without order are the same in any order, of objects too", () => {
  const same = sameSet(["labels", "capabilities.adds"]);
  const [a, b] = [
    { label: "a", value: "1" },
    { value: "2", label: "b" },
  ];
  expect(same(["labels"], [a, b], [{ label: "b", value: "2" }, a])).toBe(true);
  expect(same(["labels"], [a], [a, b])).toBe(false);
  expect(same(["capabilities", "adds"], ["A", "B"], ["B", "A"])).toBe(true);
  expect(same(["command"], ["x", "y"], ["y", "x"])).toBe(false);
});
