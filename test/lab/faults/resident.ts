import type { World } from "./world";

const [namespace, name] = ["kube-system", "resident"];

/**
 * Has a name server on the controller while the given part runs: a controller runs no probe, and which of the cluster's own
 * pods are there is the scheduler's choice.
 */
export async function withResident<T>(world: World, run: () => Promise<T>): Promise<T> {
  const where = ["--namespace", namespace];
  const output = ["--output", "json"];
  const deployment: { spec: { template: { spec: object } } } = JSON.parse(
    await world.kubectl("get", "deployment", "coredns", ...where, ...output),
  );
  const { spec } = deployment.spec.template;
  const pod = {
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace } },
    spec: { ...spec, nodeName: "controller" },
  };
  await world.kubectlWith(JSON.stringify(pod), "apply", "--filename", "-");
  try {
    const ready = ["--for=condition=Ready", "--timeout=55s"];
    await world.kubectl("wait", `pod/${name}`, ...where, ...ready);
    const made: { status: { podIP: string } } = JSON.parse(
      await world.kubectl("get", "pod", name, ...where, ...output),
    );
    world.settle("kubernetes/controller", made.status.podIP);
    return await run();
  } finally {
    await world.kubectl("delete", "pod", name, ...where, "--timeout=50s");
  }
}
