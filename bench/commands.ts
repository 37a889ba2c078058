/**
 * What somebody types who wants to know from one node what verify asks it by one program. Without `nft`, which not every
 * machine has.
 */
const onNode: readonly (readonly string[])[] = [
  ["ip", "-o", "link", "show"],
  ["ip", "-o", "-4", "route", "show", "table", "all"],
  ["ip", "-4", "rule", "show"],
  ["ip", "-o", "-4", "neighbour", "show"],
  ["grep", "-r", "-s", ".", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/conf"],
  ["iptables-save"],
  ["tc", "qdisc", "show"],
];

/**
 * The commands of a question to a node, each by itself. A program of verify's, which is `sh -c PROGRAM sh 4` and then a
 * packet's FROM, TO and NEAR in threes, becomes the commands that one types instead of it; others are commands already.
 * @param question arguments of `docker exec`
 */
export function commandsOf(question: readonly string[]): string[][] {
  const [exec = "", node = "", shell, flag, , , , ...packets] = question;
  if (shell !== "sh" || flag !== "-c" || packets.length === 0) return [[...question]];
  const lookups = Array.from({ length: Math.floor(packets.length / 3) }, (_, index) => {
    const [from = "", to = "", near] = packets.slice(3 * index);
    return ["ip", "route", "get", to, "from", from, "iif", from === near ? "cali0" : "eth0"];
  });
  return [...onNode, ...lookups].map((argv) => [exec, node, ...argv]);
}
