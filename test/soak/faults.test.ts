import { aroundLab, failures, TestLab } from "../helpers/lab";
import { moreFaults } from "../lab/faults";
import { batchesOf } from "../lab/faults/batches";
import { withResident } from "../lab/faults/resident";
import { plantBatch } from "../lab/faults/run";
import { World } from "../lab/faults/world";

/** Those faults for which `make test` has no time; tasks of DC/OS have names in Kubernetes. */
const lab = new TestLab(
  "Pulumi.lab.yaml",
  { kubernetes: 56443, etcd: 52379, dcos: 58080 },
  "faults",
);
const minutes = 60_000;

aroundLab(lab, [
  [["seamless:coes", "dcos", "names"], {}],
  [["seamless:coes", "dcos", "nodes", "master", "speaker"], true],
]);

test(
  `${moreFaults.length} more planted faults are named by verify and explained`,
  async () => {
    lab.must(await lab.up());
    expect(failures(await lab.verified(["--wait", "180s"]))).toEqual([]);
    const etcd = `http://127.0.0.1:${lab.ports.etcd}`;
    const world = new World(lab.name, lab.dockerHost, await lab.kubeconfig(), etcd);
    const ask = (args: readonly string[]) => lab.seamless([...args, "--stack", lab.stack]);
    const problems: string[] = [];
    await withResident(world, async () => {
      for (const batch of batchesOf(moreFaults))
        problems.push(...(await plantBatch(world, ask, batch)).problems);
    });
    expect(problems).toEqual([]);
    expect(failures(await lab.verified(["--wait", "60s"]))).toEqual([]);
  },
  40 * minutes,
);
