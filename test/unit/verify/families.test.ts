import { checksOf } from "../../../verify/checks";
import type { FamilyKernel, TableRoute } from "../../../verify/kernel/types";
import { statusOf } from "../../../verify/status";
import { renderStatus } from "../../../verify/status-report";
import type { Observation, Verdict } from "../../../verify/types";
import {
  both,
  coes,
  families,
  healthy,
  host,
  id,
  kernel,
  kernelOf,
  piece,
  plan,
  pod,
} from "./families-fixture";
import { neighbour, ok, path } from "./fixture";

const checks = checksOf(plan);

function judge(check: string, seen: Observation): Pick<Verdict, "status" | "found" | "remedy"> {
  const found = checks.find((one) => one.id === check);
  if (found === undefined) throw new Error(`no check ${check}`);
  const { status, found: text, remedy } = found.judge(seen);
  return { status, found: text, ...(remedy === undefined ? {} : { remedy }) };
}

/** The checks that do not pass. */
const bad = (seen: Observation) =>
  checks.flatMap(({ id: name, judge: look }) => {
    const { status, found } = look(seen);
    return status === "pass" ? [] : [`${name}: ${status}: ${found}`];
  });

test("what packets and routes meet is checked in each family, and all else once", () => {
  const ids = checks.map(({ id: name }) => name);
  const six = ids.filter((name) => name.endsWith("/ipv6"));
  expect(six).toEqual([
    "session/rr/one/n-one/ipv6",
    "session/rr/two/n-two/ipv6",
    ...coes.map((coe) => `rib/origin/${id(coe)}/ipv6`),
    ...coes.map((coe) => `fib/${id(coe)}/ipv6`),
    ...coes.flatMap((coe) =>
      ["routes", "forwarding", "firewall", "links"].map((kind) => `kernel/${id(coe)}/${kind}/ipv6`),
    ),
    "http/one-to-two/ipv6",
    "http/two-to-one/ipv6",
    "path/one/n-one-to-two/ipv6",
    "path/two/n-two-to-one/ipv6",
    "policy/one/ipv6",
    "policy/two/ipv6",
  ]);
  expect(new Set(ids).size).toBe(ids.length);
  for (const name of six) expect(ids).toContain(name.replace("/ipv6", ""));
});

test("all of them pass where all is well", () => {
  expect(bad(healthy)).toEqual([]);
});

/** The same with another kernel of IPv6 on the node of `one`. */
const withKernel = (over: (kernel: FamilyKernel) => Partial<FamilyKernel>): Observation => {
  const own = kernel("one");
  const ipv6 = { ...kernelOf("one", 6), ...over(kernelOf("one", 6)) };
  return {
    ...healthy,
    kernels: { ...healthy.kernels, [id("one")]: ok(id("one"), { ...own, ipv6 }) },
  };
};

test("a kernel that does not forward IPv6 is told of, and IPv4 is not blamed", () => {
  const seen = withKernel(() => ({ settings: { "conf/all/forwarding": 0 } }));
  expect(bad(seen)).toEqual([
    "kernel/one/n-one/forwarding/ipv6: fail: net.ipv6.conf.all.forwarding = 0",
  ]);
  expect(judge("kernel/one/n-one/forwarding/ipv6", seen).remedy).toBe(
    "on one/n-one: sysctl -w net.ipv6.conf.all.forwarding=1, and in /etc/sysctl.d",
  );
});

test("a link without IPv6 is told of", () => {
  const seen = withKernel(({ settings }) => ({
    settings: { ...settings, "conf/eth0/disable_ipv6": 1 },
  }));
  expect(bad(seen)).toEqual([
    "kernel/one/n-one/forwarding/ipv6: fail: net.ipv6.conf.eth0.disable_ipv6 = 1",
  ]);
});

test("a rule of ip6tables that drops packets is told of with the command that removes it", () => {
  const match = (option: string, value: string) => ({ option, values: [value], not: false });
  const rule = {
    text: "-s 2001:db8:2::/64 -j DROP",
    matches: [match("-s", "2001:db8:2::/64")],
    ...{ comments: [], target: "DROP", options: [] },
  };
  const seen = withKernel(() => ({
    firewalls: [
      {
        ...{ backend: "nf_tables", family: 6 },
        tables: { filter: { FORWARD: { policy: "ACCEPT", rules: [rule] } } },
      },
    ],
  }));
  const { status, found, remedy } = judge("kernel/one/n-one/firewall/ipv6", seen);
  expect([status, found, remedy]).toEqual([
    "fail",
    "nf_tables of IPv6, table filter, chain FORWARD: -s 2001:db8:2::/64 -j DROP drops packets from 2001:db8:2::42 to 2001:db8:1::702 (tcp, 60 bytes)",
    "on one/n-one: ip6tables -t filter -D FORWARD -s 2001:db8:2::/64 -j DROP",
  ]);
  expect(judge("kernel/one/n-one/firewall", seen).status).toBe("pass");
});

test("an address of IPv6 that a rule of another table leads away is told of", () => {
  const away: TableRoute = {
    ...{ prefix: "2001:db8:2::42/128", type: "blackhole", table: "main", metric: 1024 },
    ...{ hops: [{ device: "lo" }] },
  };
  const seen = withKernel(({ routes }) => ({ routes: [...routes, away] }));
  expect(judge("kernel/one/n-one/routes/ipv6", seen)).toMatchObject({
    status: "fail",
    remedy: "on one/n-one: ip route del blackhole 2001:db8:2::42 dev lo metric 1024",
  });
});

test("a block of IPv6 that no reflector has is missing in the RIB alone", () => {
  const rib = {
    rr: ok("rr", [
      ...families.map((family) => path(piece.one[family], host.one[family])),
      path(piece.two[4], host.two[4]),
    ]),
  };
  expect(bad({ ...healthy, rib })).toEqual([
    "rib/origin/two/n-two/ipv6: fail: no 2001:db8:2::40/122 from 2001:db8:18::34 at rr",
  ]);
});

test("a node without the route of IPv6 is told of by its own check", () => {
  const routes = {
    ...healthy.routes,
    [id("one")]: ok(id("one"), [
      {
        ...{ prefix: piece.two[4], type: "unicast", device: "eth0", protocol: "bird" },
        gateways: [host.two[4]],
      },
    ]),
  };
  expect(bad({ ...healthy, routes })).toEqual([
    "fib/one/n-one/ipv6: fail: no route to 2001:db8:2::40/122 (should be via 2001:db8:18::34)",
  ]);
});

test("a session of IPv6 that is down is told of by both ends", () => {
  const neighbours = {
    rr: ok(
      "rr",
      both((coe, family) =>
        neighbour(host[coe][family], coe === "one" && family === 6 ? { state: "Active" } : {}),
      ),
    ),
  };
  expect(bad({ ...healthy, neighbours })).toEqual(["session/rr/one/n-one/ipv6: fail: Active"]);
  const own = healthy.speakers[id("one")];
  if (own?.ok !== true) throw new Error("no speaker in the fixture");
  const speakers = {
    ...healthy.speakers,
    [id("one")]: ok(id("one"), { ...own.value, sessions: own.value.sessions.slice(0, 1) }),
  };
  expect(bad({ ...healthy, speakers })).toEqual([
    "speaker/one/n-one: fail: no session with 2001:db8:18::32 (rr)",
  ]);
});

test("a container with an address of one family is told of", () => {
  const containers = {
    ...healthy.containers,
    one: ok("one", [{ name: "probe-one", node: id("one"), address: pod.one[4] }]),
  };
  expect(bad({ ...healthy, containers })).toEqual([
    "containers/one: fail: probe-one on one/n-one has no IPv6 address",
  ]);
});

test("a node whose IPv6 address is another than the plan's is told of", () => {
  const members = {
    ...healthy.members,
    one: ok("one", [{ name: "n-one", address: host.one[4], address6: "2001:db8:18::99" }]),
  };
  expect(bad({ ...healthy, members })).toEqual([
    "nodes/one: fail: one has n-one (2001:db8:18::99), the plan has it at 2001:db8:18::33",
  ]);
});

test("a server that sees another address of IPv6 is told of", () => {
  const key = "one-to-two/ipv6";
  const made = healthy.fetches[key];
  if (made === undefined) throw new Error("no such GET in the fixture");
  const answer = ok("one", { server: "probe-two", client: host.one[6] });
  const fetches = { ...healthy.fetches, [key]: { ...made, answer } };
  expect(bad({ ...healthy, fetches })).toEqual([
    "http/one-to-two/ipv6: fail: probe-two saw the client as 2001:db8:18::33 instead of 2001:db8:1::702: something on the path translates addresses",
  ]);
});

test("the status has the addresses, sessions and blocks of both families", () => {
  const lines = renderStatus(statusOf(plan, healthy, {}), 0);
  const row = (start: string) =>
    lines
      .find((line) => line.startsWith(start))
      ?.trim()
      .split(/ {2,}/);
  expect(["rr ", "one ", "one/n-one "].map(row)).toEqual([
    ["rr", "gobgp", "172.16.18.32, 2001:db8:18::32", "4 of 4", "4"],
    ["one", "kubernetes", "1", "2 of 2", "1 of 512, and 1 of IPv6"],
    [
      ...["one/n-one", "172.16.18.33, 2001:db8:18::33", "2 of 2"],
      "192.168.7.0/26, 2001:db8:1::700/122",
    ],
  ]);
});
