import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type Engine, externalEngine, kindOf, probeOf } from "./components/engine";
import { UpdateOrder } from "./components/order";
import { Reflector } from "./components/reflector";
import { dockerAccess, reflectorShell } from "./components/reflector/shell";
import { bgpPasswordsOf, secretsOf, stackConfig, stackPlan } from "./components/settings";
import { Lab } from "./lab/lab";
import { machineGeneration } from "./lab/machine/generation";
import { nextStep, subnetTable } from "./plan";
import { checkoutDir, toolsBin } from "./util/paths";

const settings = new pulumi.Config("seamless");
const config = stackConfig(settings);
const thePlan = stackPlan(config);
const deployed = Object.values(thePlan.coes).filter((coe) => coe.deployed);

const lab =
  config.lab === undefined
    ? undefined
    : new Lab("lab", {
        ...config.lab,
        plan: thePlan,
        coes: deployed
          .map((coe) => coe.name)
          .filter((name) => config.coes[name]?.access === "embedded"),
        programs: toolsBin(),
        project: join(checkoutDir(), "dist"),
        generation: machineGeneration(config.lab.name),
      });

const order = new UpdateOrder();
const passwords = bgpPasswordsOf(settings);

const runningReflectors = Object.values(thePlan.reflectors).map((reflector) => {
  const given = config.reflectors[reflector.name];
  const { image, network = lab?.network } = given ?? {};
  const access = dockerAccess(given ?? {}, lab?.dockerHost);
  const resource = new Reflector(
    reflector.name,
    {
      plan: thePlan,
      reflector,
      order,
      ...(passwords === undefined ? {} : { passwords }),
      ...access,
      ...(image === undefined ? {} : { image }),
      ...(network === undefined ? {} : { network }),
    },
    lab === undefined ? {} : { dependsOn: lab.machine },
  );
  const shell = reflectorShell(reflector.name, access);
  return [reflector.name, { shell, resource: resource.widened }] as const;
});
const reflectorShells = runningReflectors.map(([name, { shell }]) => [name, shell] as const);

const engines = deployed.map((coe): [string, Engine] => {
  const access = config.coes[coe.name]?.access;
  const engine =
    lab?.engines[coe.name] ??
    externalEngine(coe, typeof access === "object" ? access : {}, secretsOf(settings, coe.name));
  const probe = probeOf(config, coe);
  kindOf(coe).make(
    coe.name,
    {
      plan: thePlan,
      coe: coe.name,
      order,
      ...(passwords === undefined ? {} : { bgpPasswords: passwords }),
      access: engine.endpoints,
      ...(lab?.engines[coe.name] === undefined ? {} : { fresh: true }),
      reflectors: Object.fromEntries(
        runningReflectors.map(([name, { shell, resource }]) => [name, { ...shell, resource }]),
      ),
      addons: config.coes[coe.name]?.addons ?? {},
      packages: config.coes[coe.name]?.packages ?? {},
      ...(probe === undefined ? {} : { probe }),
    },
    engine.started === undefined ? {} : { dependsOn: engine.started },
  );
  return [coe.name, engine];
});
order.close();

/** The whole plan; what `seamless verify` expects. */
export const plan = thePlan;
/** Every range and address in short. */
export const subnets = subnetTable(thePlan);
export const reflectors = Object.fromEntries(
  Object.values(thePlan.reflectors).map(({ name, address, asn }) => [name, { address, asn }]),
);
/** How everything is reached; a secret, for it holds kubeconfigs and tokens. */
export const access = pulumi.secret({
  reflectors: Object.fromEntries(reflectorShells),
  coes: Object.fromEntries(
    engines.map(([name, { endpoints, nodes }]) => [name, { ...endpoints, nodes }]),
  ),
});
export const probes = deployed.filter((coe) => config.coes[coe.name]?.probe).map((coe) => coe.name);
export const kubeconfigs = Object.fromEntries(
  engines.flatMap(([name, { endpoints }]) =>
    endpoints.kubeconfig === undefined ? [] : [[name, pulumi.secret(endpoints.kubeconfig)]],
  ),
);
export const urls = Object.fromEntries(
  engines.flatMap(([name, { endpoints }]) =>
    endpoints.url === undefined ? [] : [[name, endpoints.url]],
  ),
);
export const next = nextStep(pulumi.getStack(), thePlan);
