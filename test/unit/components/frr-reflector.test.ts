import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makePlan, parseConfig } from "../../../components/kinds/planning";
import { frr } from "../../../components/reflector/frr";
import { commandsBetween } from "../../../components/reflector/frr/apply";
import { acceptedIn, openIn, roleOf } from "../../../components/reflector/frr/file";
import { parseFrrText } from "../../../components/reflector/frr/text";
import { digestOf } from "../../../components/reflector/passwords";

/** What bgpd 8.4.4 printed of a router with two neighbours, one in another AS. */
const recorded = (name: string) =>
  readFileSync(join(__dirname, "..", "fixtures", "frr", `${name}.txt`), "utf8");
const running = parseFrrText(recorded("running"));

test("reads the sessions as FRR prints them, and what neighbours have sent", () => {
  const { parse, more } = frr.tables.neighbours;
  const [first, second] = [recorded("summary"), recorded("counts")];
  const now = 1_795_992_300;
  expect(parse(first + second, now)).toEqual([
    {
      ...{ address: "10.9.0.2", asn: 64_511, state: "Established", uptimeSeconds: 80 },
      ...{ received: 3, accepted: 2 },
    },
    {
      ...{ address: "10.9.0.3", asn: 64_600, state: "Established", uptimeSeconds: 48 },
      ...{ received: 2, accepted: 2 },
    },
  ]);
  expect(more?.(first, false)).toEqual([
    [
      ...["-c", "show bgp ipv4 unicast neighbors 10.9.0.2 prefix-counts json"],
      ...["-c", "show bgp ipv4 unicast neighbors 10.9.0.3 prefix-counts json"],
    ],
  ]);
  expect(parse("{\n}\n", now)).toEqual([]);
});

test("reads the RIB as FRR prints it", () => {
  const found = frr.tables.rib.parse(recorded("routes"), 1_795_992_300);
  expect(found).toContainEqual({
    ...{ prefix: "172.20.2.0/26", nextHop: "10.9.0.2", peer: "10.9.0.2" },
    ...{ best: true, ageSeconds: 80, localPref: 100 },
  });
  expect(found.filter(({ peer }) => peer === "10.9.0.3").length).toBeGreaterThan(0);
});

test("reads what a running daemon accepts, and who its neighbours are", () => {
  const accepted = acceptedIn(running).map(
    ({ neighbors, prefix, lengths, nextHops, asPath }) =>
      `${neighbors} ${prefix} ${lengths} ${nextHops} ${asPath}`,
  );
  expect(accepted).toContain("10.9.0.2/32 192.168.0.0/17 26..26 10.9.0.2 ");
  expect(accepted).toContain("10.9.0.2/32 10.96.0.0/16 16..32 10.9.0.2 ");
  expect(accepted).toContain("10.9.0.3/32 172.20.0.0/16 26..26 10.9.0.3 le 1");
  expect(openIn(running)).toEqual([]);
  expect(roleOf(running, "10.9.0.2")).toEqual({
    asn: 64_511,
    limit: 100,
    password: digestOf('a\\b#{}$;|?"x'),
  });
  expect(roleOf(running, "10.9.0.3")).toEqual({ asn: 64_600, replacePeerAs: true });
});

test("tells of a neighbour of whom everything is accepted", () => {
  const text = recorded("running");
  const bare = text.replace("  neighbor 10.9.0.2 route-map from-10.9.0.2 in\n", "");
  expect(openIn(parseFrrText(bare))).toEqual(["from 10.9.0.2/32: everything"]);
  const wide = text.replace(" match ip address prefix-list from-10.9.0.2\n", "");
  expect(openIn(parseFrrText(wide))).toEqual(["from 10.9.0.2/32: what from-10.9.0.2 accepts"]);
});

const changed = (from: string, to: string) => {
  const text = recorded("running");
  expect(text).toContain(from);
  return commandsBetween(running, parseFrrText(text.replace(from, to)));
};

test("there is nothing to do from a configuration to itself", () => {
  expect(commandsBetween(running, running)).toEqual([]);
});

test("a range is accepted before another one is refused, wherever the two stand in their list", () => {
  expect(changed("seq 9 permit 172.20.0.0/16 ge 26", "seq 1 permit 172.21.0.0/16 ge 26")).toEqual([
    "ip prefix-list from-10.9.0.2 permit 172.21.0.0/16 ge 26 le 26",
    "no ip prefix-list from-10.9.0.2 seq 9 permit 172.20.0.0/16 ge 26 le 26",
  ]);
});

test("only what is changed of a neighbour is told, and a neighbour of another AS is made anew", () => {
  expect(changed(" neighbor 10.9.0.2 timers 10 30", " neighbor 10.9.0.2 timers 30 90")).toEqual([
    "router bgp 64511",
    "neighbor 10.9.0.2 timers 30 90",
    "exit",
  ]);
  expect(changed("  neighbor 10.9.0.3 as-override\n", "")).toEqual([
    "router bgp 64511",
    "address-family ipv4 unicast",
    "no neighbor 10.9.0.3 as-override",
    "exit-address-family",
    "exit",
  ]);
  const anew = changed("10.9.0.3 remote-as 64600", "10.9.0.3 remote-as 64601");
  expect(anew.slice(0, 3)).toEqual([
    "router bgp 64511",
    "no neighbor 10.9.0.3",
    "neighbor 10.9.0.3 remote-as 64601",
  ]);
  expect(anew).toContain("neighbor 10.9.0.3 route-map from-10.9.0.3 in");
});

test("says what FRR has against a file, though it ends well", () => {
  const stderr =
    "2026/11/29 22:40:30 BGP: [SHWNK-NWT5S][EC 100663304] No such command on config line 24:  neighbor 10.9.0.2 tmers 30 90\n";
  expect(frr.check.complaint({ code: 0, stdout: "", stderr })).toBe(
    "No such command on config line 24: neighbor 10.9.0.2 tmers 30 90",
  );
  const harmless =
    '2026/11/29 22:40:30 BGP: [QYS7B-8K2EV][EC 100663303] failed to mkdir "/var/run/frr"\n';
  expect(frr.check.complaint({ code: 0, stdout: "", stderr: harmless })).toBeUndefined();
});

test("refuses a password that FRR cannot read, without quoting it", () => {
  const file = " neighbor 10.9.0.2 password seamless:bgpPasswords.k\n";
  expect(frr.withPasswords(file, { k: "a#b" })).toBe(" neighbor 10.9.0.2 password a#b\n");
  expect(() => frr.withPasswords(file, { k: "a b" })).toThrow(
    "seamless:bgpPasswords.k: found a space or a line end; FRR cannot read these in a password",
  );
});

test("a list that permits any is told as everything of its family", () => {
  const opened = (word: string, address: string) =>
    acceptedIn(
      parseFrrText(
        [
          `${word} prefix-list from seq 5 permit any`,
          ...["route-map from permit 1", ` match ${word} address prefix-list from`, "exit"],
          ...["router bgp 64511", ` neighbor ${address} remote-as 64511`],
          ` address-family ${word === "ip" ? "ipv4" : "ipv6"} unicast`,
          ...[`  neighbor ${address} route-map from in`, " exit-address-family", "exit"],
        ].join("\n"),
      ),
    ).map(({ prefix, lengths }) => `${prefix} ${lengths}`);
  expect(opened("ip", "10.9.0.2")).toEqual(["0.0.0.0/0 0..32"]);
  expect(opened("ipv6", "fd00::2")).toEqual(["::/0 0..128"]);
});

test("all that clients are sent as it is goes by one map and is collected for a moment, so that FRR makes an update once", () => {
  const plan = makePlan(
    parseConfig({
      network: { nodes: "192.0.2.0/24", asn: 64511 },
      reflectors: { rr: { kind: "frr", address: "192.0.2.1" } },
      coes: {
        k: {
          kind: "kubernetes",
          podCidr: "10.64.0.0/16",
          policy: "open",
          access: { kubeconfig: "file" },
          nodes: {
            ...{ a: { address: "192.0.2.2" }, b: { address: "192.0.2.3" } },
            other: { address: "192.0.2.4", asn: 64512 },
          },
        },
      },
    }),
  );
  const { rr } = plan.reflectors;
  if (rr === undefined) throw new Error("no reflector");
  const text = parseFrrText(frr.render(plan, rr));
  expect(text.instance).toContain("coalesce-time 100");
  expect(text.instance).toContain("update-delay 5");
  expect([...text.routeMaps.keys()].sort()).toEqual([
    ...["from-192.0.2.2", "from-192.0.2.3", "from-192.0.2.4"],
    ...["to-192.0.2.4", "to-all"],
  ]);
  expect(text.routeMaps.get("to-all")).toEqual(new Map([["permit 1", []]]));
  const lines = [...text.neighbors.values()].map((places) => places.get("ipv4 unicast") ?? []);
  expect(lines.map((one) => one.filter((line) => line.endsWith(" out")))).toEqual([
    ["route-map to-all out"],
    ["route-map to-all out"],
    // FRR would put the reflector's AS in place of another node's for a neighbour that has all of it alike.
    ["route-map to-192.0.2.4 out"],
  ]);
});
