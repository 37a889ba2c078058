import { isFields } from "../../../config/readable";

/** Options of the package etcd by which its members are found. */
export function etcdOptions(options: unknown): {
  readonly framework?: string;
  readonly port?: number;
  readonly tls: boolean;
} {
  const { service, etcd } = isFields(options) ? options : {};
  const name = isFields(service) ? service.name : undefined;
  const port = isFields(etcd) ? etcd.client_port : undefined;
  return {
    ...(typeof name === "string" ? { framework: name } : {}),
    ...(typeof port === "number" ? { port } : {}),
    tls: isFields(etcd) && etcd.tls_enabled === true,
  };
}
