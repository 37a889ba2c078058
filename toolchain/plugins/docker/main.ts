/** The plugin that runs `@pulumi/docker` resources; started by the Pulumi engine. */

import type { CheckFailure, Properties } from "../../../providers/base/provider";
import { serve } from "../../../providers/base/serve";
import { pluginVersions } from "../../catalogue";
import { Daemon, isHost } from "./api";
import { container } from "./container";
import { remoteImage } from "./image";
import { network } from "./network";
import { volume } from "./volume";

const defaultHost = "unix:///var/run/docker.sock";

function hostOf(config: Properties): string {
  const { host } = config;
  if (typeof host === "string" && host !== "") return host;
  return process.env.DOCKER_HOST || defaultHost;
}

function checkConfig(config: Properties): CheckFailure[] {
  const foreign = Object.keys(config).filter((key) => !["host", "version"].includes(key));
  const failures = foreign.map((property) => ({
    property,
    reason: "it is not implemented by this docker plugin; leave it out",
  }));
  const host = hostOf(config);
  if (isHost(host)) return failures;
  const reason = `found ${host}; this docker plugin reaches unix:///path and tcp://host:port`;
  return [...failures, { property: "host", reason }];
}

void serve({
  name: "docker",
  version: pluginVersions.docker,
  checkConfig,
  configure: (config) => new Daemon(hostOf(config)),
  resources: [container, network, volume, remoteImage],
  functions: [],
});
