import type { FirewallPacket } from "../../../verify/kernel/match";
import { mendOf, placeOf } from "../../../verify/kernel/mend";
import { parsePolicies } from "../../../verify/kernel/parse-xfrm";
import { passage } from "../../../verify/kernel/walk";

/* What iproute2 6.1 printed of policies in a real kernel, by `ip -o xfrm policy show`. */
const line = (...parts: readonly string[]) => `${parts.join("\\")}\n`;
const selector = "src 192.168.0.0/18 dst 192.168.128.0/18 ";
const blocks = line(
  `${selector}proto tcp dport 8080 `,
  "\tdir out action block priority 5 ptype main ",
  "\tmark 0x1/0xff ",
);
const encrypts = line(
  selector,
  "\tdir fwd priority 100 ptype main ",
  "\ttmpl src 172.16.18.34 dst 172.16.18.43\t\tproto esp reqid 1 mode tunnel",
);
const blocksAll = line(`${selector}`, "\tdir fwd action block priority 50 ptype main ");
const allows = line(`${selector}`, "\tdir fwd priority 20 ptype main ");

const own = { chains: "\0", comments: "\0" };
const packet: FirewallPacket = {
  ...{ from: "192.168.7.1", to: "192.168.130.65", iif: "cali0", oif: "eth0" },
  ...{ protocol: "tcp", length: 60, state: "NEW" },
  ports: { from: 40_000, to: 8080 },
};
const meets = (text: string, one = packet) => {
  const [firewall] = parsePolicies(text);
  return firewall && passage(firewall, own, one).harm;
};

test("without policies there is nothing that packets meet", () => {
  expect(parsePolicies("")).toEqual([]);
  expect(parsePolicies("\n")).toEqual([]);
});

test("a policy that blocks is named as ip writes it, with the command that takes it away", () => {
  const harm = meets(blocksAll);
  expect(harm && [placeOf(harm), mendOf(harm)]).toEqual([
    "ip xfrm policy: src 192.168.0.0/18 dst 192.168.128.0/18 dir fwd action block priority 50 ptype main",
    "ip xfrm policy del src 192.168.0.0/18 dst 192.168.128.0/18 dir fwd",
  ]);
  expect(meets(blocksAll, { ...packet, to: "192.168.7.2" })).toBeUndefined();
});

test("the lowest priority decides, in whatever order policies are printed", () => {
  expect(meets(blocksAll + allows)).toBeUndefined();
  expect(meets(encrypts + blocksAll)?.does).toBe("drops");
});

test("what encrypts is not taken for a loss, nor a policy for marks that packets do not have", () => {
  expect(meets(encrypts)).toBeUndefined();
  expect(meets(blocks)).toBeUndefined();
});
