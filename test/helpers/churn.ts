import { setTimeout as pause } from "node:timers/promises";

/** Containers that come and go: 40 pods of Kubernetes and 6 tasks of DC/OS. */
export interface Churn {
  /** How many containers have come so far. */
  readonly started: () => number;
  /** Takes everything away. @throws Error with what failed while containers came and went */
  stop(): Promise<void>;
}

/** How the COEs are asked; each throws when it is refused. */
export interface ChurnAccess {
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** Marathon's API. */
  readonly marathon: string;
}

const [namespace, app] = ["churn", "churn"];
const [pods, tasks] = [40, 6];
/** In each step one of them comes and another goes: blocks are claimed and freed, and a machine of two cores keeps up. */
const groups = ["a", "b", "c", "d", "e"] as const;
const each = pods / groups.length;
/** Between two steps, once the pods of one are there. */
const stepMs = 4_000;

const objects = {
  ...{ apiVersion: "v1", kind: "List" },
  items: [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...groups.map((name) => ({
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace } },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app, name } },
        template: {
          metadata: { labels: { app, name } },
          spec: {
            ...{ automountServiceAccountToken: false, terminationGracePeriodSeconds: 1 },
            containers: [
              {
                ...{ name: "sleep", image: "localhost/seamless/probe:1", command: ["/probe"] },
                resources: { requests: { cpu: "1m", memory: "8Mi" } },
              },
            ],
          },
        },
      },
    })),
  ],
};

/** Has containers come and go until it is stopped. */
export async function churn({ kubectl, marathon }: ChurnAccess): Promise<Churn> {
  const ending = new AbortController();
  let [started, failed] = [0, undefined as unknown];

  const inNamespace = ["--namespace", namespace];
  const scale = (name: string, replicas: number) =>
    kubectl(["scale", "deployment", name, ...inNamespace, `--replicas=${replicas}`]);
  const ask = async (method: string, path: string, body?: object) => {
    const reply = await fetch(`${marathon}/v2/apps/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    if (!reply.ok && reply.status !== 404)
      throw new Error(`Marathon, ${method} ${path}: ${reply.status} ${await reply.text()}`);
  };
  const step = async (comes: string, goes: string, instances: number) => {
    await Promise.all([scale(comes, each), scale(goes, 0)]);
    await ask("PUT", `/${app}?force=true`, { instances });
    await kubectl(["rollout", "status", "deployment", comes, ...inNamespace, "--timeout=120s"]);
    started += each + (instances === tasks ? tasks - 1 : 0);
  };

  await kubectl(["apply", "-f", "-"], JSON.stringify(objects));
  await ask("PUT", `/${app}?force=true`, {
    ...{ id: `/${app}`, cmd: "exec sleep 3600", cpus: 0.01, mem: 16, instances: 1 },
    ...{ acceptedResourceRoles: ["*", "slave_public"], container: { type: "MESOS" } },
    networks: [{ mode: "container", name: "calico-open" }],
  });
  const running = (async () => {
    for (let at = 0; !ending.signal.aborted; at++) {
      const [comes, goes] = [groups[at % groups.length], groups[(at + 1) % groups.length]];
      if (comes === undefined || goes === undefined) return;
      await step(comes, goes, at % 2 === 0 ? tasks : 1);
      await pause(stepMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })().catch((thrown: unknown) => {
    failed = thrown;
  });

  return {
    started: () => started,
    async stop() {
      ending.abort();
      await running;
      await ask("DELETE", `/${app}?force=true`);
      await kubectl(["delete", "namespace", namespace, "--timeout=120s"]);
      if (failed !== undefined) throw failed;
    },
  };
}
