import { z } from "zod";
import type { CoeAccess } from "../../../plan/access";
import type { CoePlan, NodePlan } from "../../../plan/types";
import { withPort } from "../../../util/net";
import { ask, parsed } from "../../ask/shell";
import type { Answer } from "../../ask/types";
import { curl, probeName } from "../../contract/probe";
import type { DcosSession } from "../api/session";
import { asksForToken } from "../api/system";
import { dcosPart } from "../model/plan";
import { appsService, etcdPortOf, openBalancer } from "../model/services";
import { serversOf } from "./haproxy";

/** A GET below the cluster's URL, parsed. */
export type Get = <T>(path: string, shape: z.ZodType<T>) => Promise<Answer<T>>;

type Use = (
  coe: CoePlan,
  access: CoeAccess,
  get: Get,
  session: DcosSession,
) => Promise<Answer<string>>;

const info = z.object({ name: z.string(), version: z.string(), frameworkId: z.string() });
const health = z.object({ health: z.string() });

/** Uses a package's service as its clients do. */
export function usePackage(
  name: string,
  coe: CoePlan,
  access: CoeAccess,
  get: Get,
  session: DcosSession,
): Promise<Answer<string>> {
  const uses: Readonly<Record<string, Use>> = {
    etcd: members,
    "marathon-user": marathon,
    "marathon-lb": balancers,
  };
  const use = uses[name];
  return use === undefined
    ? Promise.resolve({ ok: false, asked: coe.name, error: `no way to use ${name} is known` })
    : use(coe, access, get, session);
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
    dcosPart(coe).datastoreTls === true
      ? // By its address, which no certificate is for: what is asked is not whether it is the right one.
        [...curl(`https://${withPort(address, etcdPortOf(coe))}/health`), "--insecure"]
      : curl(`http://${withPort(address, etcdPortOf(coe))}/health`),
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
  const error = `no member has a leader: ${reasons(asked)}`;
  return { ok: false, asked: said, error, ...(asked.some(unasked) ? { unasked: true } : {}) };
}

/** What of the probe's app a load balancer goes by. */
const balanced = z.object({
  app: z.object({
    labels: z.object({ HAPROXY_GROUP: z.string().exactOptional() }).default({}),
    container: z
      .object({ portMappings: z.array(z.object({ servicePort: z.number() })).default([]) })
      .exactOptional(),
  }),
});

/** Asks HAProxy on every public agent what it serves: a healthy one may have been told of no app. */
async function balancers(
  coe: CoePlan,
  access: CoeAccess,
  get: Get,
  session: DcosSession,
): Promise<Answer<string>> {
  const asked = await each(coe, access, "public", () =>
    curl("http://127.0.0.1:9090/_haproxy_getconfig"),
  );
  const said = asked.map(({ answer }) => answer.asked).join("; ");
  const silent = asked.filter(({ answer }) => !answer.ok);
  if (silent.length > 0) {
    const error = reasons(silent);
    return { ok: false, asked: said, error, ...(silent.every(unasked) ? { unasked: true } : {}) };
  }
  const found = await get(`/service/${appsService(coe)}/v2/apps//${probeName}`, balanced);
  const port = found.ok ? portOf(found.value) : undefined;
  // Without a probe nobody knows what it should serve.
  if (port === undefined) return { ok: true, asked: said, value: `HAProxy on ${names(asked)}` };
  const without = asked.filter(
    ({ answer }) => !answer.ok || (serversOf(answer.value, port) ?? []).length === 0,
  );
  if (without.length === 0)
    return { ok: true, asked: said, value: `HAProxy on ${names(asked)} serves port ${port}` };
  const why = await whyNothing(coe, session);
  return {
    ok: false,
    asked: said,
    error: `HAProxy on ${names(without)} has no server for port ${port} of ${probeName}: ${why}`,
  };
}

function portOf({ app }: z.infer<typeof balanced>): number | undefined {
  return app.labels.HAPROXY_GROUP === undefined
    ? undefined
    : app.container?.portMappings[0]?.servicePort;
}

async function whyNothing(coe: CoePlan, session: DcosSession): Promise<string> {
  const url = openBalancer(coe);
  const refused = url !== undefined && (await asksForToken(session).catch(() => false));
  return refused
    ? `Admin Router asks for a token, and marathon-lb has no login to read ${url} with; set packages.marathon-lb.options.marathon-lb.secret_name`
    : "marathon-lb has not read the app from Marathon, or none of its tasks is healthy; look at the log of marathon-lb";
}

interface Asked {
  readonly node: NodePlan;
  readonly answer: Answer<string>;
}

function unasked({ answer }: Asked): boolean {
  return !answer.ok && answer.unasked === true;
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
          ? {
              ...{ ok: false, asked: `${node.id}: ${what.join(" ")}`, unasked: true },
              error: "no way to reach it",
            }
          : await ask(shell, node.id, what);
      return { node, answer };
    }),
  );
}
