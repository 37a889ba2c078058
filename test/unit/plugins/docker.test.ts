import {
  type ContainerInputs,
  containerBody,
  containerInputs,
  updateBody,
} from "../../../toolchain/plugins/docker/container-body";
import { sameSet } from "../../../toolchain/plugins/docker/labels";
import { networkBody } from "../../../toolchain/plugins/docker/network";

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
      { internal: 53, protocol: "udp" },
    ],
    volumes: [
      { containerPath: "/a", hostPath: "/h", readOnly: true },
      { containerPath: "/b", volumeName: "v" },
    ],
    capabilities: { adds: ["NET_ADMIN"] },
    networkMode: "host",
  });
  expect(containerBody(inputs, urn)).toEqual({
    Image: "i",
    Labels: { "seamless.urn": urn },
    ExposedPorts: { "80/tcp": {}, "53/udp": {} },
    HostConfig: {
      Binds: ["/h:/a:ro", "v:/b"],
      CapAdd: ["NET_ADMIN"],
      NetworkMode: "host",
      PortBindings: {
        "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }],
        "53/udp": [{ HostIp: "", HostPort: "" }],
      },
    },
  });
});

test("what can be changed in place; memory in Docker's bytes", () => {
  const inputs = containerInputs.parse({ name: "c", image: "i", memory: 64, restart: "no" });
  expect(updateBody(inputs)).toEqual({
    Memory: 67_108_864,
    RestartPolicy: { Name: "no" },
  });
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
    Labels: { "seamless.urn": urn },
  });
});

test("lists without order are the same in any order, of objects too", () => {
  const same = sameSet(["labels"]);
  const [a, b] = [
    { label: "a", value: "1" },
    { value: "2", label: "b" },
  ];
  expect(same(["labels"], [a, b], [{ label: "b", value: "2" }, a])).toBe(true);
  expect(same(["labels"], [a], [a, b])).toBe(false);
  expect(same(["command"], ["x", "y"], ["y", "x"])).toBe(false);
});
