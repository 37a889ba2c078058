import type { Command, Grammar } from "./types";

const manual = "https://www.arista.com/en/um-eos/eos-border-gateway-protocol-bgp";
const maps = "https://docs.ansible.com/ansible/4/collections/arista/eos/eos_route_maps_module.html";
const lists =
  "https://docs.ansible.com/ansible/latest/collections/arista/eos/eos_prefix_lists_module.html";

const from = (source: string, ...commands: readonly string[]): Command[] =>
  commands.map((command) => ({ command, source }));

export const eos: Grammar = {
  indent: 3,
  comment: "!",
  commands: [
    ...from(
      lists,
      "ip prefix-list <name> seq <entry> (permit|deny) <prefix4>[ ge <length>][ le <length>]",
      "ipv6 prefix-list <name> seq <entry> (permit|deny) <prefix6>[ ge <length>][ le <length>]",
    ),
    {
      command: "route-map <name> (permit|deny) <entry>",
      source: maps,
      below: from(
        maps,
        "match ip address prefix-list <name>",
        "match ipv6 address prefix-list <name>",
        "match ip next-hop prefix-list <name>",
        "match ipv6 next-hop prefix-list <name>",
        "match as-path length (=|>=|<=) <entry>",
        "set community no-advertise additive",
        "set community none",
        "set local-preference <count>",
        "set metric <seq0>",
        "set origin igp",
      ),
    },
    {
      command: "router bgp <asn>",
      source: manual,
      below: [
        ...from(
          manual,
          "router-id <ipv4>",
          "bgp cluster-id <ipv4>",
          "no bgp default ipv4-unicast",
          "graceful-restart",
          "graceful-restart restart-time <restart>",
          "neighbor <address> remote-as <asn>",
          "neighbor <address> description <text>",
          "neighbor <address> password 0 <word>",
          "neighbor <address> timers <seconds> <seconds>",
          "neighbor <address> route-reflector-client",
          "neighbor <address> next-hop-unchanged",
          "neighbor <address> as-path remote-as replace out",
          "neighbor <address> additional-paths send any",
          "neighbor <address> send-community",
          "neighbor <address> route-map <name> (in|out)",
          "neighbor <address> maximum-routes <count>",
        ),
        {
          command: "address-family (ipv4|ipv6)",
          source: manual,
          below: from(manual, "neighbor <address> activate"),
        },
      ],
    },
  ],
};
