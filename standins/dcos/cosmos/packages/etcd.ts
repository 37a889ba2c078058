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
  JAVA_URI: "resource.assets.uris.jre-tar-gz",
  ETCD_URI: "resource.assets.uris.etcd-tar-gz",
  BOOTSTRAP_URI: "resource.assets.uris.bootstrap-zip",
  LIBMESOS_URI: "resource.assets.uris.libmesos-bundle-tar-gz",
};

/** What the scheduler is told of its own package. */
const built: Readonly<Record<string, string>> = {
  PACKAGE_NAME: "etcd",
  PACKAGE_VERSION: version,
  PACKAGE_BUILD_TIME_EPOCH_MS: "1556089164666",
  PACKAGE_BUILD_TIME_STR: "2019-04-24T06:59:24.666978",
  MESOS_API_VERSION: "V1",
};

/** Modules of libmesos by which the scheduler's connection to Mesos proves who it is. */
const authenticatees = {
  libraries: [
    {
      file: "libmesos-bundle/lib/mesos/libdcos_security.so",
      modules: [
        { name: "com_mesosphere_dcos_ClassicRPCAuthenticatee" },
        {
          name: "com_mesosphere_dcos_http_Authenticatee",
          parameters: [
            { key: "jwt_exp_timeout", value: "5mins" },
            { key: "preemptive_refresh_duration", value: "30mins" },
          ],
        },
      ],
    },
  ],
};

/** Where what has been fetched lies. */
const libraries = "$MESOS_SANDBOX/libmesos-bundle/lib";

/** The fetched Java and the fetched Mesos library are made known; then bootstrap and the scheduler are run. */
const prepare = [
  `export LD_LIBRARY_PATH=${libraries}:$LD_LIBRARY_PATH`,
  `export MESOS_NATIVE_JAVA_LIBRARY=$(ls ${libraries}/libmesos-*.so)`,
  "export JAVA_HOME=$(ls -d $MESOS_SANDBOX/jdk*/jre/)",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: of the shell
  "export JAVA_HOME=${JAVA_HOME%/}",
];
const run = [
  "export PATH=$(ls -d $JAVA_HOME/bin):$PATH",
  'export JAVA_OPTS="-Xms256M -Xmx512M -XX:-HeapDumpOnOutOfMemoryError"',
  "./bootstrap -resolve=false -template=false",
  "./operator-scheduler/bin/operator svc.yml",
];
const command = [...prepare, run.join(" && ")].join("; ");

/** By the names of the resource. The scheduler fetches them, but for etcd itself, which its members do. */
const uris: Readonly<Record<string, string>> = {
  "bootstrap-zip": "https://downloads.mesosphere.com/dcos-commons/artifacts/0.55.2/bootstrap.zip",
  "jre-tar-gz": "https://downloads.mesosphere.com/java/server-jre-8u162-linux-x64.tar.gz",
  "scheduler-zip":
    "https://ecosystem-repo.s3.amazonaws.com/sdk/artifacts/0.55.2/operator-scheduler.zip",
  "libmesos-bundle-tar-gz":
    "https://downloads.mesosphere.com/libmesos-bundle/libmesos-bundle-1.11.0.tar.gz",
  svc: `https://github.com/MaibornWolff/dcos-etcd/releases/download/v${version}/svc.yml`,
};
const members =
  "https://github.com/etcd-io/etcd/releases/download/v3.3.12/etcd-v3.3.12-linux-amd64.tar.gz";

/** A name and a value of the environment, as part of a JSON text. */
function setting([name, value]: readonly [string, string]): string {
  return `${JSON.stringify(name)}: ${JSON.stringify(value)}`;
}

const settings = [
  ...Object.entries(built).map(setting),
  ...Object.entries(environment).map(([name, path]) => `"${name}": "{{${path}}}"`),
];

const template = `{
  "id": "{{service.name}}",
  "instances": 1,
  "cpus": 1.0,
  "mem": 1024,
  "user": "{{service.user}}",
  "cmd": ${JSON.stringify(command)},
  "uris": ${JSON.stringify(Object.keys(uris).map((name) => `{{resource.assets.uris.${name}}}`))},
  {{#service.service_account_secret}}
  "secrets": { "serviceCredential": { "source": "{{service.service_account_secret}}" } },
  {{/service.service_account_secret}}
  "env": {
    {{#service.virtual_network_enabled}}
    "ENABLE_VIRTUAL_NETWORK": "yes",
    "VIRTUAL_NETWORK_NAME": "{{service.virtual_network_name}}",
    "VIRTUAL_NETWORK_PLUGIN_LABELS": "{{service.virtual_network_plugin_labels}}",
    {{/service.virtual_network_enabled}}
    {{#service.service_account_secret}}
    "DCOS_SERVICE_ACCOUNT_CREDENTIAL": { "secret": "serviceCredential" },
    ${setting(["MESOS_MODULES", JSON.stringify(authenticatees)])},
    "MESOS_AUTHENTICATEE": "com_mesosphere_dcos_ClassicRPCAuthenticatee",
    "MESOS_HTTP_AUTHENTICATEE": "com_mesosphere_dcos_http_Authenticatee",
    {{/service.service_account_secret}}
    ${settings.join(",\n    ")}
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

/** The package `etcd`: release 2 of the Universe. Its files are not there: an agent puts programs of its host in their place. */
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
    resource: { assets: { uris: { ...uris, "etcd-tar-gz": members } } },
    template,
  },
];
