import { waitFor } from "../../util/wait";
import { aroundLab, failures, TestLab } from "../helpers/lab";
import { type Machine, machineState } from "../helpers/machine";

/** Two clusters of one kind; what breaks in a lab does so here, where an update takes less time. */
const lab = new TestLab("Pulumi.two-kubernetes.yaml", {
  "east.kubernetes": 26443,
  "west.kubernetes": 26444,
});
const minutes = 60_000;

const west = (args: readonly string[]) => lab.kubectl(args, "west");

/** Starts or stops BIRD in the pod of calico-node. */
async function bird(state: "up" | "down", node: string): Promise<void> {
  const agents = ["get", "pods", "--namespace", "kube-system", "-l", "k8s-app=calico-node"];
  const here = [`--field-selector=spec.nodeName=${node}`, "-o", "name"];
  const calico = lab.must(await west([...agents, ...here])).stdout.trim();
  const inCalico = ["exec", "--namespace", "kube-system", calico, "-c", "calico-node", "--"];
  const command = ["env", "SVDIR=/etc/service/enabled", "sv", state, "bird"];
  lab.must(await west([...inCalico, ...command]));
}

let before: Machine;

beforeAll(async () => {
  before = await machineState();
});
aroundLab(lab);

test(
  "one update brings two clusters up, and everything agrees",
  async () => {
    lab.must(await lab.up());
    const report = await lab.verified(["--wait", "120s"]);
    expect(failures(report)).toEqual([]);
    const passed = report.results.filter((one) => one.status === "pass").map((one) => one.id);
    expect(passed).toEqual(
      expect.arrayContaining([
        ...["session/reflector/east/east-controller", "session/reflector/west/west-worker-2"],
        ...["http/east-to-west", "http/west-to-east", "service/east-to-west/clusterIPs"],
      ]),
    );
    lab.must(await lab.preview(["--expect-no-changes"]));
  },
  20 * minutes,
);

test(
  "a node that is drained and shut down leaves no path to services behind",
  async () => {
    const [node, host] = ["west-worker-2", "seamless-test-west-west-worker-2"];
    const drain = ["--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=60s"];
    lab.must(await west(["drain", node, ...drain]));
    // Else it is chance whether BIRD ends before it has said that its routes are gone.
    await bird("down", node);
    lab.must(await lab.docker(["stop", "-t", "30", host]));
    const hops = async () => {
      const { seen } = await lab.verified(["--only", "rib/services"]);
      const rib = seen.rib.reflector;
      const paths = rib?.ok ? rib.value.filter(({ prefix }) => prefix === "10.97.0.0/16") : [];
      return paths.map((path) => path.nextHop).sort();
    };
    const left = ["172.16.18.42", "172.16.18.43"];
    await waitFor({ what: "the node's paths to go", timeoutMs: 20_000 }, async () => {
      const found = await hops();
      return found.join() === left.join()
        ? { done: true, value: undefined }
        : { done: false, seen: found.join(", ") };
    });
    const { results } = await lab.verified(["--only", "service/east-to-west/clusterIPs"]);
    expect(results.map((one) => [one.status, one.found])).toEqual([
      ["pass", "8 answers from 1 servers"],
    ]);
    lab.must(await lab.docker(["start", host]));
    lab.must(await west(["uncordon", node]));
    expect(failures(await lab.verified(["--wait", "180s"]))).toEqual([]);
  },
  8 * minutes,
);

test(
  "a node whose BIRD has stopped is named, and comes back",
  async () => {
    const node = "west-worker-1";
    await bird("down", node);
    const id = "session/reflector/west/west-worker-1";
    const failed = await waitFor(
      { what: "verify to notice the stopped BIRD", timeoutMs: 120_000 },
      async () => {
        const report = await lab.verified(["--only", id]);
        const seen = report.results.map((one) => `${one.id}: ${one.status}`).join();
        return report.exitCode === 1 ? { done: true, value: report } : { done: false, seen };
      },
    );
    expect(failed.results.map((one) => [one.id, one.status])).toEqual([[id, "fail"]]);
    await bird("up", node);
    expect(failures(await lab.verified(["--wait", "120s"]))).toEqual([]);
  },
  8 * minutes,
);

test(
  "a reflector removed by hand comes back with the next update",
  async () => {
    lab.must(await lab.docker(["rm", "--force", "seamless-reflector"]));
    // Only the reflector is asked for its sessions, and it is not there to answer.
    const down = await lab.verified(["--only", "session"]);
    expect(down.exitCode).toBe(3);
    lab.must(await lab.up(["--refresh"]));
    expect(failures(await lab.verified(["--wait", "180s"]))).toEqual([]);
  },
  10 * minutes,
);

test(
  "a Docker daemon that was killed comes back with the next update, and the hosts with it",
  async () => {
    await lab.killDocker();
    expect((await lab.verified(["--only", "session"])).exitCode).toBe(3);
    lab.must(await lab.up());
    expect(failures(await lab.verified(["--wait", "180s"]))).toEqual([]);
  },
  10 * minutes,
);

test(
  "after destroy nothing is left",
  async () => {
    lab.must(await lab.destroy());
    expect(await machineState()).toEqual(before);
    const verify = await lab.seamless(["verify", "--stack", lab.stack]);
    expect(verify.code).toBe(3);
  },
  10 * minutes,
);
