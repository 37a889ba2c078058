import { makePlan, parseConfig } from "../../components/kinds/planning";
import type { Plan } from "../../plan/types";

export const dcosNodes = {
  "agent-1": { address: "172.16.18.43" },
  "agent-2": { address: "172.16.18.44" },
  master: { address: "172.16.18.42", role: "master" },
  "public-1": { address: "172.16.18.45", role: "public" },
};

/** Records of a configuration beside DC/OS' own. */
interface Around {
  readonly asn?: number;
  /** Other COEs, by name. */
  readonly coes?: Readonly<Record<string, object>>;
}

/** A plan of a DC/OS cluster that exists, with fields of it as they are given. */
export function dcosPlan(changes: object = {}, { asn = 64511, coes = {} }: Around = {}): Plan {
  const dcos = {
    kind: "dcos",
    podCidr: "192.168.128.0/17",
    policy: "open",
    access: { url: "http://127.0.0.1:18080", etcd: ["http://127.0.0.1:12379"] },
    nodes: dcosNodes,
    ...changes,
  };
  return makePlan(
    parseConfig({
      network: { nodes: "172.16.18.0/24", asn },
      reflectors: { reflector: { kind: "gobgp", address: "172.16.18.32" } },
      coes: { dcos, ...coes },
    }),
  );
}

/** A Kubernetes cluster that exists, to stand beside it. */
export const kubernetesBeside = {
  kind: "kubernetes",
  podCidr: "192.168.0.0/17",
  policy: "open",
  access: { kubeconfig: "kubeconfig" },
  nodes: { "worker-1": { address: "172.16.18.34" } },
};
