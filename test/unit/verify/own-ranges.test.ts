import type { CoeContainer, IpamBlock } from "../../../components/ask/types";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { checksOf } from "../../../verify/checks";
import { healthy, ok } from "./fixture";

const plan = makePlan(
  parseConfig({
    network: { supernet: "192.168.0.0/16", nodes: "172.16.18.0/24", asn: 64511 },
    reflectors: { rr: { kind: "gobgp", address: "172.16.18.32" } },
    coes: {
      plain: {
        ...{ kind: "kubernetes", speaker: "frr-k8s", policy: "open" },
        podCidr: "192.168.0.0/17",
        access: { kubeconfig: "/no" },
        nodes: {
          one: { address: "172.16.18.33", podCidr: "192.168.0.0/24" },
          two: { address: "172.16.18.34", podCidr: "192.168.1.0/24" },
        },
      },
    },
  }),
);
const blocks: IpamBlock[] = ["one", "two"].map((node, at) => ({
  ...{ cidr: `192.168.${at}.0/24`, owners: [`plain/${node}`], addresses: [] },
}));

function judge(...containers: CoeContainer[]) {
  const check = checksOf(plan).find(({ id }) => id === "containers/plain");
  if (check === undefined) throw new Error("no such check");
  const { status, found, cause, remedy } = check.judge({
    ...healthy,
    containers: { plain: ok("pods", containers) },
    blocks: { plain: ok("nodes", blocks) },
  });
  return status === "pass" ? [status, found] : [status, found, cause, remedy];
}

const web = (address: string) => ({ name: "shop/web", node: "plain/two", address });
const advice = [
  "the network of containers on these nodes has another range than the node",
  "give it the node's own range (coes.plain.nodes.<node>.podCidr), and start these containers again",
];

test("a container is in the range of its own node", () => {
  expect(judge(web("192.168.1.7"))).toEqual(["pass", "1 containers, all in blocks of the plan"]);
});

test("a container in the range of another node, or of none, does not get its packets", () => {
  expect(judge(web("192.168.0.7"))).toEqual([
    "fail",
    "shop/web on plain/two has 192.168.0.7, in the range of plain/one, to which others send its packets",
    ...advice,
  ]);
  expect(judge(web("192.168.9.7"))).toEqual([
    "fail",
    "shop/web on plain/two has 192.168.9.7, which is in no block of IPAM",
    ...advice,
  ]);
});
