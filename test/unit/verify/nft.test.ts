import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { FirewallPacket } from "../../../verify/kernel/match";
import { mendOf, placeOf } from "../../../verify/kernel/mend";
import { parseNft } from "../../../verify/kernel/parse-nft";
import { passage } from "../../../verify/kernel/walk";

/*
 * What nftables 1.0.6 printed of each rule, as text and as JSON, from a real kernel: one chain at the hook "forward", with the
 * rule and one that drops what is marked 0x18, and a chain "more" that rejects TCP. Which packets a rule is for is nft(8)'s word.
 */

const printed = z
  .record(z.string(), z.object({ json: z.string(), text: z.string() }))
  .parse(JSON.parse(readFileSync(join(__dirname, "../fixtures/nft/rules.json"), "utf8")));

const own = { chains: "\0", comments: "\0" };
const packet: FirewallPacket = {
  ...{ from: "192.168.7.1", to: "192.168.130.65", iif: "cali0", oif: "eth0" },
  ...{ protocol: "tcp", length: 60, state: "NEW" },
  ports: { from: 40_000, to: 8080 },
};
const large = { ...packet, length: 1500 };
const ping = { ...packet, protocol: "icmp" as const };
const six: FirewallPacket = { ...packet, from: "fd00:1::1", to: "fd00:2::1" };

function firewall(rule: string, family: 4 | 6 = 4) {
  const { json, text } = printed[rule] ?? { json: "", text: "" };
  return parseNft([`# Warning: of something else\n${json}\n`], [text], family);
}

const harmOf = (rule: string, one: FirewallPacket, family: 4 | 6 = 4) =>
  passage(firewall(rule, family), own, one).harm;

test.each<[string, FirewallPacket, string | undefined]>([
  ["ip saddr 192.168.0.0/17 drop", packet, "drops"],
  ["ip saddr 192.168.7.0-192.168.7.9 drop", packet, "drops"],
  ["ip saddr 192.168.7.0-192.168.7.9 drop", { ...packet, from: "192.168.7.10" }, undefined],
  ["ip saddr != 10.0.0.0/8 drop", packet, "drops"],
  ["ip saddr != 10.0.0.0/8 drop", { ...packet, from: "10.1.1.1" }, undefined],
  ["ip saddr { 10.0.0.0/8, 192.168.4.0/22 } ip daddr 192.168.130.65 drop", packet, "drops"],
  [
    "ip saddr { 10.0.0.0/8, 192.168.4.0/22 } ip daddr 192.168.130.65 drop",
    { ...packet, from: "192.168.8.1" },
    undefined,
  ],
  ["ip daddr @far drop", packet, "drops"],
  ["ip daddr @far drop", { ...packet, to: "192.168.7.2" }, undefined],
  ["ip daddr @none drop", packet, undefined],
  ['iifname "cali*" oifname { "eth0", "eth1" } drop', packet, "drops"],
  ['iifname "cali*" oifname { "eth0", "eth1" } drop', { ...packet, oif: "eth2" }, undefined],
  ['iifname != "cali*" drop', packet, undefined],
  ["tcp dport { 80, 8000-8100 } drop", packet, "drops"],
  ["tcp dport { 80, 8000-8100 } drop", ping, undefined],
  ["tcp dport < 1024 drop", packet, undefined],
  ["tcp dport < 1024 drop", { ...packet, ports: { from: 1, to: 1023 } }, "drops"],
  ["meta l4proto { tcp, udp } th dport 8080 drop", packet, "drops"],
  ["udp dport 8080 drop", packet, undefined],
  ["ct state new drop", packet, "drops"],
  ["ct state established,related drop", packet, undefined],
  ["ct state established,related drop", { ...packet, state: "ESTABLISHED" }, "drops"],
  ["ct state vmap { established : accept, new : drop }", packet, "drops"],
  ["ct state vmap { new : jump more, invalid : drop }", packet, "drops"],
  ["ct state vmap { new : jump more, invalid : drop }", ping, undefined],
  ["ip saddr vmap { 192.168.0.0/17 : goto more, 10.0.0.0/8 : accept }", packet, "drops"],
  // Several things of a packet at once are not read: nothing is said of what may be.
  ["ip saddr . tcp dport { 192.168.7.1 . 8080 } drop", packet, undefined],
  ["meta mark set 0x18", packet, "drops"],
  ["meta length > 1000 drop", packet, undefined],
  ["meta length > 1000 drop", large, "drops"],
  ["meta nfproto ipv6 drop", packet, undefined],
  ["ip6 daddr fd00::/8 drop", packet, undefined],
  ["icmpv6 type echo-request drop", ping, undefined],
  ["icmp type echo-request drop", ping, "drops"],
  ["icmp type echo-request drop", packet, undefined],
  ["fib daddr type local drop", packet, undefined],
  ["limit rate over 10/second drop", packet, "drops sometimes"],
  ["numgen random mod 10 < 3 drop", packet, "drops sometimes"],
  ["tcp flags syn / syn,ack drop", packet, "drops"],
  ["tcp flags syn / syn,ack drop", { ...packet, state: "ESTABLISHED" }, undefined],
  ["ip ttl set 1", packet, "drops"],
  ["ip ttl set 60", packet, undefined],
  ["ip saddr set 10.0.0.1", packet, "translates"],
  ["ip dscp cs1 drop", packet, undefined],
  ["ether saddr 02:00:00:00:00:01 drop", packet, undefined],
  ['log prefix "x" counter', packet, undefined],
  ["reject with icmpx admin-prohibited", packet, "drops"],
])("%s", (rule, one, expected) => {
  const harm = harmOf(rule, one);
  const seen = harm && `${harm.does}${harm.sometimes ? " sometimes" : ""}`;
  expect(seen).toBe(expected);
});

test("rules about IPv6 meet packets of IPv6", () => {
  const all = [
    ["ip6 daddr fd00::/8 drop", six],
    ["meta nfproto ipv6 drop", six],
    ["icmpv6 type echo-request drop", { ...six, protocol: "icmp" as const }],
    ["reject with icmpx admin-prohibited", six],
  ] as const;
  for (const [rule, one] of all)
    expect([rule, harmOf(rule, one, 6)?.does]).toEqual([rule, "drops"]);
  expect(harmOf("ip saddr 192.168.0.0/17 drop", six, 6)).toBeUndefined();
  expect(harmOf("ip saddr != 10.0.0.0/8 drop", six, 6)).toBeUndefined();
});

test("addresses are translated for the first packet of a connection, wherever that is", () => {
  const first = harmOf("nat", packet);
  expect(first).toMatchObject({ table: "ip nat2", chain: "pre", does: "translates" });
  const later = harmOf("nat", { ...packet, ports: { from: 1, to: 9 } });
  expect(later).toMatchObject({ table: "ip nat2", chain: "post", does: "translates" });
  expect(harmOf("nat", { ...packet, state: "ESTABLISHED" })).toBeUndefined();
});

test("a rule is written as nft writes it, and taken away by its handle", () => {
  const harm = harmOf("tcp dport { 80, 8000-8100 } drop", packet);
  expect(harm && placeOf(harm)).toBe(
    "nftables, table inet site, chain forward: tcp dport { 80, 8000-8100 } drop",
  );
  expect(harm && mendOf(harm)).toBe(`nft delete rule inet site forward handle ${harm?.handle}`);
});

test("the tables of the network's own speaker are judged elsewhere", () => {
  const all = firewall("reject with icmpx admin-prohibited");
  expect(passage(all, { ...own, tables: ["site"] }, packet).harm).toBeUndefined();
});

/** One chain at the hook "forward" with one rule, as libnftables-json(5) describes both. */
const forwarding = (...expr: readonly object[]) => {
  const of = { family: "ip", table: "site" };
  const chain = { ...of, name: "quick", type: "filter", hook: "forward", prio: 0 };
  const rule = { ...of, chain: "quick", handle: 2, expr };
  return JSON.stringify({ nftables: [{ chain }, { rule }] });
};

test.each<[object, readonly number[], string | undefined]>([
  [{ num: 5 }, [], "drops"],
  [{ num: 5 }, [5], undefined],
  [{ num: 5, flags: ["bypass"] }, [], undefined],
  [{ num: { range: [1, 3] } }, [1, 3], "drops"],
  [{ num: { range: [1, 3] }, flags: ["fanout"] }, [1, 2, 3], undefined],
])("packets for the queue %j, of which %j are served", (queue, served, does) => {
  const firewall = { ...parseNft([forwarding({ queue })], []), served: new Set(served) };
  expect(passage(firewall, own, packet).harm?.does).toBe(does);
});
