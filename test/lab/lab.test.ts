import { gobgpApi } from "../../components/reflector/gobgp/container";
import { waitFor } from "../../util/wait";
import { namesShown } from "../helpers/browser";
import { withForward } from "../helpers/forward";
import { aroundLab, failures, TestLab } from "../helpers/lab";
import { type Machine, machineState } from "../helpers/machine";
import { faults } from "./faults";
import { batchesOf } from "./faults/batches";
import { withResident } from "./faults/resident";
import { plantBatch } from "./faults/run";
import { World } from "./faults/world";

const lab = new TestLab();
const minutes = 60_000;
const agent = ["seamless:coes", "dcos", "nodes", "agent-4"] as const;
const kubernetesRange = ["seamless:coes", "kubernetes", "podCidr"] as const;
const fifthAgent = [agent, { address: "172.16.18.47" }] as const;
/** A master with routes to those who ask it for names. */
const namesOfTasks = [
  [["seamless:coes", "dcos", "names"], {}],
  [["seamless:coes", "dcos", "nodes", "master", "speaker"], true],
] as const;

/** When each session came up, in seconds since the epoch, as the reflector has it. */
async function sessionStarts(): Promise<Record<string, number>> {
  const argv = ["exec", "seamless-reflector", "gobgp", "--target", gobgpApi, "-j", "neighbor"];
  const peers: unknown = JSON.parse(lab.must(await lab.docker(argv)).stdout);
  if (!Array.isArray(peers)) throw new Error("gobgp printed no list");
  return Object.fromEntries(
    peers.map((peer) => [peer.conf.neighbor_address, peer.timers?.state?.uptime?.seconds ?? 0]),
  );
}

async function reflectorContainer(): Promise<string> {
  const argv = ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", "seamless-reflector"];
  return lab.must(await lab.docker(argv)).stdout.trim();
}

/** The address by which a host that is no part of the plan's ranges sees a pod; undefined when it hears nothing. */
async function seenByMaster(): Promise<string | undefined> {
  // Not 9099, which is Felix's.
  const port = 18099;
  const listen = `
    const server = require("node:http").createServer((request, response) => {
      response.end(request.socket.remoteAddress.replace("::ffff:", ""));
      server.close();
    }).listen(${port});
    setTimeout(() => process.exit(), 30_000);`;
  const master = "seamless-test-dcos-master";
  lab.must(await lab.docker(["exec", "--detach", master, "node", "-e", listen]));
  const { seen } = await lab.verified(["--only", "http/kubernetes-to-dcos"]);
  const pods = seen.workloads.kubernetes;
  const pod = pods?.ok ? pods.value[0]?.name : undefined;
  if (pod === undefined) throw new Error("no probe runs in kubernetes");
  const get = ["/bin/busybox", "timeout", "5", "/bin/busybox", "wget", "-qO-"];
  const result = await lab.kubectl([
    ...["exec", "--namespace", "seamless", pod, "--"],
    ...[...get, `http://172.16.18.42:${port}/`],
  ]);
  return result.code === 0 ? result.stdout : undefined;
}

let before: Machine;

beforeAll(async () => {
  before = await machineState();
});
aroundLab(lab);

test(
  "an update killed half-way says what to do when it is run again",
  async () => {
    const killed = lab.up();
    await waitFor({ what: "the first host", timeoutMs: 10 * minutes }, async () => {
      const listed = await lab.docker(["ps", "--quiet", "--filter", "label=seamless.lab=test"]);
      return listed.stdout === ""
        ? { done: false, seen: listed.stderr.trim() || "no container" }
        : { done: true, value: undefined };
    });
    await lab.killEngine();
    expect((await killed).code).not.toBe(0);
    const locked = await lab.up();
    expect(locked.code).not.toBe(0);
    expect(`${locked.stdout}${locked.stderr}`).toContain("pulumi cancel");
    lab.must(await lab.pulumi(["cancel", "--yes", "--stack", lab.stack], minutes));
  },
  15 * minutes,
);

test(
  "one update brings the lab up, and everything agrees",
  async () => {
    lab.must(await lab.up());
    const report = await lab.verified(["--wait", "120s"]);
    expect(failures(report)).toEqual([]);
    expect(report.results.filter((one) => one.group === "session")).toHaveLength(9);
    expect(
      report.results.filter((one) => one.status === "pass" && one.group === "http"),
    ).toHaveLength(2);
    const found = new Map(report.results.map((one) => [one.id, one.found]));
    expect(found.get("service/kubernetes-to-dcos/loadBalancerIPs")).toBe(
      "8 answers from 4 servers",
    );
    expect(found.get("addon/kubernetes/dashboard")).toBe(
      "kube-web-view shows 4 nodes, and answers no container",
    );
    expect(found.get("package/dcos/etcd")).toMatch(/^3 members with a leader: /);
    expect(found.get("package/dcos/marathon-lb")).toBe("HAProxy on public-1 serves port 10000");
    expect(found.get("package/dcos/marathon-user")).toMatch(/^marathon /);
    // No route leads back to a pod from the master, which speaks no BGP.
    expect(await seenByMaster()).toBeUndefined();
  },
  20 * minutes,
);

test(
  "its dashboard shows the lab's nodes in a browser",
  async () => {
    const dashboard = { namespace: "kubernetes-dashboard", name: "dashboard", port: 80 };
    const shown = await withForward(await lab.kubeconfig(), dashboard, (url) =>
      namesShown(url, "Nodes"),
    );
    expect(shown).toEqual(["controller", "worker-1", "worker-2", "worker-3"]);
  },
  2 * minutes,
);

test(
  "a second update and a preview have nothing to do",
  async () => {
    lab.must(await lab.preview(["--expect-no-changes"]));
    lab.must(await lab.up(["--expect-no-changes"]));
  },
  10 * minutes,
);

test(
  "a changed range is shown old and new in a preview that fails nothing",
  async () => {
    await lab.configure([[kubernetesRange, "192.168.0.0/18"]]);
    const preview = lab.must(await lab.preview(["--diff"]));
    await lab.configure();
    expect(preview.stdout).toContain('podCidr    : "192.168.0.0/17" => "192.168.0.0/18"');
  },
  5 * minutes,
);

test(
  "one agent more, and names: routes are everywhere, no other session restarts, the reflector stays",
  async () => {
    const [sessions, container] = [await sessionStarts(), await reflectorContainer()];
    await lab.configure([fifthAgent, ...namesOfTasks]);
    lab.must(await lab.up());
    // Name servers read their files again by themselves, one after the other.
    const report = await lab.verified(["--wait", "180s"]);
    expect(failures(report)).toEqual([]);
    expect(report.results.filter((one) => one.group === "name")).toEqual([
      expect.objectContaining({
        id: "name/kubernetes-to-dcos",
        status: "pass",
        found: expect.stringMatching(
          /^seamless-probe\.marathon-user\.containerip\.dcos\.thisdcos\.directory: seamless-probe\.\S+ answered$/,
        ),
      }),
    ]);
    expect(report.results).toContainEqual(
      expect.objectContaining({ id: "rib/origin/dcos/agent-4", status: "pass" }),
    );
    expect(await sessionStarts()).toMatchObject(sessions);
    expect(await reflectorContainer()).toBe(container);
  },
  10 * minutes,
);

test(
  `${faults.length} planted faults are named by verify and explained`,
  async () => {
    const kubeconfig = await lab.kubeconfig();
    const etcd = `http://127.0.0.1:${lab.ports.etcd}`;
    const world = new World(lab.name, lab.dockerHost, kubeconfig, etcd);
    const ask = (args: readonly string[]) => lab.seamless([...args, "--stack", lab.stack]);
    const problems: string[] = [];
    await withResident(world, async () => {
      for (const batch of batchesOf(faults))
        problems.push(...(await plantBatch(world, ask, batch)).problems);
    });
    expect(problems).toEqual([]);
    expect(failures(await lab.verified(["--wait", "60s"]))).toEqual([]);
  },
  15 * minutes,
);

test(
  "guarded, translated and announcing: drops, addresses and services are as planned",
  async () => {
    await lab.configure([
      fifthAgent,
      ...namesOfTasks,
      [["seamless:coes", "kubernetes", "policy"], "cross-coe"],
      [["seamless:coes", "kubernetes", "allowFrom"], ["dcos"]],
      [["seamless:coes", "kubernetes", "natOutgoing"], true],
      [["seamless:coes", "kubernetes", "announceServices"], true],
      [["seamless:coes", "kubernetes", "names"], {}],
      [["seamless:coes", "kubernetes", "loadBalancerCidr"], "10.97.0.0/24"],
      // What comes by a load balancer cannot be kept out; and the app in the words of an older Marathon.
      [["seamless:coes", "dcos", "loadBalancerCidr"], undefined],
      [["seamless:coes", "dcos", "packages", "marathon-lb"], undefined],
      [["seamless:coes", "dcos", "probe"], { form: "ipAddress" }],
      [["seamless:coes", "dcos", "policy"], "closed"],
      [["seamless:coes", "dcos", "natOutgoing"], true],
    ]);
    lab.must(await lab.up());
    const report = await lab.verified(["--wait", "120s"]);
    expect(failures(report)).toEqual([]);
    const found = new Map(report.results.map((one) => [one.id, one.found]));
    expect(found.get("http/kubernetes-to-dcos")).toBe("dropped, as planned");
    expect(found.get("policy/dcos")).toBe("dropped, as planned");
    expect(found.get("policy/kubernetes")).toBe("dropped, as planned");
    expect(found.get("http/dcos-to-kubernetes")).toMatch(/answered, client seen as 192\.168\./);
    expect(found.get("service/dcos-to-kubernetes/clusterIPs")).toMatch(
      /^8 answers from [23] servers$/,
    );
    expect(found.get("service/dcos-to-kubernetes/loadBalancerIPs")).toMatch(/^8 answers from/);
    expect(found.get("name/dcos-to-kubernetes")).toMatch(
      /^seamless-probe\.seamless\.svc\.cluster\.local: seamless-probe-\S+ answered$/,
    );
    expect(await seenByMaster()).toMatch(/^172\.16\.18\.3[456]$/);
    lab.must(await lab.preview(["--expect-no-changes"]));
  },
  12 * minutes,
);

test(
  "from the mesh to the reflector no packet is lost",
  async () => {
    // Back to what the cluster was before it was joined: its nodes have sessions with each other.
    const undo = ["--target", "**kubernetes-peer-reflector", "--target-dependents"];
    lab.must(await lab.destroy(undo));
    expect((await lab.verified(["--only", "session/reflector/kubernetes/*"])).exitCode).toBe(1);
    const { seen } = await lab.verified(["--only", "http"]);
    const pods = seen.workloads.kubernetes?.ok ? seen.workloads.kubernetes.value : [];
    const from = pods[0];
    const to = pods.find((pod) => pod.node !== from?.node);
    if (from === undefined || to === undefined) throw new Error("no probes on two nodes");
    const inPod = ["exec", "--namespace", "seamless", from.name, "--", "/bin/busybox"];
    await waitFor({ what: "the mesh to carry traffic", timeoutMs: 60_000 }, async () => {
      const reply = await lab.kubectl([...inPod, "ping", "-c", "1", "-W", "1", to.address]);
      return reply.code === 0
        ? { done: true, value: undefined }
        : { done: false, seen: "no reply" };
    });

    let updating = true;
    const update = lab.up().finally(() => {
      updating = false;
    });
    const argv = ["ping", "-c", "300", "-i", "0.1", "-W", "1", to.address];
    do {
      const { stdout } = await lab.kubectl([...inPod, ...argv]);
      expect(stdout).toContain("300 packets transmitted, 300 packets received");
    } while (updating);
    lab.must(await update);
    // Longer than a hold time: once a node was without learned routes here for over two minutes, for a reason not found.
    expect(failures(await lab.verified(["--wait", "240s"]))).toEqual([]);
  },
  8 * minutes,
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
