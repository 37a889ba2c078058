import { ask, parsed } from "../../components/ask/shell";
import type { Answer } from "../../components/ask/types";
import type { Access } from "../../plan/access";
import { addressOf, families } from "../../plan/families";
import { nodeIn } from "../../plan/one-family";
import type { NodePlan, Plan } from "../../plan/types";
import { type Family, familyOf } from "../../util/net";
import { deployedCoes, speakersOf } from "../coes";
import { type End, oneElsewhere } from "../kernel/ends";
import { parseKernel } from "../kernel/parse";
import { kernelAsked, kernelCommand, type Question } from "../kernel/script";
import type { NodeKernel, TableRoute } from "../kernel/types";
import type { KernelRoute } from "../types";
import { each, type Needed, type Probes } from "./each";

/** Asks each node's kernel for all that it does with packets, by one program on each node. */
export function collectKernels(
  plan: Plan,
  access: Access,
  probes: Probes,
  ends: readonly End[],
  needed: Needed,
): Promise<Record<string, Answer<NodeKernel>>> {
  const asked = deployedCoes(plan).flatMap((coe) =>
    speakersOf(coe).flatMap((node) => {
      const known = access.coes[coe.name]?.nodes[node.name] !== undefined;
      if (!known || !needed.has(`kernels/${node.id}`)) return [];
      const own = families.flatMap((family) => {
        const [one, others] = [nodeIn(node, family), ends.filter(isOf(family))];
        return one === undefined ? [] : questionsOf(one, others);
      });
      const argv = kernelCommand(own, addressOf(node, 6) !== undefined);
      const get = async () => {
        const said = await askNode(access, probes, coe.name, node, argv);
        return {
          ...parsed(said, parseKernel),
          asked: `${node.id}: ${kernelAsked(familyOf(node.address))}`,
        };
      };
      return [[node.id, get] as const];
    }),
  );
  return each(asked, ([, get]) => get());
}

const isOf = (family: Family) => (end: End) => familyOf(end.address) === family;

/** Runs a program on a node, by its shell or through its COE. */
export async function askNode(
  access: Access,
  probes: Probes,
  coe: string,
  node: NodePlan,
  argv: readonly string[],
): Promise<Answer<string>> {
  const none = { ok: false as const, asked: node.id, unasked: true as const };
  const shell = access.coes[coe]?.nodes[node.name];
  if (shell === undefined) return { ...none, error: "no access to this node in the stack outputs" };
  const viaCoe = (args: readonly string[]) =>
    probes[coe]?.onNode?.(node.name, args) ??
    Promise.resolve({ ...none, error: "no access to the COE that reaches its nodes" });
  return ask(shell, node.id, argv, viaCoe);
}

/** How many other nodes a kernel is asked the way to: all of them are looked up in its tables, too. */
const most = 8;

/** From one container of the node to one on some others, and back. */
export function questionsOf(node: NodePlan, ends: readonly End[]): Question[] {
  const own = ends.find((end) => end.node.id === node.id);
  if (own === undefined) return [];
  const others = oneElsewhere(ends, node);
  const step = Math.max(1, Math.ceil(others.length / most));
  return others
    .filter((_, at) => at % step === 0)
    .flatMap(({ address, node: { address: near } }) => [
      { from: own.address, to: address, near: own.address },
      { from: address, to: own.address, near },
    ]);
}

/** The routes of the main table in both families, as those who look at no other table want them. */
export function mainRoutes(
  kernels: Readonly<Record<string, Answer<NodeKernel>>>,
): Record<string, Answer<readonly KernelRoute[]>> {
  const entries = Object.entries(kernels).map(
    ([id, answer]): [string, Answer<readonly KernelRoute[]>] => [
      id,
      answer.ok
        ? {
            ...answer,
            value: [...answer.value.routes, ...(answer.value.ipv6?.routes ?? [])]
              .filter(({ table }) => table === "main")
              .map(plain),
          }
        : answer,
    ],
  );
  return Object.fromEntries(entries);
}

function plain({ prefix, type, hops, protocol }: TableRoute): KernelRoute {
  const device = hops[0]?.device;
  return {
    ...{ prefix, type },
    gateways: hops.flatMap(({ gateway }) => gateway ?? []),
    ...(device === undefined ? {} : { device }),
    ...(protocol === undefined ? {} : { protocol }),
  };
}
