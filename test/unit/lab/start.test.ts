import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePlan, readStackConfig } from "../../../components/kinds/planning";
import { startKubernetes } from "../../../components/kubernetes/lab/start-calico";
import { programs } from "../../helpers/programs";

const { kubernetes } = makePlan(readStackConfig("Pulumi.lab.yaml")).coes;
const before = { ...process.env };
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seamless-start-"));
  process.env.SEAMLESS_STATE = join(folder, "state");
  process.env.SEAMLESS_CACHE = join(folder, "cache");
  mkdirSync(join(folder, "cache", "bin"), { recursive: true });
});
afterEach(() => {
  for (const name of ["SEAMLESS_STATE", "SEAMLESS_CACHE"]) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  rmSync(folder, { recursive: true });
});

test("hosts that cannot take the images end the wait for the API server, and are what is told", async () => {
  // An API server that does not answer, and a disk that is full once it was asked.
  const kubectl = join(folder, "cache", "bin", "kubectl");
  writeFileSync(kubectl, `#!/bin/sh\necho "$$" > ${folder}/pid\nexec sleep 100\n`);
  chmodSync(kubectl, 0o755);
  const fakes = programs({
    docker: `case "$*" in
*" import "*)
  while [ ! -s ${folder}/pid ]; do sleep 0.05; done
  cat ${folder}/pid >> $SAID
  echo 'ctr: no space left on device' >&2; exit 1;;
*" cat "*) exit 1;;
esac`,
  });
  try {
    if (kubernetes === undefined) throw new Error("no kubernetes in the lab");
    const started = startKubernetes({
      lab: "start-test",
      coe: kubernetes,
      ports: { kubernetes: 16443 },
      images: "digest",
      say: () => undefined,
    });
    await expect(started).rejects.toThrow("ctr: no space left on device");
    const [pid = ""] = fakes.said();
    expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH");
  } finally {
    fakes.remove();
  }
}, 30_000);
