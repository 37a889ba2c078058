import { z } from "zod";
import type { Shell } from "../../../plan/access";
import type { CoePlan, NodePlan, Plan } from "../../../plan/types";
import { messageOf } from "../../../util/errors";
import { addressIn, contains } from "../../../util/net";
import { ask, parsed } from "../../ask/shell";
import type { Answer, CoeContainer, CoeNode, IpamBlock, Workload } from "../../ask/types";
import { busyboxGet, getSilence } from "../../cluster/busybox";
import { type MakeProbe, probeName, probePort } from "../../contract/probe";
import { hostFaults, leftOnHost } from "../../linux/compare";
import { bridgeDevice, dockerNetwork } from "../../linux/input";
import { hostInputOf } from "../../linux/planned";
import { containersOf } from "../model/plan";

/** A network of Docker with its containers. */
const network = z.array(
  z.object({
    IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string() })).nullish() }),
    Containers: z
      .record(
        z.string(),
        z.object({
          Name: z.string(),
          IPv4Address: z.string().default(""),
          IPv6Address: z.string().default(""),
        }),
      )
      .nullish(),
  }),
);

const links = z.array(
  z.object({
    // An address that was not asked for is an empty object.
    addr_info: z.array(z.object({ local: z.string().optional() })).default([]),
  }),
);

const onBridge = z.array(z.object({ dst: z.string(), state: z.array(z.string()).default([]) }));
const bridgeRoutes = z.array(z.object({ dst: z.string(), protocol: z.string().default("") }));

/** What a host has for its containers: ranges, and who has which address. */
interface Own {
  readonly ranges: readonly string[];
  readonly holders: readonly { readonly name: string; readonly address: string }[];
}

/** Plain hosts are asked one by one: there is nobody else who knows of them. */
export const hostsProbe: MakeProbe = async (coe, access) => {
  const speakers = Object.values(coe.nodes).filter(({ speaker }) => speaker);
  const shellOf = (node: NodePlan): Shell | undefined => access.nodes[node.name];

  const on = (
    node: NodePlan,
    argv: readonly string[],
    { silence, input }: { readonly silence?: number; readonly input?: string } = {},
  ): Promise<Answer<string>> => {
    const shell = shellOf(node);
    return shell === undefined
      ? Promise.resolve({
          ...{ ok: false, asked: node.id, error: "no access to this node", unasked: true },
        })
      : ask(shell, node.id, argv, undefined, silence, input);
  };
  /** The same of all hosts; without one of them nobody knows all. */
  const all = async <T>(
    one: (node: NodePlan) => Promise<Answer<readonly T[]>>,
  ): Promise<Answer<readonly T[]>> => {
    const answers = await Promise.all(speakers.map(one));
    const failed = answers.find((answer) => !answer.ok);
    if (failed !== undefined) return failed;
    const value = answers.flatMap((answer) => (answer.ok ? answer.value : []));
    return { ok: true, asked: answers.map(({ asked }) => asked).join("; "), value };
  };

  return {
    host: undefined,

    workloads: () =>
      all<Workload>(async (node) => {
        const found = await ownOf(coe, node, on);
        if (!found.ok) return found;
        const servers = found.value.flatMap(({ holders }) =>
          holders.filter(({ name }) => name === probeName),
        );
        const [first, ...more] = servers.map(({ address }) => address);
        if (first === undefined) return { ...found, value: [] };
        const [address6] = more;
        const name = nameOn(node, probeName);
        const server = { name, coe: coe.name, node: node.id, port: probePort };
        const ofBoth = address6 === undefined ? {} : { address6 };
        return { ...found, value: [{ ...server, address: first, ...ofBoth }] };
      }),

    inside: (from, argv) => onHostOf(from, ["docker", "exec", probeName, ...argv]),

    fetch: (from, url) =>
      onHostOf(from, ["docker", "exec", probeName, ...busyboxGet(url)], getSilence),

    containers: () =>
      all<CoeContainer>(async (node) => {
        const found = await ownOf(coe, node, on);
        if (!found.ok) return found;
        const holders = found.value.flatMap((one) => one.holders);
        const value = holders.map(({ name, address }) => ({
          ...{ name: nameOn(node, name), address, node: node.id },
        }));
        return { ...found, value };
      }),

    blocks: () =>
      all<IpamBlock>(async (node) => {
        const found = await ownOf(coe, node, on);
        if (!found.ok) return found;
        const value = found.value.flatMap(({ ranges, holders }) =>
          ranges.map((cidr) => ({
            cidr,
            owners: [node.id],
            addresses: holders
              .filter(({ address }) => contains(cidr, address))
              .map(({ name, address }) => ({
                ...{ address, holder: nameOn(node, name), node: node.id },
              })),
          })),
        );
        return { ...found, value };
      }),

    nodes: () =>
      all<CoeNode>(async (node) => {
        const said = await on(node, ["ip", "-j", "address", "show", "scope", "global"]);
        return parsed(said, (text) => {
          const addresses = links
            .parse(JSON.parse(text))
            .flatMap(({ addr_info: infos }) => infos.flatMap(({ local }) => local ?? []));
          const planned = addresses.find((one) => one === node.address);
          return [{ name: node.name, address: planned ?? addresses[0] ?? "" }];
        });
      }),

    objects: (plan: Plan) =>
      all((node) =>
        told(coe, node, async () => {
          const shell = shellOf(node);
          if (shell === undefined) throw new Error("no access to this node");
          const input = hostInputOf(plan, coe, node, shell, containersOf(coe));
          return hostFaults((argv, text) => on(node, argv, inputOf(text)), input);
        }),
      ),

    async left() {
      const found = await all((node) =>
        told(coe, node, () => leftOnHost((argv, text) => on(node, argv, inputOf(text)), node.id)),
      );
      return found.ok ? { ...found, value: { faults: found.value, compared: [] } } : found;
    },

    besideSpeaker(name, argv) {
      const node = coe.nodes[name];
      return node === undefined
        ? Promise.resolve({ ok: false, asked: name, error: "no such node in the plan" })
        : on(node, argv);
    },
  };

  function onHostOf(
    { node: id }: Workload,
    argv: readonly string[],
    silence?: number,
  ): Promise<Answer<string>> {
    const node = speakers.find((one) => one.id === id);
    return node === undefined
      ? Promise.resolve({ ok: false, asked: id, error: "no such node in the plan" })
      : on(node, argv, silence === undefined ? {} : { silence });
  }
};

/** Containers of two hosts may have the same name. */
function nameOn(node: NodePlan, name: string): string {
  return `${node.name}/${name}`;
}

function inputOf(text: string | undefined): { readonly input?: string } {
  return text === undefined ? {} : { input: text };
}

type On = (node: NodePlan, argv: readonly string[]) => Promise<Answer<string>>;

/** By Docker's own IPAM; where Docker does not run, by the bridge: its route, and who has answered on it. */
async function ownOf(coe: CoePlan, node: NodePlan, on: On): Promise<Answer<readonly Own[]>> {
  if (containersOf(coe) === "docker")
    return parsed(await on(node, ["docker", "network", "inspect", dockerNetwork]), (text) =>
      network.parse(JSON.parse(text)).map(({ IPAM, Containers }) => ({
        ranges: (IPAM.Config ?? []).map(({ Subnet }) => Subnet),
        holders: Object.values(Containers ?? {}).flatMap(({ Name, IPv4Address, IPv6Address }) =>
          [IPv4Address, IPv6Address]
            .filter((address) => address !== "")
            .map((address) => ({ name: Name, address: addressIn(address) })),
        ),
      })),
    );
  const device = ["dev", bridgeDevice];
  const [routes, neighbours] = await Promise.all([
    on(node, ["ip", "-j", "route", "show", ...device]),
    on(node, ["ip", "-j", "neighbour", "show", ...device]),
  ]);
  if (!neighbours.ok) return neighbours;
  return parsed(routes, (text) => [
    {
      ranges: bridgeRoutes
        .parse(JSON.parse(text || "[]"))
        .filter(({ protocol }) => protocol === "kernel")
        .map(({ dst }) => dst),
      holders: onBridge
        .parse(JSON.parse(neighbours.value || "[]"))
        .filter(({ state }) => !state.includes("FAILED") && !state.includes("INCOMPLETE"))
        .map(({ dst }) => ({ name: dst, address: dst })),
    },
  ]);
}

async function told<T>(
  { speaker }: Pick<CoePlan, "speaker">,
  node: NodePlan,
  ask: () => Promise<T>,
): Promise<Answer<T>> {
  const asked = `${node.id}: ${speaker === "frr" ? "vtysh" : "birdcl"}, nft, docker`;
  try {
    return { ok: true, asked, value: await ask() };
  } catch (thrown) {
    return { ok: false, asked, error: messageOf(thrown), unasked: true };
  }
}
