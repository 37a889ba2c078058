import { group, option, type Release } from "../package";

const key = "marathon-lb";
const servicePorts = Array.from({ length: 101 }, (_, i) => 10_000 + i);
const assignedPorts = Array.from({ length: 50 }, (_, i) => 10_101 + i);

/** The package's default; the lab's image does not set any. */
const sysctl = [
  ...["net.ipv4.tcp_tw_reuse=1", "net.ipv4.tcp_fin_timeout=30"],
  ...["net.ipv4.tcp_max_syn_backlog=10240", "net.ipv4.tcp_max_tw_buckets=400000"],
  ...["net.ipv4.tcp_max_orphans=60000", "net.core.somaxconn=10000"],
].join(" ");

const config = {
  $schema: "http://json-schema.org/draft-04/schema#",
  ...group(
    {
      [key]: group(
        {
          name: option("string", "Name of the app.", { default: key }),
          cpus: option("number", "CPUs of each instance.", { default: 2, minimum: 1 }),
          mem: option("number", "Memory of each instance in MiB.", {
            default: 1024,
            minimum: 256,
          }),
          instances: option("integer", "Number of instances.", { default: 1, minimum: 1 }),
          role: option("string", "Role of the agents that it runs on; empty for any.", {
            default: "slave_public",
          }),
          "haproxy-group": option("string", "Apps of this group are served; * for all.", {
            default: "external",
          }),
          "marathon-uri": option("string", "Base URL of the Marathon to serve.", {
            default: "http://marathon.mesos:8080",
          }),
          "bind-http-https": option("boolean", "Whether it listens on ports 80 and 443.", {
            default: true,
          }),
          "haproxy-map": option("boolean", "Whether hosts are looked up in maps.", {
            default: true,
          }),
          "strict-mode": option("boolean", "Whether apps have to be enabled one by one.", {
            default: false,
          }),
          "auto-assign-service-ports": option("boolean", "For apps with addresses of their own.", {
            default: false,
          }),
          minimumHealthCapacity: option("number", "While it is updated.", {
            default: 0.5,
            minimum: 0,
          }),
          maximumOverCapacity: option("number", "While it is updated.", {
            default: 0.2,
            minimum: 0,
          }),
          secret_name: option("string", "Secret of the service account to log in with.", {
            default: "",
          }),
          "ssl-cert": option("string", "Certificate and key as PEM."),
          "template-url": option("string", "Templates of HAProxy's configuration.", {
            default: "",
          }),
          "container-syslogd": option("boolean", "Whether a syslogd runs beside it.", {
            default: false,
          }),
          "max-reload-retries": option("integer", "Tries to reload.", { default: 10 }),
          "reload-interval": option("integer", "Seconds between two reloads.", { default: 10 }),
          "sysctl-params": option("string", "Kernel parameters to set.", { default: sysctl }),
          haproxy_global_default_options: option("string", "Options for all of HAProxy.", {
            default: "redispatch,http-server-close,dontlognull",
          }),
          parameters: option("array", "Parameters of Docker.", {
            default: [],
            items: { type: "object" },
          }),
        },
        { required: ["cpus", "mem", "haproxy-group", "instances", "name"] },
      ),
    },
    { required: [key] },
  ),
};

/** A flag that is there when the option is true. */
function given(name: string, ...args: readonly string[]): string {
  const texts = args.map((arg) => `, "${arg}"`).join("");
  return `{{#${key}.${name}}}${texts}{{/${key}.${name}}}`;
}

const perTask = [
  ...["--min-serv-port-ip-per-task", "10101"],
  ...["--max-serv-port-ip-per-task", "10150"],
];

const template = `{
  "id": "{{${key}.name}}",
  "instances": {{${key}.instances}},
  "cpus": {{${key}.cpus}},
  "mem": {{${key}.mem}},
  "maintainer": "support@mesosphere.io",
  {{#${key}.role}}"acceptedResourceRoles": ["{{${key}.role}}"],{{/${key}.role}}
  "upgradeStrategy": {
    "minimumHealthCapacity": {{${key}.minimumHealthCapacity}},
    "maximumOverCapacity": {{${key}.maximumOverCapacity}}
  },
  "container": {
    "type": "DOCKER",
    "docker": {
      "image": "{{resource.assets.container.docker.marathon-lb}}",
      "network": "HOST",
      "privileged": true,
      "parameters": [
        {{#${key}.parameters}}{ "key": "{{key}}", "value": "{{value}}" },{{/${key}.parameters}}
        { "key": "label", "value": "created_by=marathon" },
        { "key": "label", "value": "dcos_pkg_name=${key}" }
      ]
    }
  },
  "args": [
    "sse", "-m", "{{${key}.marathon-uri}}", "--health-check"
    {{^${key}.bind-http-https}}, "--dont-bind-http-https"{{/${key}.bind-http-https}}
    ${given("haproxy-map", "--haproxy-map")}
    ${given("auto-assign-service-ports", ...perTask)}
    ${given("strict-mode", "--strict-mode")},
    "--max-reload-retries", "{{${key}.max-reload-retries}}",
    "--reload-interval", "{{${key}.reload-interval}}",
    "--group", "{{${key}.haproxy-group}}"
  ],
  {{#${key}.template-url}}"uris": ["{{${key}.template-url}}"],{{/${key}.template-url}}
  {{#${key}.secret_name}}
  "secrets": { "serviceCredential": { "source": "{{${key}.secret_name}}" } },
  {{/${key}.secret_name}}
  "env": {
    {{#${key}.secret_name}}
    "DCOS_SERVICE_ACCOUNT_CREDENTIAL": { "secret": "serviceCredential" },
    {{/${key}.secret_name}}
    {{#${key}.haproxy_global_default_options}}
    "HAPROXY_GLOBAL_DEFAULT_OPTIONS": "{{${key}.haproxy_global_default_options}}",
    {{/${key}.haproxy_global_default_options}}
    {{#${key}.container-syslogd}}"HAPROXY_SYSLOGD": "{{${key}.container-syslogd}}",{{/${key}.container-syslogd}}
    "HAPROXY_SSL_CERT": "{{${key}.ssl-cert}}",
    "HAPROXY_SYSCTL_PARAMS": "{{${key}.sysctl-params}}"
  },
  "requirePorts": true,
  "ports": [{{#${key}.bind-http-https}}80, 443, {{/${key}.bind-http-https}}9090, 9091, ${servicePorts.join(", ")}{{#${key}.auto-assign-service-ports}}, ${assignedPorts.join(", ")}{{/${key}.auto-assign-service-ports}}],
  "healthChecks": [
    {
      "protocol": "MESOS_HTTP",
      "path": "/_haproxy_health_check",
      "portIndex": {{#${key}.bind-http-https}}2{{/${key}.bind-http-https}}{{^${key}.bind-http-https}}0{{/${key}.bind-http-https}},
      "gracePeriodSeconds": 60,
      "intervalSeconds": 5,
      "timeoutSeconds": 2,
      "maxConsecutiveFailures": 2,
      "ignoreHttp1xx": false
    }
  ]
}
`;

/** The package `marathon-lb`: release 45 of the Universe. */
export const marathonLbReleases: readonly Release[] = [
  {
    packagingVersion: "4.0",
    name: key,
    version: "1.15.0",
    releaseVersion: 45,
    maintainer: "lab@example.com",
    description: "HAProxy, configured from what runs on a Marathon.",
    tags: ["loadbalancer", "service-discovery"],
    minDcosReleaseVersion: "1.9",
    preInstallNotes: "By default it runs on public agents and takes ports 80 and 443 there.",
    postInstallNotes: "HAProxy is started; its state is at /haproxy?stats of port 9090.",
    config,
    resource: {
      assets: { container: { docker: { "marathon-lb": "mesosphere/marathon-lb:v1.15.0" } } },
    },
    template,
  },
];
