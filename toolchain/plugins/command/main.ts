/** The plugin that runs `@pulumi/command` resources; started by the Pulumi engine. */

import { serve } from "../../../providers/base/serve";
import { pluginVersions } from "../../catalogue";
import { localCommand, localRun } from "./command";

void serve({
  name: "command",
  version: pluginVersions.command,
  configure: () => undefined,
  resources: [localCommand],
  functions: [localRun],
});
