import { join } from "node:path";
import { stringify } from "yaml";
import { checkObject } from "../../components/speakers/calico/check";
import { exec } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { Etcd } from "../helpers/etcd";
import { type Case, expected, kubernetesVerdicts, verdicts } from "../helpers/verdicts";

const etcd = new Etcd();
/** Where calicoctl keeps objects of the kinds we check; tiers are few, and stay. */
const folders = [
  ...["bgpconfigurations", "bgppeers", "globalnetworkpolicies", "globalnetworksets"],
  ...["ippools", "profiles"],
].map((kind) => `/calico/resources/v3/projectcalico.org/${kind}/`);

const apply = (document: unknown) =>
  exec([join(toolsBin(), "calicoctl"), "apply", "-f", "-"], {
    input: stringify(document),
    env: { DATASTORE_TYPE: "etcdv3", ETCD_ENDPOINTS: etcd.endpoint },
    timeoutMs: 15_000,
  });

const apiVersion = "projectcalico.org/v3";

beforeAll(async () => {
  await etcd.up();
  for (const [kind, name] of [
    ["Tier", "seamless"],
    ["BGPFilter", "known"],
  ]) {
    const { code, stderr } = await apply({ apiVersion, kind, metadata: { name }, spec: {} });
    if (code !== 0) throw new Error(stderr);
  }
}, 30_000);

afterAll(() => etcd.down());

test("there is a table worth asking about", () => {
  const all = verdicts().flatMap(({ cases }) => cases);
  expect(all.filter(({ accepted }) => accepted).length).toBeGreaterThan(100);
  expect(all.filter(({ accepted }) => !accepted).length).toBeGreaterThan(200);
});

/**
 * What calicoctl takes, on a datastore without objects of the kinds we make. An exit code of 1 is a verdict; any other
 * end is none.
 */
async function taken(cases: readonly Case[]): Promise<Record<string, boolean>> {
  const verdict: Record<string, boolean> = {};
  for (const { says, document } of cases) {
    for (const folder of folders) await etcd.remove(folder);
    const { code, stdout, stderr } = await apply(document);
    if (code !== 0 && code !== 1) throw new Error(`${says}: ${code}: ${stdout}${stderr}`);
    verdict[says] = code === 0;
  }
  return verdict;
}

test.each(verdicts())(
  "calicoctl and we agree: $rule",
  async ({ cases }) => {
    const theirs = await taken(cases);
    expect(theirs).toEqual(expected(cases));
    const ours = cases.map(({ says, document }) => [says, checkObject(document).length === 0]);
    expect(Object.fromEntries(ours)).toEqual(theirs);
  },
  30_000,
);

test("calicoctl takes what only the Kubernetes API refuses", async () => {
  const cases = kubernetesVerdicts().flatMap((one) => one.cases);
  expect(Object.values(await taken(cases))).toEqual(cases.map(() => true));
}, 30_000);
