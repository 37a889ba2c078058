import type { Kubectl } from "../../../components/cluster/kubectl";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { affinityFindings } from "../../../components/kubernetes/inspect/affinity";

const planOf = (kubernetes: object) =>
  makePlan(
    parseConfig({
      network: { nodes: "192.0.2.0/24", asn: 64511, nodeFilters: true },
      reflectors: { rr: { kind: "gobgp", address: "192.0.2.1" } },
      coes: {
        k: {
          kind: "kubernetes",
          podCidr: "10.64.0.0/16",
          serviceCidr: "10.96.0.0/16",
          announceServices: true,
          policy: "open",
          access: { kubeconfig: "file" },
          nodes: { worker: { address: "192.0.2.2" } },
          ...kubernetes,
        },
      },
    }),
  );

/** What is accepted of the node, and by every node. */
const accepted = (kubernetes: object) => {
  const { fences, nodeAcceptance = [] } = planOf(kubernetes);
  const text = ({ cidr, minLength, maxLength }: (typeof nodeAcceptance)[number]) =>
    `${cidr} ${minLength}..${maxLength}`;
  const own = (fences["k/worker"]?.prefixes ?? []).map(text);
  expect(nodeAcceptance.map(text)).toEqual(own);
  return own;
};

test("single addresses are refused where the plan says that nobody announces any", () => {
  const [blocks, borrowed] = ["10.64.0.0/16 26..26", "10.64.0.0/16 32..32"];
  const [services, local] = ["10.96.0.0/16 16..16", "10.96.0.0/16 32..32"];
  expect(accepted({})).toEqual([blocks, borrowed, services, local]);
  expect(accepted({ strictAffinity: true })).toEqual([blocks, services, local]);
  expect(accepted({ localServices: false })).toEqual([blocks, borrowed, services]);
  expect(accepted({ strictAffinity: true, localServices: false })).toEqual([blocks, services]);
});

test("what is as without a word changes no plan", () => {
  expect(planOf({ strictAffinity: false, localServices: true })).toEqual(planOf({}));
});

/** A cluster with some of Calico's IPAMConfigs. */
function cluster(items: readonly object[]): Kubectl {
  const said = { code: 0, stdout: JSON.stringify({ items }), stderr: "" };
  return Object.assign(async () => said, { server: "test" });
}
const config = (spec: object) => ({ kind: "IPAMConfig", metadata: { name: "default" }, spec });

test.each([
  [[], "no IPAMConfig default"],
  [[config({ strictAffinity: false })], "strictAffinity of the IPAMConfig default is not true"],
] as const)("a cluster whose nodes may borrow is refused: %j", async (items, why) => {
  expect(await affinityFindings(cluster(items), { strictAffinity: true })).toEqual([
    {
      id: "calico/strictAffinity",
      level: "blocks",
      found: `IPAM lets nodes borrow addresses of each other's blocks (${why}); the plan has strictAffinity`,
      effect: "reflectors refuse borrowed addresses: nobody reaches the containers that have them",
      advice: "run: calicoctl ipam configure --strictaffinity=true; or leave strictAffinity out",
    },
  ]);
});

test("one whose nodes may not is fine, and is asked only where the plan says so", async () => {
  const strict = cluster([config({ strictAffinity: true })]);
  expect(await affinityFindings(strict, { strictAffinity: true })).toEqual([]);
  const silent: Kubectl = Object.assign(() => Promise.reject(new Error("nobody is to ask")), {
    server: "test",
  });
  expect(await affinityFindings(silent, {})).toEqual([]);
});
