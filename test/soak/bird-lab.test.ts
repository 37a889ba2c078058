import { bird } from "../../components/reflector/bird";
import { parseProtocols } from "../../components/reflector/bird/tables";
import { aroundLab, type Changes, failures, TestLab } from "../helpers/lab";

/** The lab with a reflector of kind bird, and without what has nothing to do with routes. */
const lab = new TestLab("Pulumi.lab.yaml", { kubernetes: 36443, etcd: 32379, dcos: 38080 }, "bird");
const minutes = 60_000;
const coe = (name: string, ...rest: readonly string[]) => ["seamless:coes", name, ...rest];
const reflector = ["seamless:reflectors", "reflector", "kind"];
const small: Changes = [
  [reflector, "bird"],
  [coe("kubernetes", "addons"), undefined],
  [coe("kubernetes", "nodes", "worker-3"), undefined],
  [coe("dcos", "packages"), undefined],
  [coe("dcos", "loadBalancerCidr"), undefined],
  [coe("dcos", "nodes", "agent-3"), undefined],
];

const fourthAgent: Changes[number] = [coe("dcos", "nodes", "agent-4"), { address: "172.16.18.47" }];

const verified = () => lab.verified(["--wait", "120s"]);
const container = async () =>
  lab.must(await lab.docker(["inspect", "--format", "{{.Id}}", "seamless-reflector"])).stdout;

/** Since when each session is up. */
async function sessions(): Promise<Record<string, string>> {
  const ask = [...bird.client(bird.container.api), ...bird.tables.neighbours.args];
  const { stdout } = lab.must(await lab.docker(["exec", "seamless-reflector", ...ask]));
  return Object.fromEntries(parseProtocols(stdout).map(({ address, since }) => [address, since]));
}

aroundLab(lab, small);

test(
  "one update brings the lab up behind BIRD, and everything agrees",
  async () => {
    lab.must(await lab.up());
    const report = await verified();
    expect(failures(report)).toEqual([]);
    expect(report.results.filter(({ status }) => status === "pass").length).toBeGreaterThan(20);
    lab.must(await lab.preview(["--expect-no-changes"]));
  },
  20 * minutes,
);

test(
  "one node more changes neither the container nor another session",
  async () => {
    const before = { id: await container(), up: await sessions() };
    await lab.configure([...small, fourthAgent]);
    lab.must(await lab.up());
    expect(failures(await verified())).toEqual([]);
    const { "172.16.18.47": added, ...others } = await sessions();
    expect(added).toBeDefined();
    expect({ id: await container(), up: others }).toEqual(before);
  },
  15 * minutes,
);

test(
  "the reflector becomes one of another kind at the same address, and everything agrees",
  async () => {
    await lab.configure([...small, fourthAgent, [reflector, "gobgp"]]);
    lab.must(await lab.up());
    expect(failures(await verified())).toEqual([]);
  },
  15 * minutes,
);
