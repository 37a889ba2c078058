import type { Command, Grammar } from "./types";

const statements =
  "https://juniper.net/documentation/en_US/junos12.3/topics/reference/configuration-statement";
const policy =
  "https://juniper.net/documentation/en_US/junos13.2/topics/reference/configuration-statement/policy-options-edit.html";
const group =
  "https://docs.ansible.com/ansible/5/collections/junipernetworks/junos/junos_bgp_global_module.html";
const restart = `${statements}/restart-time-edit-protocols-multiple.html`;
const cluster =
  "https://juniper.net/documentation/en_US/junos13.1/topics/reference/configuration-statement/cluster-edit-protocols-bgp.html";
const send =
  "https://juniper.net/documentation/us/en/software/junos/cli-reference/topics/ref/statement/send-edit-protocols-bgp.html";

const from = (source: string, prefix: string, ...commands: readonly string[]): Command[] =>
  commands.map((command) => ({ command: `${prefix}${command}`, source }));

const term = "set policy-options policy-statement <name> term <name> ";
const inGroup = "set protocols bgp group <name> ";
const neighbor = `${inGroup}neighbor <address> `;

export const junos: Grammar = {
  indent: 0,
  comment: "#",
  commands: [
    ...from(restart, "set ", "protocols bgp graceful-restart restart-time <restart600>"),
    ...from(
      `${statements}/graceful-restart-edit-protocols-bgp.html`,
      "set routing-options ",
      "graceful-restart",
      "router-id <ipv4>",
      "autonomous-system <asn>",
    ),
    ...from(
      policy,
      term,
      "from route-filter <prefix> exact",
      "from route-filter <prefix> prefix-length-range <lengths>",
      "from next-hop <address>",
      "from as-path <name>",
      "from protocol bgp",
      "then accept",
      "then reject",
      "then community add <name>",
      "then community delete <name>",
      "then local-preference <count>",
      "then metric <seq0>",
      "then origin igp",
    ),
    ...from(
      policy,
      "set policy-options ",
      "as-path <name> <quotedRegexp>",
      "community <name> members no-advertise",
      "community <name> members <quoted>",
    ),
    ...from(
      group,
      inGroup,
      "type (internal|external)",
      "local-address <address>",
      "family (inet|inet6) unicast",
    ),
    ...from(cluster, inGroup, "cluster <ipv4>"),
    ...from(
      `${statements}/no-nexthop-change-protocols-bgp-multihop.html`,
      inGroup,
      "multihop no-nexthop-change",
    ),
    ...from(send, inGroup, "family (inet|inet6) unicast add-path send path-count <paths>"),
    ...from(
      group,
      neighbor,
      "description <quoted>",
      "peer-as <asn>",
      "authentication-key <quoted>",
      "hold-time <seconds>",
      "import <name>",
      "export <name>",
      "family (inet|inet6) unicast prefix-limit maximum <count>",
    ),
    ...from(`${statements}/as-override-edit-protocols-bgp.html`, neighbor, "as-override"),
  ],
};
