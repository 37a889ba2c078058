import { parseBird } from "../../../components/reflector/bird/conf";
import { renderBirdNode } from "../../../components/speakers/bird/conf";
import { parseBirdNode } from "../../../components/speakers/bird/read";
import type { SpeakerNode } from "../../../components/speakers/node";

const node: SpeakerNode = {
  routerId: "10.1.1.21",
  ranges: ["10.65.1.0/24"],
  sessions: [
    {
      ...{ far: "rr", address: "10.1.1.1", asn: 64512, port: 1790 },
      ...{ local: "10.1.1.21", localAsn: 64512, password: "seamless:bgpPasswords.hosts" },
      ttlSecurity: true,
      accepts: [{ prefix: "10.64.0.0/16", min: 16, max: 32 }],
    },
  ],
};

test("a node's file has its range, its sessions, and what it takes of them", () => {
  expect(
    renderBirdNode(node),
  ).toBe(`# Made by seamless. The next update puts back what is changed here.
log syslog all;
timeformat base iso long;
timeformat protocol iso long;
timeformat route iso long;
router id 10.1.1.21;
graceful restart wait 60;

protocol device {
}

protocol direct {
  ipv4;
}

filter to_kernel4 {
  if source = RTS_BGP || source = RTS_STATIC then accept;
  reject;
}
protocol kernel kernel4 {
  learn;
  persist;
  merge paths on;
  graceful restart;
  ipv4 {
    import all;
    export filter to_kernel4;
  };
}

protocol static own4 {
  ipv4 {
    preference 250;
  };
  route 10.65.1.0/24 blackhole;
}

# rr
define accepts_10_1_1_1 = [
  10.64.0.0/16{16,32}
];
define least_ttl_10_1_1_1 = 255;
filter from_10_1_1_1 {
  if net ~ accepts_10_1_1_1 then accept;
  reject;
}
filter to_10_1_1_1 {
  if proto = "own4" then accept;
  reject;
}
protocol bgp node_10_1_1_1 {
  description "rr";
  local 10.1.1.21 as 64512;
  neighbor 10.1.1.1 port 1790 as 64512;
  strict bind on;
  multihop 1;
  ttl security on;
  password "seamless:bgpPasswords.hosts";
  hold time 90;
  keepalive time 30;
  connect delay time 1;
  connect retry time 5;
  error wait time 5, 30;
  error forget time 60;
  graceful restart on;
  ipv4 {
    import keep filtered on;
    import filter from_10_1_1_1;
    export filter to_10_1_1_1;
    next hop self;
    gateway recursive;
    add paths rx;
  };
}
`);
});

test("a reflector is watched on one segment, and its routes stay while it is away; another node's do not", () => {
  const [session] = node.sessions;
  if (session === undefined) throw new Error("no session");
  const { port, ttlSecurity, password, ...plain } = session;
  const bfd = { interval: 300, multiplier: 3 };
  const text = renderBirdNode({
    ...node,
    sessions: [
      { ...plain, bfd: { ...bfd, graceful: true } },
      { ...plain, address: "10.1.1.22", far: "hosts/two", bfd: { ...bfd, graceful: false } },
      { ...plain, address: "10.1.1.23", far: "hosts/three" },
    ],
  });
  expect(text).toContain(`protocol bfd {
  accept direct;
  interface "*" {
    interval 300 ms;
    multiplier 3;
  };
}
`);
  const linesOf = (address: string) =>
    new RegExp(`^protocol bgp node_${address} \\{\\n([\\s\\S]*?)^\\}`, "m")
      .exec(text)?.[1]
      ?.split("\n")
      .filter((line) => /^ {2}(bfd|direct|multihop|connect delay)/.test(line));
  expect(linesOf("10_1_1_1")).toEqual(["  direct;", "  bfd graceful;", "  connect delay time 2;"]);
  expect(linesOf("10_1_1_22")).toEqual(["  direct;", "  bfd on;", "  connect delay time 2;"]);
  expect(linesOf("10_1_1_23")).toEqual(["  multihop;", "  connect delay time 1;"]);
});

test("the reader of reflectors' files reads it, too", () => {
  const { neighbors, fence } = parseBird(renderBirdNode(node));
  expect(neighbors["10.1.1.1"]).toMatchObject({ asn: 64512, ttlSecurity: true });
  expect(fence).toEqual(["from 10.1.1.1/32: 10.64.0.0/16 16..32 by "]);
});

test("what is no answer of BIRD is refused", () => {
  expect(() => parseBirdNode("bird: not found")).toThrow("no status of BIRD");
});
