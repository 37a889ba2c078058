import { local } from "@pulumi/command";
import { type Input, output, type Resource, secret } from "@pulumi/pulumi";
import type { SshConfig } from "../../config/ssh";
import type { Shell } from "../../plan/access";
import { endsAt } from "../../plan/sessions";
import type { NodePlan, Plan } from "../../plan/types";
import type { AccessSecrets } from "../contract/deploy";
import { indented } from "../kept-step";
import type { UpdateOrder } from "../order";
import { passwordsVariable } from "../reflector/passwords";
import { type HostInput, keyVariable } from "./input";
import { sshShellOf } from "./shell";

/** How hosts are reached. */
export interface HostAccess extends Pick<AccessSecrets, "privateKey"> {
  /** By SSH, each at its own address. */
  readonly ssh?: SshConfig;
}

/** A host's shell for `seamless verify`, with the key where that is a secret. */
export function shellWithKey(
  ssh: SshConfig,
  node: NodePlan,
  { privateKey }: AccessSecrets,
): Input<Shell> {
  const shell = sshShellOf(ssh, node);
  if (privateKey === undefined) return shell;
  return output(privateKey).apply((key) => (key === "" ? shell : { ...shell, key }));
}

export interface HostResource {
  readonly name: string;
  readonly input: HostInput;
  /** Names of the steps that look, apply and remove: state of the stack. */
  readonly steps: { readonly look: string; readonly apply: string; readonly remove: string };
  readonly order: UpdateOrder;
  readonly parent: Resource;
  readonly access: HostAccess;
  readonly plan: Plan;
  readonly bgpPasswords?: Input<Readonly<Record<string, string>>>;
}

/** The two resources of a host: one looks at it, the other brings it to the plan. @returns the latter */
export function hostResource(one: HostResource): local.Command {
  const { name, input, steps, order, parent } = one;
  const stdin = indented(input);
  const run = (step: string) => `bin/seamless internal ${step}`;
  const key = keyOf(one);
  order.looked.add(
    new local.Command(
      `${name}-look`,
      { create: run(steps.look), update: run(steps.look), stdin, environment: key },
      { parent },
    ),
  );
  const applied = new local.Command(
    name,
    {
      create: run(steps.apply),
      update: run(steps.apply),
      delete: run(steps.remove),
      stdin,
      environment: { ...key, ...passwordsOf(one) },
    },
    { parent, dependsOn: ready(order) },
  );
  order.moved.add(applied);
  return applied;
}

async function ready(order: UpdateOrder): Promise<Resource[]> {
  return order.widened.and(...(await order.looked.and()));
}

function keyOf({ access: { privateKey } }: HostResource): Record<string, Input<string>> {
  return privateKey === undefined ? {} : { [keyVariable]: secret(privateKey) };
}

/** By the environment, for the file on standard input is shown by every preview. */
function passwordsOf({
  plan,
  input,
  bgpPasswords = {},
}: HostResource): Record<string, Input<string>> {
  const names = endsAt(plan.sessions, input.name).flatMap(({ session }) => session.password ?? []);
  if (names.length === 0) return {};
  const needed = output(bgpPasswords).apply((all) =>
    JSON.stringify(
      Object.fromEntries([...new Set(names)].sort().map((name) => [name, all[name] ?? ""])),
    ),
  );
  return { [passwordsVariable]: secret(needed) };
}
