import type { Command } from "commander";
import type { Steps } from "../../components/contract/step";
import { coeRuntimes } from "../../components/kinds/runtime";

/** The steps of the program itself; each kind of COE has its own beside them. */
const ownSteps: Steps = {
  "cluster-nodes": () => import("./cluster-nodes.js"),
  "gate-check": () => import("./gate-check.js"),
  "gate-count": () => import("./gate-count.js"),
  "gate-watch": () => import("./gate-watch.js"),
  "lab-credentials": () => import("./lab-credentials.js"),
  "lab-hosts": () => import("./lab-hosts.js"),
  "lab-images": () => import("./lab-images.js"),
  "lab-machine": () => import("./lab-machine.js"),
  "lab-machine-down": () => import("./lab-machine-down.js"),
  "lab-router": () => import("./lab-router.js"),
  "lab-routers": () => import("./lab-routers.js"),
  "lab-start": () => import("./lab-start.js"),
  "reflector-config": () => import("./reflector-config.js"),
  "reflector-image": () => import("./reflector-image.js"),
  "reflector-look": () => import("./reflector-look.js"),
  "reflector-narrow": () => import("./reflector-narrow.js"),
  "reflector-pull": () => import("./reflector-pull.js"),
  "reflector-sessions": () => import("./reflector-sessions.js"),
  "reflector-seed": () => import("./reflector-seed.js"),
  "router-look": () => import("./router-look.js"),
};

const steps: Steps = Object.assign(
  {},
  ownSteps,
  ...Object.values(coeRuntimes).map((kind) => kind.steps),
);

/** `seamless internal STEP`: not part of the public contract, hence hidden. */
export function registerInternal(program: Command): void {
  program.command("internal <step>", { hidden: true }).action(async (name: string) => {
    const load = Object.hasOwn(steps, name) ? steps[name] : undefined;
    if (load === undefined) program.error(`unknown step '${name}'`);
    else await (await load()).run();
  });
}
