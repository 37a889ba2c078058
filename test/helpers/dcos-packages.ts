import { type FakePackage, type Json, objectOf } from "./fake-dcos-replies";

const group = (options: Json, name: string) => objectOf(options[name]);
const number = (minimum: number, value: number) => ({ type: "number", minimum, default: value });

/** A second Marathon, in two versions. */
export const marathonPackage: readonly FakePackage[] = ["1.6.335", "1.7.188"].map(
  (version, index) => ({
    version,
    releaseVersion: index === 0 ? 28 : 301,
    config: {
      $schema: "http://json-schema.org/schema#",
      type: "object",
      additionalProperties: false,
      properties: {
        service: {
          type: "object",
          additionalProperties: false,
          required: ["name"],
          properties: {
            name: { type: "string", pattern: "^[a-z/-]+$", default: "marathon-user" },
            cpus: number(0.5, 2),
            mem: number(512, 1536),
            user: { type: "string", enum: ["nobody", "root"], default: "nobody" },
          },
        },
        marathon: {
          type: "object",
          properties: { secret: { type: "string" }, "http-port": { type: "integer" } },
        },
      },
    },
    template: (options) => {
      const service = group(options, "service");
      const name = String(service.name ?? "marathon-user");
      return {
        id: name,
        cpus: service.cpus ?? 2,
        mem: service.mem ?? 1536,
        constraints: [["hostname", "UNIQUE"]],
        ports: [0, 0],
        container: {
          type: "DOCKER",
          docker: { image: `mesosphere/marathon:v${version}`, network: "HOST" },
        },
        env: { SECRET: String(group(options, "marathon").secret ?? "none") },
        healthChecks: [{ protocol: "HTTP", path: "/ping", portIndex: 0 }],
        labels: {
          DCOS_PACKAGE_FRAMEWORK_NAME: name,
          DCOS_SERVICE_NAME: name,
          DCOS_SERVICE_SCHEME: "http",
          DCOS_SERVICE_PORT_INDEX: "0",
        },
      };
    },
  }),
);

/** A scheduler made with the DC/OS SDK, whose nodes come after its app. */
export const etcdPackage: FakePackage = {
  version: "0.1.0-3.3.12",
  releaseVersion: 2,
  config: {
    type: "object",
    properties: {
      node: { type: "object", properties: { count: { type: "integer", minimum: 3, default: 3 } } },
    },
  },
  template: (options) => ({
    id: "etcd",
    cpus: 1,
    env: { NODE_COUNT: String(group(options, "node").count ?? 3) },
    labels: {
      DCOS_PACKAGE_FRAMEWORK_NAME: "etcd",
      DCOS_SERVICE_NAME: "etcd",
      DCOS_COMMONS_API_VERSION: "v1",
      DCOS_COMMONS_UNINSTALL: "true",
    },
  }),
};
