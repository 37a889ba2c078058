import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { externalCoe, probeOf, type ReachedCoe } from "./components/coe";
import type { CoeDeploy } from "./components/contract/deploy";
import { facetOf } from "./components/contract/facet";
import { Gate } from "./components/gate";
import { coeDeploys } from "./components/kinds/deploy";
import { labKinds, labRouters } from "./components/kinds/lab";
import { tellChange } from "./components/last-plan";
import { UpdateOrder } from "./components/order";
import { Reflector } from "./components/reflector";
import { ExternalRouter } from "./components/reflector/external/resource";
import { reflectorTurns } from "./components/reflector/in-turn";
import { isOwnKind } from "./components/reflector/kinds";
import { placeOf, reflectorShell } from "./components/reflector/shell";
import { bgpPasswordsOf, secretsOf, stackConfig, stackPlan, told } from "./components/settings";
import { Lab } from "./lab/lab";
import { machineGeneration } from "./lab/machine/generation";
import { within } from "./lab/within";
import { nextStep, subnetTable } from "./plan";
import type { ReflectorShell } from "./plan/access";
import { checkoutDir, toolsBin } from "./util/paths";

const settings = new pulumi.Config("seamless");
const config = stackConfig(settings);
const thePlan = stackPlan(config);
void tellChange(thePlan);
const deployed = Object.values(thePlan.coes).filter((coe) => coe.deployed);

const kinds: Readonly<Record<string, CoeDeploy>> = coeDeploys;
/** COEs that are there already, before anything is made: a file that cannot be read ends the program. */
const external = new Map(
  told(() =>
    deployed.flatMap((coe): [string, ReachedCoe][] => {
      const access = config.coes[coe.name]?.access;
      if (typeof access !== "object") return [];
      const secrets = secretsOf(settings, coe.name);
      return [[coe.name, externalCoe(facetOf(kinds, coe), coe, access, secrets)]];
    }),
  ),
);

const lab =
  config.lab === undefined
    ? undefined
    : new Lab("lab", {
        kinds: labKinds,
        ...config.lab,
        plan: thePlan,
        coes: deployed
          .map((coe) => coe.name)
          .filter((name) => config.coes[name]?.access === "embedded"),
        routers: {
          kinds: labRouters,
          names: Object.keys(thePlan.reflectors).filter(
            (name) => config.reflectors[name]?.access === "embedded",
          ),
        },
        programs: toolsBin(),
        project: join(checkoutDir(), "dist"),
        generation: machineGeneration(config.lab.name),
      });

/** A reflector by its name; without a shell where nobody can ask it. */
type RunningRouter = readonly [
  string,
  { readonly shell?: AskedShell; readonly resource: pulumi.Resource },
];
type AskedShell =
  | ReturnType<typeof reflectorShell>
  | Extract<ReflectorShell, { readonly via: "command" }>;

const order = new UpdateOrder(reflectorTurns(thePlan, () => Object.fromEntries(reflectorShells)));
const passwords = bgpPasswordsOf(settings);

const runningReflectors = Object.values(thePlan.reflectors).map((reflector): RunningRouter => {
  if (!isOwnKind(reflector.kind)) {
    const { [reflector.name]: given = {} } = config.reflectors;
    const inLab = lab?.routers[reflector.name];
    const asked = inLab === undefined ? {} : { read: inLab.read };
    const args = { plan: thePlan, reflector, given, order, ...asked };
    const { widened: resource, read } = new ExternalRouter(
      reflector.name,
      args,
      lab === undefined || inLab === undefined
        ? {}
        : { dependsOn: inLab.started, ...within(lab.machine) },
    );
    return [
      reflector.name,
      { resource, ...(read === undefined ? {} : { shell: { via: "command", ...read } }) },
    ];
  }
  const { access, ...place } = placeOf(config.reflectors[reflector.name] ?? {}, lab);
  const resource = new Reflector(
    reflector.name,
    {
      plan: thePlan,
      reflector,
      order,
      ...(passwords === undefined ? {} : { passwords }),
      ...access,
      ...place,
    },
    lab === undefined
      ? {}
      : {
          dependsOn: lab.machine,
          ...(access.dockerHost === lab.dockerHost ? within(lab.machine) : {}),
        },
  );
  const shell = reflectorShell(reflector.name, access, reflector.kind);
  return [reflector.name, { shell, resource: resource.widened }];
});
/** Of those that can be asked. */
const askedReflectors = runningReflectors.flatMap(([name, { shell, resource }]) =>
  shell === undefined ? [] : [[name, shell, resource] as const],
);
const reflectorShells = askedReflectors.map(([name, shell]) => [name, shell] as const);

const reached = deployed.map((coe) => {
  const kind = facetOf(kinds, coe);
  const given = config.coes[coe.name];
  const inLab = lab?.coes[coe.name];
  const made: ReachedCoe | undefined = inLab ?? external.get(coe.name);
  if (made === undefined) throw new Error(`coes.${coe.name}: neither in the lab nor elsewhere`);
  const probe = probeOf(kind, config, coe);
  kind.make(
    coe.name,
    {
      plan: thePlan,
      coe: coe.name,
      order,
      ...(passwords === undefined ? {} : { bgpPasswords: passwords }),
      access: made.endpoints,
      ...(inLab === undefined ? {} : { fresh: true, nodes: inLab.nodes }),
      reflectors: Object.fromEntries(
        askedReflectors.map(([name, shell, resource]) => [name, { ...shell, resource }]),
      ),
      ...(given === undefined ? {} : { given }),
      ...(probe === undefined ? {} : { probe }),
    },
    made.started === undefined || lab === undefined
      ? {}
      : { dependsOn: made.started, ...within(lab.machine) },
  );
  return { kind, name: coe.name, made };
});
/** How everything is reached; a secret, for it holds credentials. */
export const access = pulumi.secret({
  reflectors: Object.fromEntries(reflectorShells),
  coes: Object.fromEntries(
    reached.map(({ name, made }) => [name, { ...made.endpoints, nodes: made.nodes }]),
  ),
});
export const probes = deployed.filter((coe) => config.coes[coe.name]?.probe).map((coe) => coe.name);
const gate =
  config.gate === true ? new Gate("gate", { plan: thePlan, access, probes, order }) : undefined;
order.close();

/** The whole plan; what `seamless verify` expects. */
export const plan = thePlan;
/** Every range and address in short. */
export const subnets = subnetTable(thePlan);
export const reflectors = Object.fromEntries(
  Object.values(thePlan.reflectors).map(({ name, address, asn }) => [name, { address, asn }]),
);
export const next = nextStep(pulumi.getStack(), thePlan);

/** How COEs are reached, by their names: an output of each kind's own, or of several kinds that are reached alike. */
const shown = Object.values(kinds).map(({ output: { name } }) => [
  name,
  Object.fromEntries(
    reached.flatMap(({ kind: { output }, name: coe, made }) => {
      const value = output.name === name ? output.of(made.endpoints) : undefined;
      return value === undefined ? [] : [[coe, value]];
    }),
  ),
]);
Object.assign(
  exports,
  Object.fromEntries(shown),
  gate === undefined ? {} : { traffic: gate.traffic },
);
