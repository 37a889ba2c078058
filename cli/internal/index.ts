import type { Command } from "commander";

/** A step that a Pulumi Command resource runs: JSON on standard input, one result on standard output. */
export type InternalStep = () => Promise<void>;

const steps: Readonly<Record<string, () => Promise<{ readonly run: InternalStep }>>> = {
  "calico-etcd": () => import("../../components/dcos/steps/calico-etcd.js"),
  "calico-etcd-delete": () => import("../../components/dcos/steps/calico-etcd-delete.js"),
  "calico-etcd-v1": () => import("../../components/dcos/steps/calico-etcd-v1.js"),
  "calico-etcd-v1-delete": () => import("../../components/dcos/steps/calico-etcd-v1-delete.js"),
  "calico-mesh": () => import("../../components/dcos/steps/calico-mesh.js"),
  "calico-node-as": () => import("../../components/dcos/steps/calico-node-as.js"),
  "calico-node-as-delete": () => import("../../components/dcos/steps/calico-node-as-delete.js"),
  "calico-v1-mesh": () => import("../../components/dcos/steps/calico-v1-mesh.js"),
  "cluster-nodes": () => import("./cluster-nodes.js"),
  "dcos-inspect": () => import("../../components/dcos/steps/dcos-inspect.js"),
  "kubernetes-addons": () => import("../../components/kubernetes/steps/kubernetes-addons.js"),
  "kubernetes-give-back": () => import("../../components/kubernetes/steps/kubernetes-give-back.js"),
  "kubernetes-inspect": () => import("../../components/kubernetes/steps/kubernetes-inspect.js"),
  "kubernetes-node-as": () => import("../../components/kubernetes/steps/kubernetes-node-as.js"),
  "kubernetes-node-as-delete": () =>
    import("../../components/kubernetes/steps/kubernetes-node-as-delete.js"),
  "lab-credentials": () => import("./lab-credentials.js"),
  "lab-hosts": () => import("./lab-hosts.js"),
  "lab-images": () => import("./lab-images.js"),
  "lab-machine": () => import("./lab-machine.js"),
  "lab-machine-down": () => import("./lab-machine-down.js"),
  "lab-start": () => import("./lab-start.js"),
  "marathon-app": () => import("../../components/dcos/steps/marathon-app.js"),
  "marathon-app-delete": () => import("../../components/dcos/steps/marathon-app-delete.js"),
  "reflector-config": () => import("./reflector-config.js"),
  "reflector-image": () => import("./reflector-image.js"),
  "reflector-look": () => import("./reflector-look.js"),
  "reflector-narrow": () => import("./reflector-narrow.js"),
  "reflector-pull": () => import("./reflector-pull.js"),
  "reflector-sessions": () => import("./reflector-sessions.js"),
  "reflector-seed": () => import("./reflector-seed.js"),
};

/** `seamless internal STEP`: not part of the public contract, hence hidden. */
export function registerInternal(program: Command): void {
  program.command("internal <step>", { hidden: true }).action(async (name: string) => {
    const load = Object.hasOwn(steps, name) ? steps[name] : undefined;
    if (load === undefined) program.error(`unknown step '${name}'`);
    else await (await load()).run();
  });
}
