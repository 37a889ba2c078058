import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { CoeAccess } from "../../plan/access";
import type { CoePlan } from "../../plan/types";
import type { ExecResult } from "../../util/exec";
import { runProgram } from "../ask/program";
import { answer, notRun, parsed } from "../ask/shell";
import type { Answer, ServiceAddress, ServiceRange, Workload } from "../ask/types";
import { accessAs, type KindProbe, probeName, probePort } from "../contract/probe";
import { type AgentPods, Agents } from "./agents";
import { busyboxGet, getSilence } from "./busybox";
import { ownWord, type Run } from "./own-word";
import { inPlannedFamilies, podAddresses, podIps } from "./pod-addresses";

const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string() }),
      spec: z.object({ nodeName: z.string().default("") }),
      status: z.object({
        phase: z.string().default(""),
        podIP: z.string().optional(),
        podIPs: podIps,
      }),
    }),
  ),
});

const service = z.object({
  spec: z.object({
    clusterIP: z.string(),
    clusterIPs: z.array(z.string()).default([]),
    externalIPs: z.array(z.string()).default([]),
  }),
  status: z.object({
    loadBalancer: z
      .object({ ingress: z.array(z.object({ ip: z.string().optional() })).default([]) })
      .default({ ingress: [] }),
  }),
});

const timeoutMs = 20_000;

/** kubectl says the exit code of a program that it has run in a pod; whatever else it says, it ran none. */
function ranInPod({ code, stderr }: ExecResult): boolean {
  return /^command terminated with exit code/m.test(stderr) && !notRun.has(code);
}

/** An error of the API itself, as opposed to an API that is away, busy, or not for this user. */
function apiAnswered({ stderr }: ExecResult): boolean {
  const [, reason] = /^Error from server \((\w+)\)/m.exec(stderr) ?? [];
  return reason !== undefined && !["Timeout", "TooManyRequests", "Forbidden"].includes(reason);
}

/** How a cluster is reached, as the stack outputs have it. */
const clusterAccess = z.object({
  kubeconfig: z.string().exactOptional(),
  context: z.string().exactOptional(),
});

/** How a cluster is asked for what its speaker and its add-ons have to do with. */
export type ClusterWord = Pick<KindProbe, "blocks" | "objects" | "left"> &
  Partial<Pick<KindProbe, "addon">>;

/**
 * @param run also gives what kubectl printed when it failed
 * @param beside runs a program beside the speaker of a node
 */
export type MakeWord = (
  coe: CoePlan,
  kubectl: Kubectl,
  run: Run,
  beside: KindProbe["besideSpeaker"],
) => ClusterWord;

/** @param silence the exit code of a program that got no answer at all */
export type Kubectl = (args: readonly string[], silence?: number) => Promise<Answer<string>>;

/**
 * A cluster is asked by kubectl: the user's own tool, with the user's own rights.
 * @param agentPods in which the speaker of each node can be asked
 */
export async function clusterProbe(
  coe: CoePlan,
  outputs: CoeAccess,
  scratch: string,
  agentPods: AgentPods,
  word: MakeWord,
): Promise<KindProbe> {
  const access = accessAs(clusterAccess, coe, outputs);
  const kubeconfig = join(scratch, `kubeconfig-${coe.name}-${randomUUID()}`);
  await writeFile(kubeconfig, access.kubeconfig ?? "", { mode: 0o600 });
  const context = access.context === undefined ? [] : ["--context", access.context];

  const limit = `--request-timeout=${timeoutMs / 1000}s`;
  const run = (args: readonly string[]) =>
    runProgram("kubectl", [`--kubeconfig=${kubeconfig}`, ...context, limit, ...args], {
      timeoutMs,
    });
  const kubectl = async (args: readonly string[], silence?: number): Promise<Answer<string>> =>
    answer(
      `${coe.name}: kubectl ${args.join(" ")}`,
      await run(args),
      silence,
      args[0] === "exec" ? ranInPod : apiAnswered,
    );

  const pods = async (args: readonly string[]) =>
    parsed(
      await kubectl(["get", "pods", ...args, "-o", "json"]),
      (text) => podList.parse(JSON.parse(text)).items,
    );

  const [zone] = coe.names?.zones ?? [];
  const agents = new Agents(kubectl, agentPods);
  const beside = (node: string, argv: readonly string[]) => agents.run(node, argv);

  return {
    host: zone === undefined ? undefined : `${probeName}.seamless.svc.${zone}`,

    async workloads() {
      const found = await pods(["-n", "seamless", "-l", `app=${probeName}`]);
      if (!found.ok) return found;
      const value = found.value.flatMap(({ metadata, spec, status }): Workload[] => {
        const [address, address6] = podAddresses(coe, status);
        if (status.phase !== "Running" || address === undefined) return [];
        return [
          {
            ...{
              name: metadata.name,
              coe: coe.name,
              node: `${coe.name}/${spec.nodeName}`,
              address,
            },
            ...(address6 === undefined ? {} : { address6 }),
            port: probePort,
          },
        ];
      });
      return { ...found, value: value.sort((a, b) => a.name.localeCompare(b.name)) };
    },

    async services() {
      const found = parsed(
        await kubectl(["get", "service", "-n", "seamless", probeName, "-o", "json"]),
        (text) => service.parse(JSON.parse(text)),
      );
      if (!found.ok) return found;
      const { spec, status } = found.value;
      const at = (range: ServiceRange) => (address: string) => ({
        range,
        address,
        port: probePort,
      });
      const published = status.loadBalancer.ingress.flatMap(({ ip }) => ip ?? []);
      const value: ServiceAddress[] = [
        ...inPlannedFamilies(coe, spec.clusterIPs, spec.clusterIP).map(at("clusterIPs")),
        ...spec.externalIPs.map(at("externalIPs")),
        // Calico adds external addresses to those it has taken from the pool.
        ...published
          .filter((address) => !spec.externalIPs.includes(address))
          .map(at("loadBalancerIPs")),
      ];
      return { ...found, value };
    },

    inside: (from, argv) => kubectl(["exec", "-n", "seamless", from.name, "--", ...argv]),

    fetch(from, url) {
      const get = ["exec", "-n", "seamless", from.name, "--", ...busyboxGet(url)];
      return kubectl(get, getSilence);
    },

    onNode: (node, argv) => agents.run(node, argv),

    besideSpeaker: beside,

    ...ownWord(coe, kubectl),
    ...word(coe, kubectl, run, beside),
  };
}
