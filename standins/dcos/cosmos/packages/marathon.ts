import { group, type Json, option, type Release } from "../package";

const image = "assets.container.docker.marathon";

/** The flags of Marathon that the package passes on; it has many more, which are taken without being known. */
const marathonFlags: Json = {
  master: option("string", "Address of the Mesos masters in ZooKeeper.", {
    default: "zk://master.mesos:2181/mesos",
  }),
  zk: option("string", "Address in ZooKeeper of Marathon's own state."),
  "framework-name": option("string", "Name of the framework. Default: the name of the service."),
  hostname: option("string", "What Marathon is reached by. Default: the agent's address."),
  "http-port": option("integer", "Port of the API. Default: one that the agent has free."),
  "https-port": option("integer", "Port of the API with TLS."),
  "webui-url": option("string", "Where Mesos links to."),
  "mesos-role": option("string", "Role to register with. Default: the name of the service."),
  "mesos-authentication-principal": option("string", "Default: the name of the service."),
  "default-accepted-resource-roles": option("string", "For apps that name none.", {
    default: "*",
  }),
  "default-network-name": option("string", "For container networks without a name."),
  "mesos-bridge-name": option("string", "Name of the bridge network.", {
    default: "mesos-bridge",
  }),
  "enable-features": option("string", "Comma-separated features.", {
    default: "vips,task_killing",
  }),
  ha: option("boolean", "Whether several instances choose a leader.", { default: true }),
  "failover-timeout": option("integer", "Seconds that tasks outlive the framework.", {
    default: 604_800,
  }),
  "local-port-min": option("integer", "First service port.", { default: 10_000 }),
  "local-port-max": option("integer", "Last service port.", { default: 20_000 }),
  "plugin-dir": option("string", "Folder of plugins."),
  "plugin-conf": option("string", "Configuration of the plugins."),
};

function config(user: Json, flags: Json): Json {
  const name = "^/?([a-z0-9]([a-z0-9-]*[a-z0-9])?/)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$";
  return {
    $schema: "http://json-schema.org/draft-04/schema#",
    ...group(
      {
        service: group(
          {
            name: option("string", "Name of the service and of its app.", {
              default: "marathon-user",
              pattern: name,
            }),
            group: option("string", "Group of apps that it is put in."),
            cpus: option("number", "CPUs of each instance.", { default: 2, minimum: 0 }),
            mem: option("number", "Memory of each instance in MiB.", {
              default: 1536,
              minimum: 512,
            }),
            instances: option("integer", "Number of instances.", { default: 1, minimum: 0 }),
            ...user,
            uris: option("array", "Files to fetch.", { default: [], items: { type: "string" } }),
          },
          { additionalProperties: false },
        ),
        jvm: group(
          {
            "heap-min": option("integer", "Smallest heap in MiB.", { default: 256, minimum: 0 }),
            "heap-max": option("integer", "Largest heap in MiB.", { default: 768, minimum: 0 }),
            opts: option("string", "More options of the JVM."),
          },
          { additionalProperties: false },
        ),
        marathon: group(
          { ...marathonFlags, ...flags },
          { additionalProperties: true, required: ["master"] },
        ),
      },
      { additionalProperties: false, required: ["service", "jvm", "marathon"] },
    ),
  };
}

/** `"--flag", "value"` when the option is set. */
function flag(name: string): string {
  return `{{#marathon.${name}}}"--${name.replaceAll("-", "_")}", "{{marathon.${name}}}", {{/marathon.${name}}}`;
}

/** A flag whose value without the option is made from the service's name. */
function named(name: string, fallback: string): string {
  const key = `marathon.${name}`;
  return `"--${name.replaceAll("-", "_")}", "{{#${key}}}{{${key}}}{{/${key}}}{{^${key}}}${fallback}{{/${key}}}",`;
}

/**
 * The scheduler listens on the ports that its task is given, unless `http-port` says otherwise: that number is then
 * used literally, although without `requirePorts` the task does not get it.
 */
function template(user: string): string {
  return `{
  "id": "{{#service.group}}{{service.group}}/{{/service.group}}{{service.name}}",
  "cpus": {{service.cpus}},
  "mem": {{service.mem}},
  "instances": {{service.instances}},
  ${user}
  "constraints": [["hostname", "UNIQUE"]],
  "ports": [{{#marathon.http-port}}{{marathon.http-port}}{{/marathon.http-port}}{{^marathon.http-port}}0{{/marathon.http-port}}, 0{{#marathon.https-port}}, {{marathon.https-port}}{{/marathon.https-port}}],
  "container": {
    "type": "DOCKER",
    "docker": { "image": "{{resource.${image}}}", "network": "HOST" }
  },
  "args": [
    "--master", "{{marathon.master}}",
    ${named("framework-name", "{{service.name}}")}
    ${named("zk", "zk://master.mesos:2181/universe/{{service.name}}")}
    ${named("mesos-role", "{{service.name}}")}
    ${named("mesos-authentication-principal", "{{service.name}}")}
    ${["http-port", "hostname", "webui-url", "default-network-name", "mesos-user"].map(flag).join("")}
    ${["enable-features", "mesos-bridge-name", "local-port-min", "local-port-max"].map(flag).join("")}
    ${["failover-timeout", "max-running-deployments"].map(flag).join("")}
    {{#marathon.ha}}"--ha"{{/marathon.ha}}{{^marathon.ha}}"--disable_ha"{{/marathon.ha}},
    "--default_accepted_resource_roles", "{{marathon.default-accepted-resource-roles}}"
  ],
  "env": {
    "JVM_OPTS": "-Xms{{jvm.heap-min}}m -Xmx{{jvm.heap-max}}m{{#jvm.opts}} {{jvm.opts}}{{/jvm.opts}}"
  },
  "uris": {{service.uris}},
  "healthChecks": [
    {
      "protocol": "HTTP",
      "path": "/ping",
      "portIndex": 0,
      "gracePeriodSeconds": 1800,
      "intervalSeconds": 10,
      "timeoutSeconds": 5,
      "maxConsecutiveFailures": 3
    }
  ],
  "labels": {
    "DCOS_PACKAGE_FRAMEWORK_NAME": "{{#marathon.framework-name}}{{marathon.framework-name}}{{/marathon.framework-name}}{{^marathon.framework-name}}{{service.name}}{{/marathon.framework-name}}",
    "DCOS_SERVICE_NAME": "{{service.name}}",
    "DCOS_SERVICE_SCHEME": "http",
    "DCOS_SERVICE_PORT_INDEX": "0"
  }
}
`;
}

function release(
  version: string,
  releaseVersion: number,
  minDcosReleaseVersion: string,
  more: { readonly user: Json; readonly flags: Json; readonly template: string },
): Release {
  return {
    packagingVersion: "3.0",
    name: "marathon",
    version,
    releaseVersion,
    maintainer: "lab@example.com",
    description: "A Marathon of its own for the users of the cluster, run by the first one.",
    tags: ["init", "long-running"],
    framework: true,
    selected: true,
    minDcosReleaseVersion,
    preInstallNotes: "The scheduler wants 2 CPUs and 1.5 GiB of one agent.",
    postInstallNotes: "Marathon is started; its API is at /service/<name of the service>.",
    postUninstallNotes: "What Marathon keeps in ZooKeeper is left there.",
    config: config(more.user, more.flags),
    resource: {
      assets: { container: { docker: { marathon: `mesosphere/marathon:v${version}` } } },
    },
    template: template(more.template),
  };
}

/** The package `marathon`: releases 301 and 28 of the Universe. */
export const marathonReleases: readonly Release[] = [
  release("1.6.335", 28, "1.11", {
    user: {},
    flags: { "mesos-user": option("string", "User that tasks run as.") },
    template: "",
  }),
  release("1.7.188", 301, "1.12", {
    user: { user: option("string", "User that it runs as.", { default: "nobody" }) },
    flags: {
      "mesos-user": option("string", "User that tasks run as.", { default: "root" }),
      "max-running-deployments": option("integer", "Most deployments at a time.", {
        default: 100,
      }),
    },
    template: '{{#service.user}}"user": "{{service.user}}",{{/service.user}}',
  }),
];
