import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checksOf } from "../../verify/checks";
import { bpfObject, type Instruction, tcPrograms, xdpPrograms } from "../helpers/bpf";
import { TwoHosts } from "../helpers/two-hosts";
import { healthy, plan } from "../unit/verify/fixture";

/*
 * Programs of eBPF, which drop by rules of their own that nobody can read: a healthy network is none the worse for one, and
 * where packets are lost it is named. The kernels and the programs are real.
 */
const hosts = new TwoHosts();
const folder = mkdtempSync(join(tmpdir(), "seamless-bpf-"));
beforeAll(() => hosts.up());
afterAll(async () => {
  await hosts.down();
  rmSync(folder, { recursive: true, force: true });
});
jest.setTimeout(90_000);

/** What two checks of a network that lost a GET say: the one of rules, and the one of GETs. */
async function said() {
  const { "kubernetes-to-dcos": fetch } = healthy.fetches;
  if (fetch === undefined) throw new Error("no GET in the fixture");
  const lost = {
    ...fetch,
    answer: { ok: false, asked: "GET", error: "timed out", silent: true },
  } as const;
  const seen = { ...healthy, kernels: await hosts.kernels() };
  const verdict = (id: string, of: typeof healthy) =>
    checksOf(plan)
      .find((check) => check.id === id)
      ?.judge(of);
  const fetches = { ...healthy.fetches, "kubernetes-to-dcos": lost };
  return {
    rules: verdict("kernel/dcos/agent-1/firewall", seen)?.found,
    cause: verdict("http/kubernetes-to-dcos", { ...seen, fetches })?.cause,
  };
}

const unexplained =
  "a policy, a firewall or a missing route on kubernetes/worker-1 or dcos/agent-1, on the way there or back";

const file = (section: string, name: string, code: readonly Instruction[]) => {
  const path = join(folder, `${name}.o`);
  writeFileSync(path, bpfObject(section, name, code));
  return path;
};
const byTc = (device: string, name: string, code: readonly Instruction[]) =>
  `tc qdisc add dev ${device} clsact; tc filter add dev ${device} ingress bpf direct-action obj ${file("tc", name, code)} sec tc`;
const byXdp = (device: string, name: string, code: readonly Instruction[]) =>
  `ip link set dev ${device} xdpgeneric obj ${file("xdp", name, code)} sec xdp`;

test("without a program none is named", async () => {
  const { rules, cause } = await said();
  expect(rules).toMatch(/: packets of all sizes pass$/);
  expect(cause).toBe(unexplained);
});

test.each<[string, string, string, boolean, string]>([
  [
    "of tc that lets everything pass",
    byTc("eth0", "cil_from_netdev", tcPrograms.passes),
    "tc qdisc del dev eth0 clsact",
    true,
    "eth0 (tc ingress, cil_from_netdev of Cilium)",
  ],
  [
    "of tc that drops pings",
    byTc("eth0", "site_guard", tcPrograms.dropsPings),
    "tc qdisc del dev eth0 clsact",
    false,
    "eth0 (tc ingress, site_guard)",
  ],
  [
    "of XDP that lets everything pass",
    byXdp("cali0", "site_count", xdpPrograms.passes),
    "ip link set dev cali0 xdpgeneric off",
    true,
    "cali0 (xdp, site_count)",
  ],
  [
    "of XDP that drops pings",
    byXdp("eth0", "site_shield", xdpPrograms.dropsPings),
    "ip link set dev eth0 xdpgeneric off",
    false,
    "eth0 (xdp, site_shield)",
  ],
  [
    "of tc in classic bytecode that drops pings",
    "tc qdisc add dev eth0 clsact; tc filter add dev eth0 ingress bpf direct-action bytecode '4,48 0 0 23,21 0 1 1,6 0 0 2,6 0 0 0'",
    "tc qdisc del dev eth0 clsact",
    false,
    "eth0 (tc ingress, classic bytecode)",
  ],
])("a program %s is named, and fails no check", async (_, plant, mend, passes, program) => {
  await hosts.run("agent", plant);
  try {
    expect(await hosts.passes()).toBe(passes);
    expect(await hosts.named()).toEqual({});
    const { rules, cause } = await said();
    expect(rules).toMatch(/: packets of all sizes pass; /);
    expect(rules?.split("; ").at(-1)).toBe(`eBPF on ${program}, whose rules cannot be read`);
    expect(cause).toBe(
      `${unexplained}; or a program of eBPF drops it, whose rules cannot be read: on dcos/agent-1: ${program}`,
    );
  } finally {
    await hosts.run("agent", mend);
  }
  expect(await hosts.passes()).toBe(true);
});

test("a program on a device that is not on the way is not named", async () => {
  await hosts.run("agent", byXdp("eth1", "site_count", xdpPrograms.passes));
  try {
    expect((await said()).cause).toBe(unexplained);
  } finally {
    await hosts.run("agent", "ip link set dev eth1 xdpgeneric off");
  }
});
