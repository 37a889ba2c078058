import { z } from "zod";
import type { CoeAccess } from "../../plan/access";
import { etcdPort } from "../../plan/services";
import type { CoePlan, NodePlan } from "../../plan/types";
import { ask, parsed } from "../shell";
import type { Answer } from "../types";
import { curl } from "./types";

/** A GET below the cluster's URL, parsed. */
export type Get = <T>(path: string, shape: z.ZodType<T>) => Promise<Answer<T>>;

type Use = (coe: CoePlan, access: CoeAccess, get: Get) => Promise<Answer<string>>;

const info = z.object({ name: z.string(), version: z.string(), frameworkId: z.string() });
const health = z.object({ health: z.string() });

/** Uses a package's service as its clients do. */
export function usePackage(
  name: string,
  coe: CoePlan,
  access: CoeAccess,
  get: Get,
): Promise<Answer<string>> {
  const uses: Readonly<Record<string, Use>> = {
    etcd: members,
    "marathon-user": marathon,
    "marathon-lb": balancers,
  };
  const use = uses[name];
  return use === undefined
    ? Promise.resolve({ ok: false, asked: coe.name, error: `no way to use ${name} is known` })
    : use(coe, access, get);
}

/** Asks the second Marathon which framework it is. */
async function marathon(_coe: CoePlan, _access: CoeAccess, get: Get): Promise<Answer<string>> {
  const found = await get("/service/marathon-user/v2/info", info);
  if (!found.ok) return found;
  const { name, version, frameworkId } = found.value;
  return { ...found, value: `${name} ${version}, framework ${frameworkId}` };
}

/**
 * Asks each private agent for a member. A member says that it is healthy when it knows a leader, so one that says so
 * stands for a quorum ("etcd: health"); agents without a member answer nothing.
 */
async function members(coe: CoePlan, access: CoeAccess): Promise<Answer<string>> {
  const asked = await each(coe, access, "private", ({ address }) =>
    curl(`http://${address}:${etcdPort}/health`),
  );
  const healthy = asked.filter(({ answer }) => {
    const state = parsed(answer, (text) => health.parse(JSON.parse(text)));
    return state.ok && state.value.health === "true";
  });
  const said = asked.map(({ answer }) => answer.asked).join("; ");
  if (healthy.length > 0) {
    const value = `${healthy.length} members with a leader: ${names(healthy)}`;
    return { ok: true, asked: said, value };
  }
  return { ok: false, asked: said, error: `no member has a leader: ${reasons(asked)}` };
}

/** Asks HAProxy for itself on every public agent. */
async function balancers(coe: CoePlan, access: CoeAccess): Promise<Answer<string>> {
  const asked = await each(coe, access, "public", () =>
    curl("http://127.0.0.1:9090/_haproxy_health_check"),
  );
  const said = asked.map(({ answer }) => answer.asked).join("; ");
  const silent = asked.filter(({ answer }) => !answer.ok);
  if (silent.length > 0) return { ok: false, asked: said, error: reasons(silent) };
  return { ok: true, asked: said, value: `HAProxy on ${names(asked)}` };
}

interface Asked {
  readonly node: NodePlan;
  readonly answer: Answer<string>;
}

function names(asked: readonly Asked[]): string {
  return asked.map(({ node }) => node.name).join(", ");
}

function reasons(asked: readonly Asked[]): string {
  return asked
    .map(({ node, answer }) => `${node.name}: ${answer.ok ? answer.value.trim() : answer.error}`)
    .join("; ");
}

function each(
  coe: CoePlan,
  access: CoeAccess,
  role: string,
  argv: (node: NodePlan) => readonly string[],
): Promise<Asked[]> {
  const nodes = Object.values(coe.nodes).filter((node) => node.role === role);
  return Promise.all(
    nodes.map(async (node): Promise<Asked> => {
      const shell = access.nodes[node.name];
      const what = argv(node);
      const answer: Answer<string> =
        shell === undefined
          ? { ok: false, asked: `${node.id}: ${what.join(" ")}`, error: "no way to reach it" }
          : await ask(shell, node.id, what);
      return { node, answer };
    }),
  );
}
