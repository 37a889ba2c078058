import { parseKernel } from "../../../verify/kernel/parse";
import { mainRoutes } from "../../../verify/seen/kernels";
import { ok } from "./fixture";
import { above, changed, judge, learned, prerouting, worker } from "./kernel-answers";

test.each(["routes", "forwarding", "firewall", "links"])("%s of a sound node pass", (kind) => {
  expect(judge(kind).status).toBe("pass");
});

describe("routes", () => {
  const to = "to 192.168.132.128 on dcos/agent-1: ";

  test.each([
    [
      "a blackhole",
      changed(learned, "blackhole 192.168.132.128/26 proto bird"),
      `${to}blackhole 192.168.132.128/26 proto bird`,
    ],
    ["a route that is gone", changed(`${learned} `, ""), `${to}no route`],
    [
      "another node as the next hop",
      changed(learned, "192.168.132.128/26 via 172.16.18.44 dev eth0 proto bird"),
      `${to}192.168.132.128/26 via 172.16.18.44 dev eth0 proto bird`,
    ],
    [
      "another device",
      changed(learned, "192.168.132.128/26 via 172.16.18.43 dev tun0 proto bird"),
      `${to}192.168.132.128/26 via 172.16.18.43 dev tun0 proto bird`,
    ],
    [
      "two next hops, one of them wrong",
      changed(
        learned,
        "192.168.132.128/26 proto bird \\\tnexthop via 172.16.18.43 dev eth0 weight 1 \\\tnexthop via 172.16.18.44 dev eth0 weight 1",
      ),
      `${to}192.168.132.128/26 via 172.16.18.43 dev eth0 via 172.16.18.44 dev eth0 proto bird`,
    ],
    [
      "an address of the node itself",
      above(learned, "local 192.168.132.128 dev lo table local proto kernel scope host"),
      `${to}local 192.168.132.128 dev lo table local proto kernel; local 192.168.132.128 dev lo table local proto kernel is not of the plan`,
    ],
    [
      "a rule past the main table",
      above(
        "32766:\tfrom all lookup main",
        "100:\tfrom 192.168.0.0/17 to 192.168.128.0/17 lookup 77",
      ).replace(learned, `${learned} \ndefault via 172.16.18.1 dev eth0 table 77`),
      `${to}default via 172.16.18.1 dev eth0 table 77 by the rule 100: from 192.168.0.0/17 to 192.168.128.0/17 lookup 77`,
    ],
    [
      "a rule that refuses",
      above("32766:\tfrom all lookup main", "100:\tfrom all iif cali627bf1fad81 prohibit"),
      `${to}prohibit by the rule 100: from all iif cali627bf1fad81 prohibit`,
    ],
    [
      "a rule for a mark that the firewall sets",
      above("32766:\tfrom all lookup main", "100:\tfrom all fwmark 0x7/0xff blackhole").replace(
        prerouting,
        `-A PREROUTING -s 192.168.0.0/16 -j MARK --set-xmark 0x7/0xff\n${prerouting}`,
      ),
      `${to}blackhole by the rule 100: from all fwmark 0x7/0xff blackhole`,
    ],
    [
      "a container's own link that is gone",
      changed("192.168.41.192 dev cali627bf1fad81 scope link", ""),
      "to its own container 192.168.41.192: blackhole 192.168.41.192/26 proto bird",
    ],
    [
      "a blackhole for a part of a block that has no probe",
      above(learned, "blackhole 192.168.97.200"),
      "blackhole 192.168.97.200 is not of the plan",
    ],
    [
      "an answer of the kernel that the tables do not explain",
      changed(
        "192.168.132.128 from 192.168.41.192 via 172.16.18.43 dev eth0",
        "192.168.132.128 from 192.168.41.192 via 172.16.18.44 dev eth0 table 9",
      ),
      "ip route get 192.168.132.128 from 192.168.41.192 iif cali627bf1fad81: via 172.16.18.44 dev eth0 table 9",
    ],
  ])("%s is named", (_, text, found) => {
    expect(judge("routes", { worker: text })).toMatchObject({
      status: "fail",
      at: "kubernetes/worker-1",
      found,
    });
  });

  test.each([
    [
      "a rule that leads to an empty table",
      above("32766:\tfrom all lookup main", "100:\tfrom all lookup 77"),
    ],
    [
      "a rule whose table has only a default route, which does not count there",
      above(
        "32766:\tfrom all lookup main",
        "100:\tfrom all lookup 77 suppress_prefixlength 0",
      ).replace(learned, `${learned} \ndefault via 172.16.18.1 dev eth0 table 77`),
    ],
    ["a table that no rule leads to", above(learned, "blackhole 192.168.132.128/26 table 77")],
    [
      "a rule for a mark that nobody sets",
      above("32766:\tfrom all lookup main", "100:\tfrom all fwmark 0x7/0xff blackhole"),
    ],
    [
      "a route for all containers that is less specific",
      above(learned, "blackhole 192.168.0.0/16"),
    ],
  ])("%s is no fault", (_, text) => {
    expect(judge("routes", { worker: text }).status).toBe("pass");
  });

  test("a rule past the main table says how to be rid of it", () => {
    const text = above(
      "32766:\tfrom all lookup main",
      "100:\tfrom all to 192.168.128.0/17 unreachable",
    );
    expect(judge("routes", { worker: text })).toMatchObject({
      expected: "to 192.168.132.128 on dcos/agent-1: via 172.16.18.43 dev eth0",
      source: "plan",
      cause: "a rule refuses it: 100: from all to 192.168.128.0/17 unreachable",
      remedy: "on kubernetes/worker-1: ip rule del priority 100",
    });
  });
});

describe("forwarding", () => {
  test.each([
    [
      "forwarding that is off",
      changed("\nip_forward 1", "\nip_forward 0"),
      "net.ipv4.ip_forward = 0",
    ],
    [
      "forwarding that is off on the link to the others",
      changed("conf/eth0/forwarding 1", "conf/eth0/forwarding 0"),
      "net.ipv4.conf.eth0.forwarding = 0",
    ],
    [
      "strict rp_filter where the way back is by another device",
      changed("conf/eth0/rp_filter 0", "conf/eth0/rp_filter 1").replace(
        learned,
        "192.168.132.128/26 via 172.16.18.43 dev eth1 proto bird",
      ),
      "rp_filter 1 on eth0 drops packets from 192.168.132.128: the way back is dev eth1",
    ],
    [
      "a refusal of the kernel that its settings do not explain",
      changed(
        /192\.168\.41\.192 from 192\.168\.132\.128 dev .*\n/.exec(worker)?.[0] ?? "",
        "RTNETLINK answers: Invalid cross-device link\n",
      ),
      "ip route get 192.168.41.192 from 192.168.132.128 iif eth0: Invalid cross-device link",
    ],
  ])("%s is named", (_, text, found) => {
    expect(judge("forwarding", { worker: text })).toMatchObject({ status: "fail", found });
  });

  test("strict rp_filter where all comes and goes by one device is no fault", () => {
    const text = changed("conf/all/rp_filter 0", "conf/all/rp_filter 1");
    expect(judge("forwarding", { worker: text }).status).toBe("pass");
  });

  test("settings that cannot be read are unknown", () => {
    const text = worker.replace(/@@ settings\n[^@]*/, "@@ settings\n\n");
    expect(judge("forwarding", { worker: text })).toMatchObject({
      status: "unknown",
      found: "settings: /proc/sys/net/ipv4 cannot be read",
    });
  });
});

describe("links", () => {
  const eth0 = "mtu 1500 qdisc noqueue state UP mode DEFAULT group default \\    link/ether 02:";

  test.each([
    [
      "a link to the others that is narrower than the containers'",
      changed(eth0, eth0.replace("1500", "1400")),
      "MTU of eth0 is 1400, containers send packets of 1500",
    ],
    [
      "a queue that loses packets",
      changed(eth0, eth0.replace("noqueue", "netem")),
      "eth0 has the queue netem, which loses, delays or changes packets",
    ],
    [
      "a route with an MTU of its own",
      changed(learned, `${learned} mtu lock 1300`),
      "192.168.132.128/26 via 172.16.18.43 dev eth0 proto bird mtu 1300: containers send packets of 1500",
    ],
    [
      "a link address set by hand",
      changed(
        "@@ neighbours\n",
        "@@ neighbours\n172.16.18.43 dev eth0 lladdr 02:00:00:00:00:99 PERMANENT \n",
      ),
      "172.16.18.43 (dcos/agent-1) is 02:00:00:00:00:99 on eth0, set by hand; no link of dcos/agent-1 has that address",
    ],
  ])("%s is named", (_, text, found) => {
    expect(judge("links", { worker: text })).toMatchObject({ status: "fail", found });
  });

  const known = (...all: readonly string[]) =>
    changed("@@ neighbours\n", ["@@ neighbours", ...all, ""].join("\n"));
  const wrong = "172.16.18.43 dev eth0 lladdr 02:00:00:00:00:99 REACHABLE ";
  const own = "172.16.18.43 dev eth0 lladdr 02:42:ac:10:12:2b STALE ";

  test.each([
    ["another machine that answers for a node", true, [wrong, own]],
    ["one that has not answered just now", false, [wrong.replace("REACHABLE", "STALE"), own]],
    ["one link address for all machines, as some clouds have it", false, [wrong]],
    [
      "a gateway that answers for another segment",
      false,
      [wrong, own, "172.16.18.1 dev eth0 lladdr 02:00:00:00:00:99 STALE "],
    ],
  ])("%s is named: %s", (_, named, lines) => {
    const text = known(...lines).replace(learned, `${learned} \ndefault via 172.16.18.1 dev eth0`);
    const { status, found } = judge("links", { worker: text });
    const said = "172.16.18.43 (dcos/agent-1) is 02:00:00:00:00:99 on eth0; no link of";
    expect(status).toBe(named ? "fail" : "pass");
    expect(found.startsWith(said)).toBe(named);
  });

  test("a link address set by hand that is right is no fault", () => {
    const text = changed(
      "@@ neighbours\n",
      "@@ neighbours\n172.16.18.43 dev eth0 lladdr 02:42:ac:10:12:2b PERMANENT \n",
    );
    expect(judge("links", { worker: text }).status).toBe("pass");
  });
});

test("those who look at the main table alone have it from the same answer", () => {
  const kernels = { "kubernetes/worker-1": ok("worker-1: ip", parseKernel(worker)) };
  const routes = mainRoutes(kernels)["kubernetes/worker-1"];
  const value = routes?.ok ? routes.value : [];
  expect(value).toContainEqual({
    ...{ prefix: "192.168.132.128/26", type: "unicast", gateways: ["172.16.18.43"] },
    ...{ device: "eth0", protocol: "bird" },
  });
  expect(value).toContainEqual({
    ...{ prefix: "192.168.41.192/26", type: "blackhole", gateways: [], protocol: "bird" },
  });
  expect(value.some(({ type }) => type === "local")).toBe(false);
});

test("what is no answer of the program is refused", () => {
  expect(() => parseKernel("sh: not found")).toThrow("no routes");
});
