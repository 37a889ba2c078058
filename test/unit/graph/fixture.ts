import { makePlan, parseConfig } from "../../../components/kinds/planning";
import type { RawConfig } from "../../../config";
import type { Plan } from "../../../plan";

const network = {
  supernet: "192.168.0.0/16",
  nodes: ["10.1.0.0/24", "10.2.0.0/24"],
  asn: 64511,
};
const reflectors = { rr: { kind: "gobgp", address: "10.1.0.2" } };
const access = { kubeconfig: "/etc/kubeconfig" };

/** A Kubernetes of some workers in each of two racks, and one of its own AS without services. */
export function planOf(workers: number, more: Partial<RawConfig> = {}): Plan {
  const inRack = (rack: number) =>
    Array.from({ length: workers }, (_, at) => [
      `r${rack}-${at + 1}`,
      { address: `10.${rack}.0.${at + 10}` },
    ]);
  return makePlan(
    parseConfig({
      network,
      reflectors,
      coes: {
        big: {
          kind: "kubernetes",
          podCidr: ["192.168.0.0/18", "192.168.64.0/20"],
          retiring: ["192.168.64.0/20"],
          serviceCidr: "10.96.0.0/16",
          policy: "open",
          access,
          nodes: Object.fromEntries([...inRack(1), ...inRack(2)]),
        },
        small: {
          kind: "kubernetes",
          podCidr: "192.168.128.0/20",
          loadBalancerCidr: "10.98.0.0/24",
          policy: "open",
          access,
          nodes: { one: { address: "10.1.0.250", asn: 64600 } },
        },
      },
      ...more,
    }),
  );
}

/** A plan whose texts are what somebody puts into them who wants to break what reads them. */
export function hostilePlan(name: string): Plan {
  const plan = planOf(1);
  const small = plan.coes.small;
  const one = small?.nodes.one;
  if (small === undefined || one === undefined) throw new Error("no small COE in the fixture");
  return {
    ...plan,
    coes: { small: { ...small, name, nodes: { one: { ...one, name, role: name } } } },
  };
}

export const hostileNames = [
  '"]; end; n0 --> n1["',
  "</text><script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "`**1. list**` *a* _b_ # end",
  "1. first\n- second\r\n\u0000\u0007\u2028]]>",
  '\\N\\G\\"&quot;&#34; %%{init:{}}%% ftp://a',
  "名前 🚀 \ud800 \u202egnorw",
  'click n0 href "javascript:alert(1)" | }{ ()[]',
];
