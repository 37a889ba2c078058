import { birdContainer } from "../../components/reflector/bird/container";
import { frrContainer } from "../../components/reflector/frr/container";
import { gobgpContainer } from "../../components/reflector/gobgp/container";
import type { TestDocker } from "./dockerd";
import type { KubeApi } from "./kube-api";
import { root } from "./kube-stack";

const dist = `${root}/dist`;

/** One reflector of each kind. */
export const reflectors = {
  "rr-1": { name: "rr-1", kind: "gobgp", address: "172.16.18.2", file: gobgpContainer.configFile },
  "rr-2": { name: "rr-2", kind: "bird", address: "172.16.18.3", file: birdContainer.configFile },
  "rr-3": { name: "rr-3", kind: "frr", address: "172.16.18.4", file: frrContainer.configFile },
} as const;

interface Settings {
  readonly nodes: Readonly<Record<string, { readonly address: string }>>;
  readonly password: string;
  /** Whether reflectors change one after the other. */
  readonly inTurn: boolean;
  /** By reflector, its image. Default: the one that is made. */
  readonly images?: Readonly<Record<string, string>>;
  /** Default: that of the first. */
  readonly clusterId?: string;
  /** Default: any number. */
  readonly prefixLimit?: number;
  /** How long sessions are waited for, in milliseconds. Default: as the product has it. */
  readonly timeoutMs?: number;
}

/** A program with the reflectors and a Kubernetes. */
export function turnsProgram(
  { host }: TestDocker,
  { kubeconfig }: KubeApi,
  {
    nodes,
    password,
    inTurn,
    images = {},
    clusterId = "172.16.18.2",
    prefixLimit,
    timeoutMs,
  }: Settings,
): string {
  const planned = Object.fromEntries(
    Object.entries(reflectors).map(([name, { kind, address }]) => [
      name,
      { kind, address, clusterId },
    ]),
  );
  const patience = JSON.stringify(timeoutMs === undefined ? {} : { timeoutMs });
  const turns = `reflectorTurns(plan, () => shells, async () => plan, ${patience})`;
  return `
import { secret } from "@pulumi/pulumi";
import { KubernetesPeering } from "${dist}/components/kubernetes/peering";
import { UpdateOrder } from "${dist}/components/order";
import { Reflector } from "${dist}/components/reflector";
import { reflectorTurns } from "${dist}/components/reflector/in-turn";
import { reflectorShell } from "${dist}/components/reflector/shell";
import { makePlan, readStackConfig } from "${dist}/components/kinds/planning";
const lab = readStackConfig("${root}/Pulumi.lab.yaml");
const changes = ${JSON.stringify(prefixLimit === undefined ? {} : { prefixLimit })};
const kubernetes = { ...lab.coes.kubernetes, addons: {}, nodes: ${JSON.stringify(nodes)}, ...changes };
const images = ${JSON.stringify(images)};
const reflectors = ${JSON.stringify(planned)};
const plan = makePlan({ ...lab, reflectors, coes: { kubernetes }, bgpPasswords: ["kubernetes"] });
const dockerHost = "${host}";
const shells = {};
const order = new UpdateOrder(${inTurn ? turns : ""});
const bgpPasswords = secret({ kubernetes: ${JSON.stringify(password)} });
const running = {};
for (const reflector of Object.values(plan.reflectors)) {
  const image = images[reflector.name];
  const own = { plan, reflector, passwords: bgpPasswords, dockerHost, network: "nodes", order };
  const args = { ...own, ...(image === undefined ? {} : { image }) };
  const { widened: resource } = new Reflector(reflector.name, args, {});
  shells[reflector.name] = reflectorShell(reflector.name, { dockerHost }, reflector.kind);
  running[reflector.name] = { ...shells[reflector.name], resource };
}
const access = { kubeconfig: ${JSON.stringify(kubeconfig)} };
new KubernetesPeering("kubernetes", { plan, coe: "kubernetes", access, reflectors: running, bgpPasswords, order }, {});
order.close();
`;
}
