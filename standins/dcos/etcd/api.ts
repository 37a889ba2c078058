import { type ApiRequest, HttpError, type Reply } from "../../common/http";
import { nodeName } from "./node";
import type { EtcdScheduler } from "./scheduler";

type Status = "PENDING" | "IN_PROGRESS" | "COMPLETE" | "ERROR";

/** Answers one request to the scheduler's own API, as schedulers of the DC/OS SDK have it. */
export function etcdApi(scheduler: EtcdScheduler, request: ApiRequest): Reply {
  const { method, path } = request;
  if (method !== "GET") throw new HttpError(405, { message: `${method} is not served here` });
  const [, part, name = ""] = /^\/v1\/(health|plans|endpoints)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (part === "health") return { status: statusCode(overall(scheduler)), body: {} };
  if (part === "plans" && name === "") return { status: 200, body: Object.keys(plans) };
  if (part === "plans" && (name === "deploy" || name === "recovery")) {
    return plans[name](scheduler);
  }
  if (part === "endpoints" && name === "") return { status: 200, body: ["api"] };
  if (part === "endpoints" && name === "api") return { status: 200, body: endpoint(scheduler) };
  throw new HttpError(404, { message: `No ${path} here` });
}

const plans = { deploy: deployPlan, recovery: recoveryPlan } as const;

function statusCode(status: Status): number {
  // An expectation that failed: this is how the SDK tells of errors.
  if (status === "ERROR") return 417;
  return status === "COMPLETE" ? 200 : 202;
}

function overall(scheduler: EtcdScheduler): Status {
  return steps(scheduler).every(({ status }) => status === "COMPLETE") ? "COMPLETE" : "IN_PROGRESS";
}

function steps(scheduler: EtcdScheduler) {
  if (scheduler.settings.uninstall) {
    return [
      {
        name: "deregister",
        status: scheduler.uninstalled ? ("COMPLETE" as const) : ("IN_PROGRESS" as const),
        message: scheduler.uninstalled ? "nothing is left" : "ending the members",
      },
    ];
  }
  return scheduler.indexes().map((index) => ({
    name: `etcd-${index}:[node]`,
    status: scheduler.status(index),
    message: nodeName(index),
  }));
}

/** From then on members that miss are a matter of recovery. */
function hasDeployed({ settings, state }: EtcdScheduler): boolean {
  return state.deployed && !settings.uninstall;
}

function deployPlan(scheduler: EtcdScheduler): Reply {
  const deployed = hasDeployed(scheduler);
  const all = steps(scheduler).map((step) =>
    deployed ? { ...step, status: "COMPLETE" as const } : step,
  );
  const started = all.some((step) => step.status !== "PENDING");
  const complete = all.every((step) => step.status === "COMPLETE");
  const status = complete ? "COMPLETE" : started ? "IN_PROGRESS" : "PENDING";
  return plan(scheduler, status, all, complete ? [] : scheduler.errors);
}

/** What the scheduler does on its own once all members have been there. */
function recoveryPlan(scheduler: EtcdScheduler): Reply {
  const deployed = hasDeployed(scheduler);
  const open = deployed ? steps(scheduler).filter(({ status }) => status !== "COMPLETE") : [];
  const errors = deployed ? scheduler.errors : [];
  const status = errors.length > 0 ? "ERROR" : open.length > 0 ? "IN_PROGRESS" : "COMPLETE";
  return plan(scheduler, status, open, errors);
}

function plan(
  scheduler: EtcdScheduler,
  status: Status,
  all: readonly { readonly name: string; readonly status: string; readonly message: string }[],
  errors: readonly string[],
): Reply {
  const { deploy } = scheduler.settings;
  const phase = { id: "agents", name: "agents", strategy: deploy, status };
  const shown = all.map((step) => ({ id: step.name, ...step }));
  const phases = shown.length === 0 ? [] : [{ ...phase, steps: shown }];
  return {
    status: statusCode(errors.length > 0 ? "ERROR" : status),
    body: { phases, errors, strategy: "serial", status },
  };
}

function endpoint({ settings, state }: EtcdScheduler): unknown {
  const { name, clientPort } = settings;
  const nodes = [...state.nodes];
  return {
    address: nodes.map(([, node]) => `${node.address}:${clientPort}`),
    dns: nodes.map(
      ([index]) => `${nodeName(index)}.${name}.autoip.dcos.thisdcos.directory:${clientPort}`,
    ),
    vip: `api.${name}.l4lb.thisdcos.directory:${clientPort}`,
  };
}
