import { aroundLab, type Changes, failures, TestLab } from "./lab";

/** A kind of reflector that takes the place of the lab's own. */
export interface RouterLab {
  readonly kind: string;
  /** Name of its software. */
  readonly title: string;
  readonly ports: Readonly<Record<string, number>>;
  /** What its daemon is asked, as an argument vector. */
  readonly ask: readonly string[];
  /** What tells of each neighbour's session, by address, whether it is still the same one. */
  sessions(said: string): Readonly<Record<string, unknown>>;
}

const minutes = 60_000;
const coe = (name: string, ...rest: readonly string[]) => ["seamless:coes", name, ...rest];
const reflector = ["seamless:reflectors", "reflector", "kind"];
const smallWith = (kind: string): Changes => [
  [reflector, kind],
  [coe("kubernetes", "addons"), undefined],
  [coe("kubernetes", "nodes", "worker-3"), undefined],
  [coe("dcos", "packages"), undefined],
  [coe("dcos", "loadBalancerCidr"), undefined],
  [coe("dcos", "nodes", "agent-3"), undefined],
];

const fourthAgent: Changes[number] = [coe("dcos", "nodes", "agent-4"), { address: "172.16.18.47" }];

/** The tests of a life of the lab with a reflector of that kind, and without what has nothing to do with routes. */
export function testRouterLab({ kind, title, ports, ask, sessions: read }: RouterLab): void {
  const lab = new TestLab("Pulumi.lab.yaml", ports, kind);
  const small = smallWith(kind);
  const verified = () => lab.verified(["--wait", "120s"]);
  const container = async () =>
    lab.must(await lab.docker(["inspect", "--format", "{{.Id}}", "seamless-reflector"])).stdout;
  const sessions = async () =>
    read(lab.must(await lab.docker(["exec", "seamless-reflector", ...ask])).stdout);

  aroundLab(lab, small);

  test(
    `one update brings the lab up behind ${title}, and everything agrees`,
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
}
