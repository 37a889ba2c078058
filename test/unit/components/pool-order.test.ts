import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { poolOrderFindings } from "../../../components/kubernetes/inspect/pool-order";

const config = readStackConfig("Pulumi.lab.yaml");
const [old, added] = ["192.168.0.0/18", "192.168.64.0/18"];

function findings(podCidr: string | readonly string[], ...there: readonly string[]) {
  const { kubernetes } = config.coes;
  if (kubernetes === undefined) throw new Error("no kubernetes in the lab");
  const coes = { ...config.coes, kubernetes: { ...kubernetes, podCidr } };
  const coe = makePlan({ ...config, coes }).coes.kubernetes;
  if (coe === undefined) throw new Error("no kubernetes in the plan");
  return poolOrderFindings(
    coe,
    there.map((cidr) => ({ cidr })),
  );
}

test("a new range is not written before the one that is there", () => {
  expect(findings([added, old], old)).toEqual([
    {
      id: "pools/order",
      level: "blocks",
      found: "podCidr begins with 192.168.64.0/18, which has no pool yet; 192.168.0.0/18 has one",
      effect: "the stack would take the new pool for the old one, and remove that",
      advice: "write 192.168.0.0/18 first in coes.kubernetes.podCidr, and new ranges behind it",
    },
  ]);
});

test.each([
  [[old, added], [old]],
  [
    [added, old],
    [old, added],
  ],
  [[old, added], []],
  [old, []],
])("%j with pools of %j is as it should be", (podCidr, there) => {
  expect(findings(podCidr, ...there)).toEqual([]);
});
