import { join } from "node:path";
import { type ExecResult, execOrThrow } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { churn } from "../helpers/churn";
import { aroundLab, failures, type Report, TestLab } from "../helpers/lab";

/** Blocks of 8 addresses, so that nodes claim and free them all the time. */
const lab = new TestLab(
  "Pulumi.lab.yaml",
  { kubernetes: 46443, etcd: 42379, dcos: 48080 },
  "rounds",
);
const minutes = 60_000;
const rounds = 50;

aroundLab(lab, [[["seamless:network", "blockSize"], 29]]);

test(
  "50 rounds while 40 pods and some tasks come and go give no false alarm",
  async () => {
    const must = (result: ExecResult) => lab.must(result);
    must(await lab.up());
    expect(failures(await lab.verified(["--wait", "120s"]))).toEqual([]);
    const kubeconfig = await lab.kubeconfig();
    const moving = await churn({
      async kubectl(args, input = "") {
        const argv = [join(toolsBin(), "kubectl"), `--kubeconfig=${kubeconfig}`, ...args];
        return (await execOrThrow(argv, { input, timeoutMs: 150_000 })).stdout;
      },
      marathon: "http://127.0.0.1:48080/service/marathon-user",
    });
    const reports: Report[] = [];
    try {
      while (reports.length < rounds) reports.push(await lab.verified());
    } finally {
      await moving.stop();
    }
    expect(reports.flatMap((report) => failures(report))).toEqual([]);
    expect(moving.started()).toBeGreaterThan(rounds * 8);
    // What could not be asked is no alarm; on a machine that is not overloaded it is rare.
    const unknown = reports.flatMap(({ results }) =>
      results.filter(({ status }) => status === "unknown"),
    );
    expect(unknown.length).toBeLessThan(rounds);
  },
  45 * minutes,
);
