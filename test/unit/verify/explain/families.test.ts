import { routerTraits } from "../../../../components/kinds/traits";
import { planIn } from "../../../../plan/one-family";
import { endOf, plannedNames } from "../../../../verify/explain/ends";
import { endIn, familyOfWay } from "../../../../verify/explain/family";
import { explainLive, liveNames } from "../../../../verify/explain/live";
import { explainPlanned } from "../../../../verify/explain/planned";
import { sceneOf } from "../../../../verify/explain/scene";
import type { Explanation } from "../../../../verify/explain/types";
import { seenOf } from "../../../../verify/one-family";
import type { Observation } from "../../../../verify/types";
import { healthy, host, id, kernel, kernelOf, plan, pod } from "../families-fixture";
import { ok } from "../fixture";

/** As `seamless explain FROM TO` has it. @param six with --ipv6 */
function explain(from: string, to: string, seen: Observation = healthy, six = false): Explanation {
  const names = liveNames(plan, seen);
  const ends = [endOf(plan, names, "FROM", from), endOf(plan, names, "TO", to)] as const;
  const family = familyOfWay(plan, ...ends, six);
  const scene = sceneOf(planIn(plan, family), routerTraits, seenOf(plan, seen, family));
  return explainLive(scene, endIn(ends[0], family), endIn(ends[1], family));
}

const links = ({ ways }: Explanation) =>
  ways.flatMap((way) => way.links.map(({ layer, at, says }) => `${layer} ${at}: ${says}`));

test("a way between IPv6 addresses is explained link by link, by IPv6 alone", () => {
  const explanation = explain(pod.one[6], pod.two[6]);
  expect(explanation.verdict).toBe("whole");
  expect(links(explanation)).toEqual(
    expect.arrayContaining([
      "owner two: 2001:db8:2::42 is probe-two on two/n-two; block 2001:db8:2::40/122 of two/n-two",
      "fib one/n-one: 2001:db8:2::40/122 via 2001:db8:18::34 dev eth0 proto bird",
      "session one/n-one: Established, 1 received, 1 accepted",
      "rib rr: 2001:db8:2::40/122 next hop 2001:db8:18::34, from two/n-two",
      "sysctl one/n-one: net.ipv6.conf.all.forwarding = 1; IPv6 is on",
      "next hop one/n-one: 2001:db8:18::34 (two/n-two) by eth0",
      "fib two/n-two: 2001:db8:2::42 dev cali1",
    ]),
  );
  expect(links(explanation).filter((line) => /\b(172\.16|192\.168)\./.test(line))).toEqual([]);
});

test("a name means both addresses: IPv4, and IPv6 where that is asked for", () => {
  const four = explain("probe-one", "probe-two");
  expect([four.verdict, four.from.address, four.to.address]).toEqual([
    "whole",
    pod.one[4],
    pod.two[4],
  ]);
  const six = explain("probe-one", "probe-two", healthy, true);
  expect([six.verdict, six.from.address, six.to.address]).toEqual([
    "whole",
    pod.one[6],
    pod.two[6],
  ]);
});

test("a name takes the family of an address at the other end", () => {
  expect(explain("probe-one", pod.two[6]).from.address).toBe(pod.one[6]);
  expect(explain("n-one", pod.two[6]).from.address).toBe(host.one[6]);
});

test("ends without a family in common are refused", () => {
  expect(() => explain(pod.one[4], pod.two[6])).toThrow(
    "FROM 192.168.7.2, TO 2001:db8:2::42: found 192.168.7.2 has IPv4, and 2001:db8:2::42 has IPv6; allowed: two ends that both have IPv4 or IPv6",
  );
  expect(() => explain(pod.one[4], "probe-two", healthy, true)).toThrow(
    "found 192.168.7.2 has IPv4, and probe-two has IPv4 and IPv6; allowed: two ends that both have IPv6",
  );
});

test("what is wrong in IPv6 alone breaks the way of IPv6 alone", () => {
  const closed = { ...kernelOf("one", 6), settings: { "conf/all/forwarding": 0 } };
  const seen = {
    ...healthy,
    kernels: {
      ...healthy.kernels,
      [id("one")]: ok(id("one"), { ...kernel("one"), ipv6: closed }),
    },
  };
  expect(explain("probe-one", "probe-two", seen).verdict).toBe("whole");
  expect(explain("probe-one", "probe-two", seen, true).broken).toMatchObject({
    ...{ layer: "sysctl", at: "one/n-one", says: "net.ipv6.conf.all.forwarding = 0" },
    remedy: "on one/n-one: sysctl -w net.ipv6.conf.all.forwarding=1, and in /etc/sysctl.d",
  });
});

test("the plan alone explains a way of IPv6 by its blocks and next hops", () => {
  const names = plannedNames(plan);
  const ends = [endOf(plan, names, "FROM", "one"), endOf(plan, names, "TO", "two")] as const;
  const family = familyOfWay(plan, ...ends, true);
  expect(family).toBe(6);
  const own = planIn(plan, family);
  const explanation = explainPlanned(own, routerTraits, endIn(ends[0], 6), endIn(ends[1], 6));
  expect(explanation.verdict).toBe("whole");
  expect(links(explanation)).toEqual(
    expect.arrayContaining([
      "fib one/n-one: 2001:db8:2::/122 via 2001:db8:18::34",
      "rib rr: 2001:db8:2::/122 next hop 2001:db8:18::34, from two/n-two",
    ]),
  );
});
