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
  "one update brings three COEs up over two racks, and everything agrees in both families",
  async () => {
    lab.must(await lab.up());
    const report = await lab.verified(["--wait", "120s"]);
    expect(failures(report)).toEqual([]);
    const passed = report.results.filter((one) => one.status === "pass").map((one) => one.id);
    const names = (family: string) =>
      [
        ...["session/tor-1--tor-2", "session/tor-1/kubernetes/worker-1"],
        ...["session/tor-2/kubernetes/worker-2", "session/tor-2/plain/host-2"],
        ...["rib/origin/kubernetes/worker-1", "rib/origin/plain/host-2"],
        ...["fib/kubernetes/worker-1", "fib/kubernetes/worker-2"],
        ...["fib/plain/host-1", "fib/plain/host-2"],
        ...["http/kubernetes-to-plain", "http/plain-to-kubernetes"],
        ...["path/kubernetes/worker-1-to-plain", "path/kubernetes/worker-2-to-plain"],
        ...["path/plain/host-1-to-kubernetes", "path/plain/host-2-to-kubernetes"],
      ].map((id) => `${id}${family}`);
    expect(passed).toEqual(
      expect.arrayContaining([
        ...["session/tor-1/unplanned", "session/tor-2/unplanned"],
        ...["rib/tor-1", "rib/tor-2", "acceptance/tor-1", "acceptance/tor-2"],
        ...["fib/dcos/agent-1", "fib/dcos/agent-2"],
        ...["http/kubernetes-to-dcos", "http/dcos-to-kubernetes"],
        ...["path/kubernetes/worker-1-to-dcos", "path/kubernetes/worker-2-to-dcos"],
        ...["path/dcos/agent-1-to-kubernetes", "path/dcos/agent-2-to-kubernetes"],
        ...names(""),
        ...names("/ipv6"),
      ]),
    );
    lab.must(await lab.preview(["--expect-no-changes"]));
  },
  20 * minutes,
);

test.each([
  ["IPv4", "ip", "172.16.2.34"],
  ["IPv6", "ipv6", "2001:db8:18::ac10:222"],
])(
  "an acceptance of %s that is removed at a router by hand is named, and is back when its owner applies the plan",
  async (_, family, node) => {
    const list = `no match ${family} address prefix-list from-${node}`;
    const map = `route-map from-${node} permit 1`;
    await inside("tor-2", "vtysh", "-c", "configure terminal", "-c", map, "-c", list);
    const found = await failed();
    expect(found.map((line) => line.slice(0, line.indexOf(":")))).toEqual(["acceptance/tor-2"]);
    const one = `${node}/${family === "ip" ? 32 : 128}`;
    expect(found[0]).toContain(`accepts from ${one}: what from-${node} accepts`);
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
    const lost = [
      ...["rib/origin/dcos/agent-1", "rib/origin/kubernetes/worker-1"],
      "rib/origin/kubernetes/worker-1/ipv6",
    ];
    const down = [
      ...["session/tor-1/dcos/agent-1", "session/tor-1/kubernetes/worker-1"],
      "session/tor-1/kubernetes/worker-1/ipv6",
    ];
    const what = "verify to name the sessions of tor-1 with its nodes";
    await waitFor({ what, timeoutMs: 8 * minutes, intervalMs: 1_000 }, async () => {
      const found = (await failed()).map((line) => line.slice(0, line.indexOf(":")));
      expect(found).toEqual(expect.arrayContaining(lost));
      expect(found).not.toContain("session/tor-1--tor-2");
      expect(found).not.toContain("session/tor-1--tor-2/ipv6");
      return down.every((one) => found.includes(one))
        ? { done: true, value: undefined }
        : { done: false, seen: found.join(", ") };
    });
    await inside("tor-1", "ip", "link", "set", device, "up");
    expect(failures(await lab.verified(["--wait", "120s"]))).toEqual([]);
  },
  12 * minutes,
);
