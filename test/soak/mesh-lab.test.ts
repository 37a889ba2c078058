import { aroundLab, type Changes, TestLab } from "../helpers/lab";

/** Two Kubernetes clusters without a reflector. */
const ports = { "east.kubernetes": 38443, "west.kubernetes": 38444 };
const lab = new TestLab("Pulumi.mesh.yaml", ports, "meshes");
const minutes = 60_000;
const node = (coe: string, name: string) => ["seamless:coes", coe, "nodes", name];
const small: Changes = [[node("east", "east-worker-2"), undefined]];

/** What checks that did not pass have found. A controller runs no container that could be missing. */
async function others(): Promise<string[]> {
  const { results } = await lab.verified(["--wait", "180s"]);
  expect(results.length).toBeGreaterThan(20);
  return results
    .filter(({ status }) => status === "fail" || status === "unknown")
    .map(({ id, found, asked }) => `${id}: ${found} (${asked})`);
}

aroundLab(lab, small);

test(
  "one update brings up a lab without a reflector, and everything agrees",
  async () => {
    lab.must(await lab.up());
    expect(await others()).toEqual([]);
    lab.must(await lab.preview(["--expect-no-changes"]));
  },
  20 * minutes,
);

test(
  "a node that comes has sessions with all others, and everything agrees",
  async () => {
    await lab.configure([]);
    lab.must(await lab.up());
    expect(await others()).toEqual([]);
  },
  15 * minutes,
);
