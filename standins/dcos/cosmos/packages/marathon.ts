import { group, type Json, option, type Release } from "../package";
import { type Generation, marathonCommand, marathonOptions } from "./marathon-flags";

function config(user: Json, generation: Generation): Json {
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
        marathon: group(marathonOptions(generation), {
          additionalProperties: true,
          required: ["master"],
        }),
      },
      { additionalProperties: false, required: ["service", "jvm", "marathon"] },
    ),
  };
}

/**
 * The scheduler listens on the ports that its task is given, unless `http-port` says otherwise: that number is then
 * used literally, although without `requirePorts` the task does not get it.
 */
function template(generation: Generation): string {
  const newer = generation === "1.7";
  const set = (key: string, text: string) => `{{#${key}}}${text}{{/${key}}}`;
  const port = (key: string) => `${set(key, `{{${key}}}`)}{{^${key}}}0{{/${key}}}`;
  const https = ["marathon.ssl-keystore-path", "marathon.ssl-keystore-password"].reduce(
    (text, key) => set(key, text),
    `, ${port("marathon.https-port")}`,
  );
  const framework = `${set("marathon.framework-name", "{{marathon.framework-name}}")}{{^marathon.framework-name}}{{service.name}}{{/marathon.framework-name}}`;
  return `{
  "id": "${set("service.group", "{{service.group}}/")}{{service.name}}",
  "cpus": {{service.cpus}},
  "mem": {{service.mem}},
  "instances": {{service.instances}},
  ${newer ? `"user": "${set("service.user", "{{service.user}}")}",` : ""}
  "constraints": [["hostname", "UNIQUE"]],
  "ports": [${port("marathon.http-port")}, 0${https}],
  "container": {
    "type": "DOCKER",
    "docker": { "image": "{{resource.assets.container.docker.image}}", "network": "HOST" }
  },
  "cmd": "${marathonCommand(generation)}",
  "env": {
    ${newer ? '"MESOS_NATIVE_JAVA_LIBRARY": "/usr/lib/libmesos.so",' : ""}
    "JVM_OPTS": "-Xms{{jvm.heap-min}}m -Xmx{{jvm.heap-max}}m ${set("jvm.opts", "{{jvm.opts}}")}"
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
    "DCOS_PACKAGE_FRAMEWORK_NAME": "${framework}",
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
  generation: Generation,
): Release {
  const user = option("string", "User that it runs as.", { default: "nobody" });
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
    config: config(generation === "1.7" ? { user } : {}, generation),
    resource: { assets: { container: { docker: { image: `mesosphere/marathon:v${version}` } } } },
    template: template(generation),
  };
}

/** The package `marathon`: releases 301 and 28 of the Universe. */
export const marathonReleases: readonly Release[] = [
  release("1.6.335", 28, "1.11", "1.6"),
  release("1.7.188", 301, "1.12", "1.7"),
];
