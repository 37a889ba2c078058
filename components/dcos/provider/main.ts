/** The plugin of the package `dcos`; started by the Pulumi engine. */
import { serve } from "../../../providers/base/serve";
import { dcosPackage } from "./package";

void serve({
  name: "dcos",
  version: "0.1.0",
  configure: () => undefined,
  resources: [dcosPackage],
  functions: [],
});
