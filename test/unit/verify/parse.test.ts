import { parseNeighbours, parseRib } from "../../../components/reflector/gobgp/tables";
import { parseProbe, parseRoutes } from "../../../verify/parse";

test("neighbours as gobgp prints them, zero values left out; accepted is what is in the RIB", () => {
  const path = (prefix: string, peer: string) => ({
    [prefix]: [{ nlri: { prefix }, age: 1, best: true, "peer-address": peer, attrs: [] }],
  });
  const ribs = [
    { ...path("192.168.7.0/26", "172.16.18.34"), ...path("10.0.0.0/26", "") },
    path("2001:db8::/122", "172.16.18.34"),
  ];
  const peers = JSON.stringify([
    {
      conf: { neighbor_address: "172.16.18.34", peer_asn: 64511 },
      state: { session_state: 6, peer_asn: 64511 },
      timers: { state: { uptime: { seconds: 1000 } } },
      // What it calls accepted has not met its import policy yet.
      afi_safis: [{ state: { received: 4, accepted: 4 } }],
    },
    { conf: { neighbor_address: "172.16.18.43", peer_asn: 64511 }, state: { session_state: 3 } },
  ]);
  const text = [peers, ...ribs.map((one) => JSON.stringify(one))].join("\n");
  expect(parseNeighbours(text, 1065.4)).toEqual([
    {
      address: "172.16.18.34",
      asn: 64511,
      state: "Established",
      uptimeSeconds: 65,
      received: 4,
      accepted: 2,
    },
    { address: "172.16.18.43", asn: 64511, state: "Active", received: 0, accepted: 0 },
  ]);
});

test("the RIB as gobgp prints it; an empty one is an empty object", () => {
  const text = JSON.stringify({
    "192.168.7.0/26": [
      {
        nlri: { prefix: "192.168.7.0/26" },
        age: 100,
        best: true,
        "peer-address": "172.16.18.34",
        attrs: [
          { type: 1, value: 0 },
          { type: 3, nexthop: "172.16.18.34" },
          { type: 5, value: 100 },
        ],
      },
    ],
  });
  expect(parseRib(text, 130)).toEqual([
    {
      prefix: "192.168.7.0/26",
      nextHop: "172.16.18.34",
      peer: "172.16.18.34",
      best: true,
      ageSeconds: 30,
      localPref: 100,
    },
  ]);
  expect(parseRib("{}", 0)).toEqual([]);
});

test("kernel routes, canonical", () => {
  const text = JSON.stringify([
    { dst: "default", gateway: "172.16.18.1", dev: "eth0", flags: [] },
    { dst: "192.168.7.2", dev: "cali1", scope: "link", flags: [] },
    { type: "blackhole", dst: "192.168.7.0/26", protocol: "bird", flags: [] },
    { dst: "192.168.130.64/26", gateway: "172.16.18.43", dev: "eth0", protocol: "bird" },
  ]);
  expect(parseRoutes(text)).toEqual([
    { prefix: "0.0.0.0/0", type: "unicast", gateways: ["172.16.18.1"], device: "eth0" },
    { prefix: "192.168.7.2/32", type: "unicast", gateways: [], device: "cali1" },
    { prefix: "192.168.7.0/26", type: "blackhole", gateways: [], protocol: "bird" },
    {
      prefix: "192.168.130.64/26",
      type: "unicast",
      gateways: ["172.16.18.43"],
      device: "eth0",
      protocol: "bird",
    },
  ]);
});

test.each([
  ["192.168.7.2", "192.168.7.2"],
  ["::ffff:192.168.7.2", "192.168.7.2"],
  ["[::ffff:192.168.7.2]", "192.168.7.2"],
])("the probe's client %s is %s", (client, expected) => {
  expect(parseProbe(JSON.stringify({ server: "a", client }))).toEqual({
    server: "a",
    client: expected,
  });
});
