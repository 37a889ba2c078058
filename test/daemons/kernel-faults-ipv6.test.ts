import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parsed } from "../../components/ask/shell";
import { planIn } from "../../plan/one-family";
import { exec, execOrThrow } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { checksOf } from "../../verify/checks";
import { endsOf } from "../../verify/kernel/ends";
import { parseKernel } from "../../verify/kernel/parse";
import { kernelCommand } from "../../verify/kernel/script";
import { seenIn } from "../../verify/one-family";
import { questionsOf } from "../../verify/seen/kernels";
import { parseTrips } from "../../verify/trips/parse";
import { onNode } from "../../verify/trips/script";
import type { Observation } from "../../verify/types";
import {
  type Coe,
  coes,
  healthy,
  host,
  id,
  piece,
  plan,
  pod,
} from "../unit/verify/families-fixture";
import { ok } from "../unit/verify/fixture";

/*
 * Two hosts with a container each, as network namespaces with IPv6 alone: real kernels, so that each fault is first seen to
 * bite, and is then named by the checks of IPv6 on the right node.
 */

const name = (space: string) => `sl6${process.pid}${space}`;
const podOf = (coe: Coe) => `pod-${coe}`;
const spaces = coes.flatMap((coe) => [coe, podOf(coe)]);

const run = (space: string, line: string) =>
  execOrThrow(["ip", "netns", "exec", name(space), "sh", "-ec", line]);

beforeAll(async () => {
  for (const space of spaces) await execOrThrow(["ip", "netns", "add", name(space)]);
  for (const space of spaces) await run(space, "ip link set lo up");
  const link = (a: string, deviceA: string, b: string) =>
    run(
      a,
      `ip link add ${deviceA} type veth peer name eth0 netns ${name(b)} && ip link set ${deviceA} up && ip netns exec ${name(b)} ip link set eth0 up`,
    );
  await link("one", "eth0", "two");
  for (const coe of coes) {
    const far: Coe = coe === "one" ? "two" : "one";
    await link(coe, "cali1", podOf(coe));
    // The gateway of Calico's pods is an address of the link.
    await run(
      coe,
      `sysctl -qw net.ipv6.conf.all.forwarding=1
ip address add ${host[coe][6]}/64 dev eth0 nodad
ip address add fe80::1/64 dev cali1 nodad
ip -6 route add ${pod[coe][6]} dev cali1
ip -6 route add ${piece[far][6]} via ${host[far][6]} dev eth0 proto bird`,
    );
    await run(
      podOf(coe),
      `ip address add ${pod[coe][6]}/128 dev eth0 nodad; ip -6 route add default via fe80::1 dev eth0`,
    );
  }
});

afterAll(async () => {
  for (const space of spaces) await exec(["ip", "netns", "delete", name(space)]);
});

const own = planIn(plan, 6);
const { workloads, containers } = seenIn(healthy, 6);
const ends = endsOf(own, workloads, containers);

/** What both kernels say, asked as `seamless verify` asks them. */
async function kernels(): Promise<NonNullable<Observation["kernels"]>> {
  const all = coes.map(async (coe) => {
    const node = ends.find((end) => end.node.id === id(coe))?.node;
    if (node === undefined) throw new Error(`no ${coe} in the fixture`);
    const argv = kernelCommand(questionsOf(node, ends), true);
    const { stdout } = await execOrThrow(["ip", "netns", "exec", name(coe), ...argv]);
    return [id(coe), parsed(ok(coe, stdout), parseKernel)] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

/** The checks of IPv6 about kernels that do not pass, with what they found. */
async function named(): Promise<Record<string, string>> {
  const seen = { ...healthy, kernels: await kernels() };
  const bad = checksOf(plan).flatMap(({ id: check, group, judge }): [string, string][] => {
    if (group !== "kernel" || !check.endsWith("/ipv6")) return [];
    const { status, found } = judge(seen);
    return status === "pass" ? [] : [[check, found]];
  });
  return Object.fromEntries(bad);
}

/** From the one container to the other: a page, and 64 KiB. */
async function trip() {
  const target = { address: pod.two[6], port: 8080, closed: false };
  const { stdout } = await execOrThrow(onNode(pod.one[6], [target]));
  return parseTrips(stdout)[pod.two[6]];
}

let server: ReturnType<typeof spawn>;

beforeAll(async () => {
  server = spawn("ip", ["netns", "exec", name(podOf("two")), join(toolsBin(), "lab-probe")]);
  await waitFor({ what: "the server", timeoutMs: 60_000 }, async () => {
    const made = await trip();
    return made?.page.ok
      ? { done: true, value: undefined }
      : { done: false, seen: JSON.stringify(made?.page) };
  });
});

afterAll(async () => {
  server.kill();
  await once(server, "exit");
});

jest.setTimeout(120_000);

test("nothing is named where all is well, and the server sees the container's own IPv6 address", async () => {
  expect(await trip()).toMatchObject({
    page: { ok: true, value: { client: pod.one[6] } },
    ...{ mtu: 1500, body: { ok: true } },
  });
  expect(await named()).toEqual({});
});

/** Both forget what they know of each other. */
const forget = coes
  .map((coe) => `ip netns exec ${name(coe)} ip -6 neighbour flush dev eth0`)
  .join("; ");
const kernel = (coe: Coe, kind: string) => `kernel/${id(coe)}/${kind}/ipv6`;

test.each<[string, Coe, string, string, Record<string, string>]>([
  [
    "forwarding that is off",
    "two",
    "sysctl -qw net.ipv6.conf.all.forwarding=0",
    "sysctl -qw net.ipv6.conf.all.forwarding=1",
    { [kernel("two", "forwarding")]: "net.ipv6.conf.all.forwarding = 0" },
  ],
  [
    "a rule past the main table",
    "one",
    `ip -6 rule add from ${piece.one[6]} prohibit priority 50`,
    "ip -6 rule del priority 50",
    {
      [kernel("one", "routes")]:
        `to ${pod.two[6]} on two/n-two: prohibit by the rule 50: from ${piece.one[6]} prohibit`,
    },
  ],
  [
    "a blackhole for one container",
    "one",
    `ip -6 route add blackhole ${pod.two[6]}`,
    `ip -6 route del blackhole ${pod.two[6]}`,
    {
      [kernel("one", "routes")]:
        `to ${pod.two[6]} on two/n-two: blackhole ${pod.two[6]} dev lo metric 1024; blackhole ${pod.two[6]} dev lo metric 1024 is not of the plan`,
    },
  ],
  [
    "a rule of ip6tables behind a jump",
    "two",
    `ip6tables -N SITE; ip6tables -A FORWARD -s ${piece.one[6]} -j SITE; ip6tables -A SITE -p tcp -j DROP`,
    "ip6tables -F; ip6tables -X",
    {
      [kernel("two", "firewall")]:
        `nf_tables of IPv6, table filter, chain SITE: -p tcp -j DROP drops packets from ${pod.one[6]} to ${pod.two[6]} (tcp, 60 bytes)`,
    },
  ],
  [
    "neighbour discovery that a rule drops",
    "two",
    `ip6tables -A INPUT -p ipv6-icmp --icmpv6-type neighbour-solicitation -i eth0 -j DROP; ${forget}`,
    `ip6tables -F; ${forget}`,
    {
      [kernel("two", "links")]:
        `nf_tables of IPv6, table filter, chain INPUT: -i eth0 -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j DROP drops the question of ${host.one[6]} for ${host.two[6]} (neighbour discovery)`,
    },
  ],
  [
    "a policy of IPsec that blocks",
    "one",
    `ip xfrm policy add src ${piece.one[6]} dst ${piece.two[6]} dir fwd action block`,
    "ip xfrm policy flush",
    {
      [kernel("one", "firewall")]:
        `ip xfrm policy: src ${piece.one[6]} dst ${piece.two[6]} dir fwd action block priority 0 ptype main drops packets from ${pod.one[6]} to ${pod.two[6]} (tcp, 60 bytes)`,
    },
  ],
  [
    "another gateway, which is not there",
    "one",
    `ip -6 route replace ${piece.two[6]} via 2001:db8:18::99 dev eth0 proto bird`,
    `ip -6 route replace ${piece.two[6]} via ${host.two[6]} dev eth0 proto bird`,
    {
      [kernel("one", "routes")]:
        `to ${pod.two[6]} on two/n-two: ${piece.two[6]} via 2001:db8:18::99 dev eth0 proto bird metric 1024`,
    },
  ],
])("%s is seen to bite, and named on its node alone", async (_, coe, plant, mend, found) => {
  await run(coe, plant);
  try {
    expect((await trip())?.page.ok).toBe(false);
    expect(await named()).toEqual(found);
  } finally {
    await run(coe, mend);
  }
  expect((await trip())?.page.ok).toBe(true);
  expect(await named()).toEqual({});
});
