/** The plugin that runs `@pulumi/command` resources; started by the Pulumi engine. */
import { serve } from "../base/serve";
import { localCommand, localRun } from "./command";

void serve({
  name: "command",
  version: "1.2.1",
  configure: () => undefined,
  resources: [localCommand],
  functions: [localRun],
});
