/**
 * A live renumbering of a COE of each kind, with the gate: nothing is lost on connections between containers that stay where
 * they are. SEAMLESS_TRANSCRIPT names a file for what was previewed and counted, if any.
 */
import { writeFileSync } from "node:fs";
import { z } from "zod";
import { contains } from "../../util/net";
import { waitFor } from "../../util/wait";
import { aroundLab, type Changes, TestLab } from "../helpers/lab";

const ports = { kubernetes: 36443, etcd: 32379, dcos: 38080 };
const lab = new TestLab("Pulumi.lab.yaml", ports, "renumber");
const minutes = 60_000;
const coe = (name: string, ...rest: readonly string[]) => ["seamless:coes", name, ...rest];
const small: Changes = [
  [["seamless:gate"], true],
  [coe("kubernetes", "addons"), undefined],
  [coe("kubernetes", "nodes", "worker-3"), undefined],
  [coe("dcos", "packages"), undefined],
  [coe("dcos", "loadBalancerCidr"), undefined],
  [coe("dcos", "nodes", "agent-3"), undefined],
];
const [kubernetes, dcos] = [
  { name: "kubernetes", old: "192.168.0.0/18", next: "192.168.64.0/18" },
  { name: "dcos", old: "192.168.128.0/18", next: "192.168.192.0/18" },
];

/** The ranges of both COEs, and which of them retire. */
function ranges(of: Readonly<Record<string, readonly string[]>>, retiring: string[] = []): Changes {
  return Object.entries(of).flatMap(([name, all]): Changes => {
    const own = all.filter((range) => retiring.includes(range));
    return [
      [coe(name, "podCidr"), all.length === 1 ? all[0] : all],
      [coe(name, "retiring"), own.length === 0 ? undefined : own],
    ];
  });
}

interface Pair {
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly lost: number;
  readonly moved?: true;
}

const transcript: string[] = [];
afterAll(() => {
  const { SEAMLESS_TRANSCRIPT } = process.env;
  if (SEAMLESS_TRANSCRIPT) writeFileSync(SEAMLESS_TRANSCRIPT, transcript.join("\n"));
});

/** Updates, and says what was lost meanwhile. */
async function updated(changes: Changes): Promise<Readonly<Record<string, Pair>>> {
  await lab.configure([...small, ...changes]);
  transcript.push(lab.must(await lab.seamless(["preview", "--stack", lab.stack])).stdout);
  lab.must(await lab.up());
  const args = ["stack", "output", "traffic", "--json", "--stack", lab.stack];
  const { stdout } = lab.must(await lab.pulumi(args, minutes));
  transcript.push(`traffic during the update: ${stdout}`);
  return JSON.parse(stdout);
}

/** What was sent and lost between containers that have stayed where they were, both ways. */
function staying(traffic: Readonly<Record<string, Pair>>): Readonly<Record<string, unknown>> {
  const kept = Object.entries(traffic).filter(([, { moved }]) => moved === undefined);
  const of = (way: string) => kept.filter(([key]) => key.startsWith(way)).map(([, pair]) => pair);
  return Object.fromEntries(
    ways.map((way) => [
      way,
      {
        some: of(way).some(({ sent }) => sent > 0),
        lost: of(way).reduce((sum, { lost }) => sum + lost, 0),
      },
    ]),
  );
}

const ways = ["dcos-to-kubernetes", "kubernetes-to-dcos"] as const;
const nothingLost = Object.fromEntries(ways.map((way) => [way, { some: true, lost: 0 }]));

const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string() }),
      status: z.object({ podIP: z.string().optional() }),
    }),
  ),
});

/** Every container with an address of a range is made anew, one after the other. */
const restarts: Readonly<Record<string, (range: string) => Promise<unknown>>> = {
  kubernetes: async (range) => {
    const listed = await lab.kubectl(["get", "pods", "--all-namespaces", "--output=json"]);
    const { items } = podList.parse(JSON.parse(lab.must(listed).stdout));
    for (const { metadata, status } of items) {
      if (status.podIP === undefined || !contains(range, status.podIP)) continue;
      // Not by a rollout: a surplus pod has no node that its spread over nodes allows.
      const at = `--namespace=${metadata.namespace}`;
      lab.must(await lab.kubectl(["delete", "pod", at, metadata.name]));
      const ready = ["wait", at, "--for=condition=Available", "deployment", "--all"];
      lab.must(await lab.kubectl([...ready, "--timeout=110s"]));
    }
  },
  dcos: async () => {
    const url = `http://127.0.0.1:${ports.dcos}/service/marathon/v2/apps//seamless-probe/restart`;
    expect((await fetch(url, { method: "POST" })).ok).toBe(true);
  },
};

/** Waits until all of a COE's probes have addresses of a range, and IPAM has none of another. */
async function moved(name: string, next: string, old: string): Promise<void> {
  const what = `${name} in ${next}`;
  await waitFor({ what, timeoutMs: 5 * minutes, intervalMs: 5_000 }, async () => {
    const { seen } = await lab.verified(["--only", "http", "ipam"]);
    const [probes, blocks] = [seen.workloads[name], seen.blocks[name]];
    const at = probes?.ok ? probes.value.map(({ address }) => address) : [];
    const used = blocks?.ok
      ? blocks.value.flatMap(({ addresses }) => addresses.map(({ address }) => address))
      : undefined;
    const left = used?.filter((one) => contains(old, one));
    const done = at.length > 0 && at.every((one) => contains(next, one)) && left?.length === 0;
    return done
      ? { done, value: undefined }
      : { done: false, seen: `probes at ${at.join(", ")}; in use: ${left?.join(", ")}` };
  });
}

aroundLab(lab, [...small, ...ranges({ kubernetes: [kubernetes.old], dcos: [dcos.old] })]);

test(
  "one update brings the lab up, with a gate that has nothing to count yet",
  async () => {
    lab.must(await lab.up());
    lab.must(await lab.preview(["--expect-no-changes"]));
  },
  20 * minutes,
);

test.each([
  [kubernetes, { dcos: [dcos.old] }],
  [dcos, { kubernetes: [kubernetes.next] }],
] as const)(
  "%j moves to another range, and nothing is lost between containers that stay",
  async ({ name, old, next }, others) => {
    expect(staying(await updated(ranges({ [name]: [old, next], ...others }, [old])))).toEqual(
      nothingLost,
    );
    await restarts[name]?.(old);
    await moved(name, next, old);
    expect(staying(await updated(ranges({ [name]: [next], ...others })))).toEqual(nothingLost);
    const { results } = await lab.verified(["--wait", "120s"]);
    expect(results.filter(({ status }) => status === "fail")).toEqual([]);
  },
  25 * minutes,
);
