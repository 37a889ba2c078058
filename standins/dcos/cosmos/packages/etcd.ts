import { group, option, type Release } from "../package";

const version = "0.1.0-3.3.12";
const strategies = ["parallel", "serial"];

const config = {
  $schema: "http://json-schema.org/draft-04/schema#",
  ...group({
    service: group(
      {
        name: option("string", "Name of the service, its app and its framework.", {
          default: "etcd",
        }),
        user: option("string", "User that everything runs as.", { default: "root" }),
        service_account: option("string", "Principal of the framework.", { default: "" }),
        service_account_secret: option("string", "Secret of the service account.", {
          default: "",
        }),
        virtual_network_enabled: option("boolean", "Whether members join a virtual network.", {
          default: false,
        }),
        virtual_network_name: option("string", "The network they join.", { default: "dcos" }),
        virtual_network_plugin_labels: option("string", "Labels for the network's plugin.", {
          default: "",
        }),
        log_level: option("string", "Level of the scheduler's log.", {
          default: "INFO",
          enum: ["OFF", "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL"],
        }),
        deploy_strategy: option("string", "How members are started first.", {
          default: "parallel",
          enum: strategies,
        }),
        update_strategy: option("string", "How members are started again.", {
          default: "serial",
          enum: strategies,
        }),
      },
      { required: ["name", "user"] },
    ),
    node: group(
      {
        count: option("integer", "Number of members.", { default: 3, minimum: 3 }),
        placement_constraint: option("string", "Marathon's constraints, as JSON.", {
          default: '[["hostname", "UNIQUE"]]',
        }),
        cpus: option("number", "CPUs of each member.", { default: 1 }),
        mem: option("integer", "Memory of each member in MiB.", { default: 256 }),
        disk: option("integer", "Disk of each member in MiB.", { default: 100 }),
        // Its type is not said there.
        disk_type: { description: "ROOT or MOUNT.", default: "ROOT", enum: ["ROOT", "MOUNT"] },
      },
      { required: ["count", "cpus", "mem", "disk", "disk_type"] },
    ),
    etcd: group(
      {
        client_port: option("integer", "Port for clients.", { default: 2379 }),
        peer_port: option("integer", "Port for the other members.", { default: 2380 }),
        tls_enabled: option("boolean", "Whether all talk TLS.", { default: false }),
        use_auto_tls: option("boolean", "Whether etcd makes its own certificates.", {
          default: false,
        }),
        initial_cluster_token: option("string", "Tells clusters apart.", { default: "dcos" }),
        heartbeat_interval: option("integer", "Milliseconds.", { default: 100 }),
        election_timeout: option("integer", "Milliseconds.", { default: 1000 }),
        snapshot_count: option("integer", "Changes until a snapshot is written.", {
          default: 100_000,
        }),
      },
      { required: ["client_port", "peer_port"] },
    ),
  }),
};

/** The scheduler's settings by where they come from. */
const environment: Readonly<Record<string, string>> = {
  FRAMEWORK_NAME: "service.name",
  FRAMEWORK_USER: "service.user",
  FRAMEWORK_PRINCIPAL: "service.service_account",
  FRAMEWORK_LOG_LEVEL: "service.log_level",
  DEPLOY_STRATEGY: "service.deploy_strategy",
  UPDATE_STRATEGY: "service.update_strategy",
  NODE_COUNT: "node.count",
  NODE_PLACEMENT: "node.placement_constraint",
  NODE_CPUS: "node.cpus",
  NODE_MEM: "node.mem",
  NODE_DISK: "node.disk",
  NODE_DISK_TYPE: "node.disk_type",
  PORT_CLIENT: "etcd.client_port",
  PORT_PEER: "etcd.peer_port",
  TLS_ENABLED: "etcd.tls_enabled",
  USE_AUTO_TLS: "etcd.use_auto_tls",
  INITIAL_CLUSTER_TOKEN: "etcd.initial_cluster_token",
  HEARTBEAT_INTERVAL: "etcd.heartbeat_interval",
  ELECTION_TIMEOUT: "etcd.election_timeout",
  SNAPSHOT_COUNT: "etcd.snapshot_count",
};

const template = `{
  "id": "{{service.name}}",
  "instances": 1,
  "cpus": 1.0,
  "mem": 1024,
  "user": "{{service.user}}",
  "container": {
    "type": "MESOS",
    "docker": { "image": "{{resource.assets.container.docker.scheduler}}" }
  },
  "args": [],
  "env": {
    {{#service.virtual_network_enabled}}
    "ENABLE_VIRTUAL_NETWORK": "yes",
    "VIRTUAL_NETWORK_NAME": "{{service.virtual_network_name}}",
    "VIRTUAL_NETWORK_PLUGIN_LABELS": "{{service.virtual_network_plugin_labels}}",
    {{/service.virtual_network_enabled}}
    ${Object.entries(environment)
      .map(([name, path]) => `"${name}": "{{${path}}}"`)
      .join(",\n    ")}
  },
  "portDefinitions": [
    {
      "port": 0,
      "protocol": "tcp",
      "name": "api",
      "labels": { "VIP_0": "/api.{{service.name}}:80" }
    }
  ],
  "upgradeStrategy": { "minimumHealthCapacity": 0, "maximumOverCapacity": 0 },
  "healthChecks": [
    {
      "protocol": "MESOS_HTTP",
      "path": "/v1/health",
      "portIndex": 0,
      "gracePeriodSeconds": 900,
      "intervalSeconds": 30,
      "timeoutSeconds": 30,
      "maxConsecutiveFailures": 0
    }
  ],
  "labels": {
    "DCOS_COMMONS_API_VERSION": "v1",
    "DCOS_COMMONS_UNINSTALL": "true",
    "DCOS_PACKAGE_FRAMEWORK_NAME": "{{service.name}}",
    "DCOS_SERVICE_NAME": "{{service.name}}",
    "DCOS_SERVICE_PORT_INDEX": "0",
    "DCOS_SERVICE_SCHEME": "http",
    "MARATHON_SINGLE_INSTANCE_APP": "true"
  }
}
`;

/** The package `etcd`: release 2 of the Universe. Its scheduler is an image here, and a set of files there. */
export const etcdReleases: readonly Release[] = [
  {
    packagingVersion: "4.0",
    name: "etcd",
    version,
    releaseVersion: 2,
    maintainer: "lab@example.com",
    description: "A cluster of etcd whose members are replaced when they are lost.",
    tags: ["etcd", "key-value-store"],
    framework: true,
    minDcosReleaseVersion: "1.11",
    postInstallNotes: "The scheduler is started; follow it at /service/<name>/v1/plans/deploy.",
    postUninstallNotes: "The scheduler ends its members, then it is removed.",
    config,
    resource: {
      assets: { container: { docker: { scheduler: `seamless/etcd-scheduler:${version}` } } },
    },
    template,
  },
];
