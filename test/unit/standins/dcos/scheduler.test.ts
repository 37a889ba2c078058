import { placeNode } from "../../../../standins/dcos/etcd/placement";
import { type EtcdSettings, readEtcdSettings } from "../../../../standins/dcos/etcd/settings";
import type { EtcdNode } from "../../../../standins/dcos/etcd/state";
import type { AgentView } from "../../../../standins/dcos/protocol";
import { readZooKeeper } from "../../../../standins/dcos/scheduler";
import { readFlags } from "../../../../standins/dcos/user/flags";

test.each([
  ["zk://master.mesos:2181/mesos", "http://master.mesos:5050", "/mesos"],
  ["zk://a:2181,b:2181,c:2181/universe/x/", "http://a:5050", "/universe/x"],
  ["zk://127.0.0.1:40000/mesos", "http://127.0.0.1:40000", "/mesos"],
  ["zk://host", "http://host:5050", ""],
])("%s stands for the master at %s", (text, url, path) => {
  expect(readZooKeeper(text)).toEqual({ url, path });
});

test("another address is refused with the form it has to have", () => {
  expect(() => readZooKeeper("http://host:2181/mesos")).toThrow(
    "http://host:2181/mesos: expected zk://<host>:<port>/<path>",
  );
});

const master = ["--master", "zk://master.mesos:2181/mesos"];

test("flags come from the command line, then the environment, then the task's ports", () => {
  const env = { PORT0: "31000", PORT1: "31001", HOST: "10.0.0.1", MARATHON_MESOS_ROLE: "web" };
  const flags = ["--framework_name=marathon-user", "--ha", "--mesos_user=root"];
  expect(readFlags([...master, ...flags], env)).toMatchObject({
    frameworkName: "marathon-user",
    httpPort: 31_000,
    libprocessPort: 31_001,
    hostname: "10.0.0.1",
    mesosRole: "web",
    failoverTimeoutSeconds: 604_800,
    acceptedResourceRoles: ["*"],
  });
  const literal = [...master, "--http_port", "8080", "--hostname", "x"];
  expect(readFlags(literal, env)).toMatchObject({ httpPort: 8080, hostname: "x" });
});

test("bad flags are told, all at once where they can be", () => {
  expect(() => readFlags(["--http_port", "many"], {})).toThrow(
    "--master is missing, expected zk://<host>:<port>/mesos\n--http_port is many, expected a whole number",
  );
  expect(() => readFlags(["--nothing", "1"], {})).toThrow("--nothing");
});

const environment = {
  FRAMEWORK_NAME: "etcd",
  NODE_COUNT: "3",
  NODE_PLACEMENT: '[["hostname", "UNIQUE"]]',
  NODE_CPUS: "1",
  NODE_MEM: "256",
  DEPLOY_STRATEGY: "parallel",
  UPDATE_STRATEGY: "serial",
  PORT_CLIENT: "2379",
  PORT_PEER: "2380",
  INITIAL_CLUSTER_TOKEN: "dcos",
  HEARTBEAT_INTERVAL: "100",
  ELECTION_TIMEOUT: "1000",
  SNAPSHOT_COUNT: "100000",
  PORT0: "31000",
};

test("etcd's settings are read, and what the stand-in cannot do is refused", () => {
  expect(readEtcdSettings([], environment)).toMatchObject({
    count: 3,
    placement: [["hostname", "UNIQUE"]],
    zookeeper: { url: "http://master.mesos:5050", path: "/dcos-service-etcd" },
    uninstall: false,
  });
  const bad = {
    ...environment,
    TLS_ENABLED: "true",
    NODE_COUNT: "none",
    NODE_PLACEMENT: '[["hostname", "NEAR"]]',
  };
  expect(() => readEtcdSettings(["--what"], bad)).toThrow(
    [
      "TLS_ENABLED is true; the stand-in's etcd knows no TLS",
      "--what: expected [--zookeeper zk://<host>:<port>] [svc.yml]",
      "NODE_COUNT is none, expected at least 1",
      'NODE_PLACEMENT has ["hostname","NEAR"], expected [field, operator, value?]',
    ].join("\n"),
  );
});

function agent(name: string, fields: Partial<AgentView> = {}): AgentView {
  return {
    name,
    address: name,
    role: "private",
    resources: { cpus: 4, mem: 4096 },
    usedPorts: [],
    offered: true,
    tasks: [],
    ...fields,
  };
}

test("members go where all they need is free", () => {
  const settings: EtcdSettings = readEtcdSettings([], environment);
  const agents = [
    agent("a", { offered: false }),
    agent("b", { role: "public" }),
    agent("c", { usedPorts: [2380] }),
    agent("d", { resources: { cpus: 0.5, mem: 4096 } }),
    agent("e", { resources: { cpus: 4, mem: 100 } }),
    agent("g"),
    agent("f"),
  ];
  const first = placeNode(settings, agents, []);
  expect(first?.name).toBe("f");
  const node = (name: string): EtcdNode => ({
    agent: name,
    address: name,
    run: "",
    volume: "",
    cluster: "",
    join: "new",
    flags: [],
    cpus: 1,
    mem: 256,
    launched: true,
  });
  expect(placeNode(settings, agents, [node("f")])?.name).toBe("g");
  expect(placeNode(settings, agents, [node("f"), node("g")])).toBeUndefined();
});
