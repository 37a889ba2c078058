import { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  output,
  type Resource,
  secret,
} from "@pulumi/pulumi";
import { addressOf } from "../../plan/families";
import { endsAt } from "../../plan/sessions";
import type { Plan, ReflectorPlan } from "../../plan/types";
import { asVersion1 } from "../../plan/version1";
import { resolveDocker } from "../../util/docker-host";
import { UpdateOrder } from "../order";
import { confinement } from "./confinement";
import { namedKind, routerKind, routerKinds } from "./kinds";
import type { ReflectorLookText } from "./look";
import { reflectorContainer } from "./names";
import { passwordsVariable } from "./passwords";

export interface ReflectorArgs {
  readonly plan: Plan;
  /** Which of the plan's reflectors this is. */
  readonly reflector: ReflectorPlan;
  /** Docker daemon that runs it, such as ssh://user@host. Default: DOCKER_HOST, else the machine's own. */
  readonly dockerHost?: string;
  /** Folder with ca.pem, cert.pem and key.pem for a dockerHost at tcp://. Default: as DOCKER_TLS_VERIFY says. */
  readonly dockerCerts?: string;
  /** Image with the daemon of its kind. Default: one that is made on the Docker host. */
  readonly image?: string;
  /** Docker network it is attached to at its address. Default: the network of the Docker host itself. */
  readonly network?: Input<string>;
  /** Passwords of BGP sessions, by their names in the plan; secrets. Default: there are none. */
  readonly passwords?: Input<Readonly<Record<string, string>>>;
  /** What the reflector's changes wait for, and what waits for them. Default: there is nobody else. */
  readonly order?: UpdateOrder;
}

/**
 * A route reflector: a BGP daemon in a container. The container's inputs do not depend on the neighbours; those are in a file
 * on its volume, which is changed, checked and read back by two steps: before the COEs are changed what is new is added,
 * and after that what is no longer planned goes. What runs is not touched before everything has been looked at.
 */
export class Reflector extends ComponentResource {
  readonly container: Output<string>;
  /** There once it runs with everything of the plan. */
  readonly widened: Resource;

  constructor(name: string, args: ReflectorArgs, options?: ComponentResourceOptions) {
    super("seamless:index:Reflector", name, { reflector: args.reflector }, options);
    const { reflector, dockerHost, dockerCerts, order = new UpdateOrder() } = args;
    const containerName = reflectorContainer(reflector.name);
    const kind = routerKind(reflector.kind);
    const text = kind.render(args.plan, reflector);
    // Refused before anything is made, rather than by the first step.
    resolveDocker(args);
    const dockerVariables = {
      ...(dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost }),
      ...(dockerCerts === undefined
        ? {}
        : { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: dockerCerts }),
    };
    const { kind: named } = namedKind(reflector.kind);
    const variables = {
      ...dockerVariables,
      ...(named === undefined ? {} : { SEAMLESS_ROUTER_KIND: named }),
    };

    const secrets = passwordVariables(args);

    const provider = new docker.Provider(
      `${name}-docker`,
      {
        ...(dockerHost === undefined ? {} : { host: dockerHost }),
        ...(dockerCerts === undefined ? {} : { certPath: dockerCerts }),
      },
      { parent: this },
    );
    const looked: ReflectorLookText = {
      planned: text,
      plan: asVersion1(args.plan),
      reflector: reflector.name,
      attached: args.network !== undefined,
    };
    // The first to ask the Docker host: where that does not answer, nothing else says so once more.
    const look = new local.Command(
      `${name}-look`,
      {
        create: "bin/seamless internal reflector-look",
        environment: { ...variables, SEAMLESS_CONTAINER: containerName },
        stdin: JSON.stringify(looked),
      },
      { parent: this },
    );
    order.looked.add(look);
    const reference = args.image ?? kind.image.tag;
    const image = new local.Command(
      `${name}-image`,
      {
        create: `bin/seamless internal ${args.image === undefined ? "reflector-image" : "reflector-pull"}`,
        environment: { ...variables, SEAMLESS_IMAGE: reference },
      },
      { parent: this, dependsOn: look },
    );
    const volume = new docker.Volume(
      `${name}-config`,
      { name: `${containerName}-config` },
      { parent: this, provider, dependsOn: look },
    );
    const seed = new local.Command(
      // Of each kind its own, for a later file of the same kind is ignored.
      named === undefined ? `${name}-seed` : `${name}-seed-${named}`,
      {
        create: "bin/seamless internal reflector-seed",
        environment: {
          ...variables,
          SEAMLESS_IMAGE: reference,
          SEAMLESS_VOLUME: volume.name,
          // The daemon was root before: a file of those days may be for root alone.
          SEAMLESS_MODE: "0644",
          ...secrets,
        },
        stdin: text,
      },
      // Later configurations go to the running daemon.
      {
        parent: this,
        dependsOn: image,
        ignoreChanges: ["stdin", ...Object.keys(secrets).map((name) => `environment.${name}`)],
      },
    );
    const container = new docker.Container(
      `${name}-${kind.container.resource}`,
      {
        name: containerName,
        image: image.stdout,
        entrypoints: [...kind.container.entrypoints],
        command: [...kind.container.command, ...(kind.container.arguments?.(reflector) ?? [])],
        ...(kind.container.envs === undefined ? {} : { envs: [...kind.container.envs] }),
        ...confinement(
          kind.container.apiFolder,
          args.network === undefined,
          endsAt(args.plan.sessions, reflector.name).some(({ session }) => session.bfd),
        ),
        restart: "unless-stopped",
        // SIGTERM would tell the nodes that all routes are gone; without a word they keep them for the restart time.
        stopSignal: "SIGKILL",
        mounts: [{ type: "volume", source: volume.name, target: kind.container.configFolder }],
        ...(args.network === undefined
          ? { networkMode: "host" }
          : { networksAdvanced: [attached(args.network, reflector)] }),
      },
      {
        parent: this,
        provider,
        dependsOn: inTurn(order, reflector, seed),
        ...order.turns.noting(reflector.name),
        deleteBeforeReplace: true,
        // A reflector that becomes one of another kind keeps its name and its address, which only one container can have.
        aliases: Object.values(routerKinds)
          .filter((other) => other !== kind)
          .map((other) => ({ name: `${name}-${other.container.resource}` })),
      },
    );
    const widened = new local.Command(
      `${name}-neighbours`,
      {
        create: "bin/seamless internal reflector-config",
        update: "bin/seamless internal reflector-config",
        environment: {
          ...variables,
          SEAMLESS_CONTAINER: containerName,
          // A new container may have started with an old file.
          SEAMLESS_CONTAINER_ID: container.id,
          ...secrets,
        },
        stdin: text,
      },
      {
        parent: this,
        dependsOn: inTurn(order, reflector),
        ...order.turns.noting(reflector.name),
      },
    );
    order.widened.add(widened);
    order.turns.add(reflector.name, container, widened);
    this.widened = widened;
    new local.Command(
      `${name}-narrow`,
      {
        create: "bin/seamless internal reflector-narrow",
        update: "bin/seamless internal reflector-narrow",
        environment: {
          ...variables,
          SEAMLESS_CONTAINER: containerName,
          // Whenever something was kept, and also when the plan is then as it was before.
          SEAMLESS_WIDENED: widened.stdout,
          ...secrets,
        },
        stdin: text,
      },
      { parent: this, dependsOn: narrowAfter(order, widened) },
    );
    if (args.order === undefined) order.close();
    this.container = container.name;
    this.registerOutputs({ container: container.name });
  }
}

/** Its place in a Docker network. An IPv6 address takes one that has IPv6 (docker network create --ipv6). */
function attached(name: Input<string>, reflector: ReflectorPlan) {
  const [four, six] = [addressOf(reflector, 4), addressOf(reflector, 6)];
  return {
    name,
    ...(four === undefined ? {} : { ipv4Address: four }),
    ...(six === undefined ? {} : { ipv6Address: six }),
  };
}

/** Everything has been looked at, and the sessions of the reflectors ahead of it are back. */
async function inTurn(
  { looked, turns }: UpdateOrder,
  { name }: ReflectorPlan,
  ...more: readonly Resource[]
): Promise<Resource[]> {
  return looked.and(...more, ...(await turns.before(name)));
}

/** All COEs have moved, and what is to agree by then does. */
async function narrowAfter(order: UpdateOrder, widened: Resource): Promise<Resource[]> {
  return order.gated.and(...(await order.moved.and(widened)));
}

/** By the environment, for the file on standard input is shown by every preview. */
function passwordVariables({
  plan,
  reflector,
  passwords = {},
}: ReflectorArgs): Record<string, Output<string>> {
  const names = endsAt(plan.sessions, reflector.name).flatMap(
    ({ session }) => session.password ?? [],
  );
  if (names.length === 0) return {};
  const needed = output(passwords).apply((all) =>
    JSON.stringify(
      Object.fromEntries([...new Set(names)].sort().map((name) => [name, all[name] ?? ""])),
    ),
  );
  return { [passwordsVariable]: secret(needed) };
}
