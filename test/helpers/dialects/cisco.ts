import type { Command, Grammar } from "./types";

const reference = "https://cisco.com/en/US/docs/ios/iproute_bgp/command/reference/irg_bgp3.html";
const paths =
  "https://cisco.com/c/en/us/td/docs/ios-xml/ios/iproute_bgp/configuration/xe-16-7/irg-xe-16-7-book/bgp-additional-paths.html";
const iosGlobal =
  "https://docs.ansible.com/ansible/latest/collections/cisco/ios/ios_bgp_global_module.html";
const iosLists = "https://netascode.cisco.com/docs/data_models/iosxe/device/prefix_list";
const iosFamily =
  "https://docs.ansible.com/ansible/latest/collections/cisco/ios/ios_bgp_address_family_module.html";
const nxGuide =
  "https://developer.cisco.com/docs/nx-os-n3k-n9k-api-ref-7-x/configuring-a-bgp-router";
const nxGlobal =
  "https://docs.ansible.com/ansible/2.5/collections/cisco/nxos/nxos_bgp_global_module.html";
const nxNeighbor =
  "https://docs.ansible.com/ansible/latest/collections/cisco/nxos/nxos_bgp_neighbor_address_family_module.html";
const nxLists = "https://netascode.cisco.com/docs/data_models/nxos/device/ip_prefix_list";
const nxMaps = "https://netascode.cisco.com/data_model/nxos/device/route_map";

const from = (source: string, ...commands: readonly string[]): Command[] =>
  commands.map((command) => ({ command, source }));

const lists = (source: string): Command[] =>
  from(
    source,
    "ip prefix-list <name> seq <seq> (permit|deny) <prefix4>[ ge <length>][ le <length>]",
    "ipv6 prefix-list <name> seq <seq> (permit|deny) <prefix6>[ ge <length>][ le <length>]",
  );

const matches = (source: string): Command[] =>
  from(
    source,
    "match ip address prefix-list <name>",
    "match ipv6 address prefix-list <name>",
    "match ip next-hop prefix-list <name>",
    "match ipv6 next-hop prefix-list <name>",
    "set community no-advertise additive",
    "set community none",
    "set local-preference <count>",
    "set metric <seq0>",
    "set origin igp",
  );

export const iosXe: Grammar = {
  indent: 1,
  comment: "!",
  commands: [
    ...lists(iosLists),
    ...from(reference, "ip as-path access-list <pathlist> (permit|deny) <regexp>"),
    {
      command: "route-map <name> (permit|deny) <entry>",
      source: reference,
      below: [...matches(reference), ...from(reference, "match as-path <pathlist>")],
    },
    {
      command: "router bgp <asn>",
      source: iosGlobal,
      below: [
        ...from(
          iosGlobal,
          "bgp router-id <ipv4>",
          "bgp cluster-id <ipv4>",
          "bgp bestpath compare-routerid",
          "bgp graceful-restart",
          "bgp graceful-restart restart-time <restart>",
          "no bgp default ipv4-unicast",
          "neighbor <address> remote-as <asn>",
          "neighbor <address> description <text>",
          "neighbor <address> password <word>",
          "neighbor <address> timers <seconds> <seconds>",
        ),
        {
          command: "address-family (ipv4|ipv6)",
          source: iosFamily,
          below: [
            ...from(paths, "bgp additional-paths select all"),
            ...from(
              paths,
              "neighbor <address> additional-paths send",
              "neighbor <address> advertise additional-paths all",
            ),
            ...from(
              iosFamily,
              "neighbor <address> activate",
              "neighbor <address> send-community",
              "neighbor <address> soft-reconfiguration inbound",
              "neighbor <address> route-reflector-client",
              "neighbor <address> route-map <name> (in|out)",
              "neighbor <address> maximum-prefix <count>",
            ),
          ],
        },
        ...from(iosFamily, "exit-address-family"),
      ],
    },
  ],
};

export const nxOs: Grammar = {
  indent: 2,
  comment: "!",
  commands: [
    ...from(nxGuide, "feature bgp"),
    ...lists(nxLists),
    ...from(nxMaps, "ip as-path access-list <name> (permit|deny) <quotedRegexp>"),
    {
      command: "route-map <name> (permit|deny) <entry>",
      source: nxMaps,
      below: [
        ...matches(nxMaps),
        ...from(
          nxMaps,
          "match as-path <name>",
          "set (ip|ipv6) next-hop unchanged",
          "set path-selection all advertise",
        ),
      ],
    },
    {
      command: "router bgp <asn>",
      source: nxGuide,
      below: [
        ...from(
          nxGlobal,
          "router-id <ipv4>",
          "cluster-id <ipv4>",
          "bestpath compare-routerid",
          "graceful-restart",
          "graceful-restart restart-time <restart>",
        ),
        {
          command: "address-family (ipv4|ipv6) unicast",
          source: nxGuide,
          below: from(
            nxGuide,
            "additional-paths send",
            "additional-paths selection route-map <name>",
          ),
        },
        {
          command: "neighbor <address>",
          source: nxGlobal,
          below: [
            ...from(
              nxGlobal,
              "remote-as <asn>",
              "description <text>",
              "password 0 <word>",
              "timers <seconds> <seconds>",
            ),
            {
              command: "address-family (ipv4|ipv6) unicast",
              source: nxNeighbor,
              below: from(
                nxNeighbor,
                "send-community",
                "soft-reconfiguration inbound always",
                "route-reflector-client",
                "as-override",
                "disable-peer-as-check",
                "capability additional-paths send",
                "route-map <name> (in|out)",
                "maximum-prefix <count>",
              ),
            },
          ],
        },
      ],
    },
  ],
};
