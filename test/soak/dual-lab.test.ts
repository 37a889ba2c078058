import { aroundLab, comesUp, failures, TestLab } from "../helpers/lab";
import { machineState } from "../helpers/machine";

/** Two Kubernetes clusters in dual stack. */
const ports = { "east.kubernetes": 39443, "west.kubernetes": 39444 };
const lab = new TestLab("Pulumi.dual.yaml", ports, "both");
const minutes = 60_000;

/** Runs a line on a worker of the first cluster, and has it undone whatever comes of it. */
async function broken(line: string, mended: string, look: () => Promise<void>): Promise<void> {
  const on = (what: string) =>
    lab.docker(["exec", "seamless-both-east-east-worker-1", "sh", "-ec", what]);
  lab.must(await on(line));
  try {
    await look();
  } finally {
    lab.must(await on(mended));
  }
}

aroundLab(lab);

test(
  "one update brings up two clusters in dual stack, and everything agrees in both families",
  async () => {
    expect(await comesUp(lab, "180s")).toEqual(
      expect.arrayContaining([
        ...["session/reflector/east/east-worker-1", "session/reflector/east/east-worker-1/ipv6"],
        ...["rib/origin/west/west-worker-2/ipv6", "fib/east/east-worker-1/ipv6"],
        ...["kernel/east/east-worker-1/firewall/ipv6", "rib/services/west/ipv6"],
        ...["http/east-to-west", "http/east-to-west/ipv6", "http/west-to-east/ipv6"],
        ...["path/east/east-worker-1-to-west/ipv6", "service/east-to-west/clusterIPs/ipv6"],
      ]),
    );
  },
  20 * minutes,
);

test(
  "the way between two pods of both families is whole in each",
  async () => {
    const { seen } = await lab.verified(["--only", "http"]);
    const of = (coe: string) => {
      const answer = seen.workloads[coe];
      return answer?.ok ? (answer.value[0]?.name ?? "") : "";
    };
    const [from, to] = [of("east"), of("west")];
    for (const family of [[], ["--ipv6"]]) {
      const said = await lab.seamless([
        ...["explain", "--stack", lab.stack, "--json", ...family, from, to],
      ]);
      const { verdict, to: end } = JSON.parse(lab.must(said).stdout);
      expect([verdict, end.address.includes(":")]).toEqual(["whole", family.length > 0]);
    }
  },
  5 * minutes,
);

test(
  "what is wrong with IPv6 alone is named by IPv6 alone",
  async () => {
    const failing = async (only: string) => {
      const { results } = await lab.verified(["--only", only]);
      return results.flatMap(({ id, status, found }) => (status === "fail" ? [[id, found]] : []));
    };
    const kernel = "kernel/east/east-worker-1";
    const name = "net.ipv6.conf.all.forwarding";
    await broken(`sysctl -qw ${name}=0`, `sysctl -qw ${name}=1`, async () =>
      expect(await failing(kernel)).toEqual([[`${kernel}/forwarding/ipv6`, `${name} = 0`]]),
    );
    const rule = "to 2001:db8:18::c0a8:8000/113 prohibit";
    await broken(`ip -6 rule add priority 100 ${rule}`, "ip -6 rule del priority 100", async () => {
      const found = await failing(kernel);
      expect(found.map(([id]) => id)).toEqual([`${kernel}/routes/ipv6`]);
      expect(found[0]?.[1]).toContain(`prohibit by the rule 100: from all ${rule}`);
    });
    expect(failures(await lab.verified(["--wait", "60s"]))).toEqual([]);
  },
  10 * minutes,
);

test(
  "after destroy nothing of either family is left",
  async () => {
    lab.must(await lab.destroy());
    expect((await lab.seamless(["verify", "--stack", lab.stack])).code).toBe(3);
    const { namespaces } = await machineState();
    expect(namespaces.filter((one) => one.startsWith("seamless-both"))).toEqual([]);
  },
  10 * minutes,
);
