/** The plugin that runs `@pulumi/docker` resources; started by the Pulumi engine. */

import { serve } from "../../../providers/base/serve";
import { pluginVersions } from "../../catalogue";
import { Daemon } from "./api";
import { container } from "./container";
import { remoteImage } from "./image";
import { network } from "./network";
import { checkReach, reachOf, secretSettings } from "./reach";
import { volume } from "./volume";

void serve({
  name: "docker",
  version: pluginVersions.docker,
  checkConfig: (config) => checkReach(config),
  secrets: secretSettings,
  configure: (config) => new Daemon(reachOf(config)),
  resources: [container, network, volume, remoteImage],
  functions: [],
});
