import { waitFor } from "../../util/wait";
import { aroundLab, failures, TestLab } from "../helpers/lab";

/** Two racks with a real FRR each, which the lab configures as its owner would. */
const lab = new TestLab(
  "Pulumi.racks.yaml",
  { kubernetes: 48443, etcd: 44379, dcos: 50080 },
  "towers",
);
const minutes = 60_000;
const router = (name: string) => `seamless-towers_${name}`;
const inside = async (name: string, ...argv: string[]) =>
  lab.must(await lab.docker(["exec", router(name), ...argv])).stdout;
const failed = async () => failures(await lab.verified());

aroundLab(lab);

test(
  "one update brings Kubernetes and DC/OS up over two racks, and everything agrees",
  async () => {
    lab.must(await lab.up());
    const report = await lab.verified(["--wait", "120s"]);
    expect(failures(report)).toEqual([]);
    const passed = report.results.filter((one) => one.status === "pass").map((one) => one.id);
    expect(passed).toEqual(
      expect.arrayContaining([
        ...["session/tor-1--tor-2", "session/tor-1/unplanned", "session/tor-2/unplanned"],
        ...["rib/tor-1", "rib/tor-2", "acceptance/tor-1", "acceptance/tor-2"],
        ...["fib/kubernetes/worker-1", "fib/kubernetes/worker-2"],
        ...["fib/dcos/agent-1", "fib/dcos/agent-2"],
        ...["http/kubernetes-to-dcos", "http/dcos-to-kubernetes"],
        ...["path/kubernetes/worker-1-to-dcos", "path/kubernetes/worker-2-to-dcos"],
        ...["path/dcos/agent-1-to-kubernetes", "path/dcos/agent-2-to-kubernetes"],
      ]),
    );
    lab.must(await lab.preview(["--expect-no-changes"]));
  },
  20 * minutes,
);

test(
  "an acceptance that is removed at a router by hand is named, and is back when its owner applies the plan",
  async () => {
    const list = "no match ip address prefix-list from-172.16.2.34";
    const map = "route-map from-172.16.2.34 permit 1";
    await inside("tor-2", "vtysh", "-c", "configure terminal", "-c", map, "-c", list);
    const found = await failed();
    expect(found.map((line) => line.slice(0, line.indexOf(":")))).toEqual(["acceptance/tor-2"]);
    expect(found[0]).toContain("accepts from 172.16.2.34/32: what from-172.16.2.34 accepts");
    await inside("tor-2", "systemctl", "restart", "lab-router");
    expect(await failed()).toEqual([]);
  },
  5 * minutes,
);

test(
  "a router whose cable to its rack is out is named by every node's block that is lost, then by its sessions",
  async () => {
    const own = (await inside("tor-1", "ip", "-oneline", "-4", "address", "show"))
      .split("\n")
      .find((line) => line.includes(" 172.16.1.254/"));
    const device = own?.split(/\s+/)[1] ?? "";
    await inside("tor-1", "ip", "link", "set", device, "down");
    const lost = ["rib/origin/dcos/agent-1", "rib/origin/kubernetes/worker-1"];
    const down = ["session/tor-1/dcos/agent-1", "session/tor-1/kubernetes/worker-1"];
    const what = "verify to name the sessions of tor-1 with its nodes";
    await waitFor({ what, timeoutMs: 8 * minutes, intervalMs: 1_000 }, async () => {
      const found = (await failed()).map((line) => line.slice(0, line.indexOf(":")));
      expect(found).toEqual(expect.arrayContaining(lost));
      expect(found).not.toContain("session/tor-1--tor-2");
      return down.every((one) => found.includes(one))
        ? { done: true, value: undefined }
        : { done: false, seen: found.join(", ") };
    });
    await inside("tor-1", "ip", "link", "set", device, "up");
    expect(failures(await lab.verified(["--wait", "120s"]))).toEqual([]);
  },
  12 * minutes,
);
