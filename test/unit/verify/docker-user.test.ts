import { readFileSync } from "node:fs";
import { join } from "node:path";
import { birdKernel } from "../../../components/speakers/bird/traits";
import type { FirewallPacket } from "../../../verify/kernel/match";
import { parseFirewall } from "../../../verify/kernel/parse-firewall";
import { passage } from "../../../verify/kernel/walk";

/*
 * What iptables-save printed on a plain host with Docker 20.10 that has joined a plan. Docker itself had switched forwarding on there, and
 * sets the policy of FORWARD to DROP then.
 */

const saved = readFileSync(join(__dirname, "../fixtures/docker/forward-drop.txt"), "utf8");
const packet: FirewallPacket = {
  ...{ from: "10.66.2.2", to: "10.65.1.2", iif: "eth0", oif: "seamless0" },
  ...{ protocol: "tcp", ports: { from: 40_000, to: 8080 }, length: 60, state: "NEW" },
};
const ours = /^-A DOCKER-USER -[ds] .* --comment "seamless: .*\n/gm;
const harmOf = (text: string, one: FirewallPacket) =>
  passage(parseFirewall("nf_tables", text), birdKernel, one).harm;

test("what our rules in Docker's chain let through is not dropped by the policy behind them", () => {
  expect(saved).toContain(":FORWARD DROP");
  expect(saved.match(ours)).toHaveLength(2);
  expect(harmOf(saved, packet)).toBeUndefined();
  const answer = { from: packet.to, to: packet.from, iif: "seamless0", oif: "eth0" };
  expect(harmOf(saved, { ...packet, ...answer, state: "ESTABLISHED" })).toBeUndefined();
});

test.each([
  ["packets for others", saved, { ...packet, to: "10.65.9.2" }],
  ["packets on a host whose rules somebody has taken away", saved.replaceAll(ours, ""), packet],
])("the policy drops %s", (_, text, one) => {
  expect(harmOf(text, one)).toMatchObject({ chain: "FORWARD", rule: "policy DROP", does: "drops" });
});

test("a rule of Docker's chain that drops before ours is named", () => {
  const rule = "-A DOCKER-USER -s 10.66.2.0/24 -j DROP\n";
  expect(
    harmOf(
      saved.replace(ours, (line) => `${rule}${line}`),
      packet,
    ),
  ).toMatchObject({
    ...{ chain: "DOCKER-USER", rule: "-s 10.66.2.0/24 -j DROP", does: "drops" },
  });
});
