import type { Kubectl } from "../../../components/cluster/kubectl";
import { asNumberFindings } from "../../../components/kubernetes/inspect/as-numbers";
import type { CalicoPlan } from "../../../components/speakers/calico/types";

const plan = (asn: number, reflector: number): CalicoPlan => ({
  podCidr: "10.64.0.0/16",
  blockSize: 26,
  asn,
  reflectors: { rr: { address: "192.0.2.1", asn: reflector } },
  announced: {},
  natOutgoing: false,
  foreign: {},
  policy: { mode: "open", sources: {} },
});

/** What kubectl was run with, its file left out. */
const asked: string[] = [];
const answering =
  (code: number, stderr: string): Kubectl =>
  async (args) => {
    asked.push(args.slice(0, -1).join(" "));
    return { code, stdout: "", stderr };
  };

beforeEach(() => asked.splice(0));

test("what fits in an int32 is not tried", async () => {
  expect(await asNumberFindings(answering(1, "no"), plan(2147483647, 64511))).toEqual([]);
  expect(asked).toEqual([]);
});

test("what does not is tried for each object, without changing it", async () => {
  expect(await asNumberFindings(answering(0, ""), plan(2147483648, 4200000001))).toEqual([]);
  const dryRun =
    "apply --server-side --dry-run=server --force-conflicts --field-manager=seamless-inspect --filename";
  expect(asked).toEqual([dryRun, dryRun]);
});

test("a server that could not try it is a note, and blocks nothing", async () => {
  const forbidden = 'bgppeers "192-0-2-1" is forbidden: User "viewer" cannot patch resource';
  expect(await asNumberFindings(answering(1, `${forbidden}\n`), plan(64511, 4200000001))).toEqual([
    {
      id: "as/BGPPeer/192-0-2-1",
      level: "notes",
      found: `AS 4200000001 for BGPPeer 192-0-2-1: ${forbidden}`,
      effect: "whether the API server takes a number above 2147483647 here could not be tried",
    },
  ]);
});
