import { parseFirewall } from "../../../verify/kernel/parse-firewall";
import { parsePolicyRules } from "../../../verify/kernel/parse-routes";
import { parseSets, withSets } from "../../../verify/kernel/parse-sets";

/* What ipset 7.17, iptables-save 1.8.9 and iproute2 6.1 print. */

test("sets of addresses and ranges are known, others and those with exceptions are not", () => {
  const sets = parseSets([
    "create blocked hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x5\nadd blocked 10.9.0.0/16\nadd blocked 192.168.0.0/21\n",
    "create some bitmap:ip range 10.0.0.0-10.0.0.255\n",
    "create ports hash:ip,port family inet hashsize 64\nadd ports 10.0.0.1,tcp:80\n",
    "create holes hash:net family inet hashsize 64\nadd holes 10.0.0.0/8\nadd holes 10.1.0.0/16 nomatch\n",
    `create many hash:ip family inet\n${"add many 10.0.0.1\n".repeat(5_001)}`,
  ]);
  expect([...sets]).toEqual([
    ["blocked", ["10.9.0.0/16", "192.168.0.0/21"]],
    ["some", []],
  ]);
});

test("a rule about a known set is one about its addresses", () => {
  const rules = [
    "-A FORWARD -m set --match-set blocked src -j DROP",
    "-A FORWARD -m set ! --match-set blocked dst -j DROP",
    "-A FORWARD -m set --match-set blocked src,dst -j DROP",
    "-A FORWARD -m set --match-set other src -j DROP",
  ];
  const firewall = parseFirewall(
    "nf_tables",
    `*filter\n:FORWARD ACCEPT [0:0]\n${rules.join("\n")}\n`,
  );
  const sets = new Map([["blocked", ["10.9.0.0/16"]]]);
  const chain = withSets(firewall, sets).tables.filter?.FORWARD;
  expect(chain?.rules.flatMap(({ matches }) => matches)).toEqual([
    { option: "-s", values: ["10.9.0.0/16"], not: false },
    { option: "-d", values: ["10.9.0.0/16"], not: true },
    { option: "--match-set", values: ["blocked", "src,dst"], not: false },
    { option: "--match-set", values: ["other", "src"], not: false },
  ]);
});

test("rules say of which protocol and ports they are", () => {
  const text = `32:	from all to 192.168.0.0/17 ipproto tcp dport 1000-2000 prohibit
33:	from all ipproto 6 sport 80 lookup 7
34:	from all ipproto ipv6-icmp prohibit
`;
  expect(parsePolicyRules(text)).toMatchObject([
    { to: "192.168.0.0/17", protocol: "tcp", ports: { to: "1000-2000" }, partial: false },
    { protocol: "tcp", ports: { from: "80" }, partial: false },
    { protocol: "icmp", partial: false },
  ]);
});
