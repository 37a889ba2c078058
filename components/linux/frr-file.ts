/** Lines of a frr.conf that do nothing by themselves, such as those that a package brings. */
const idle =
  /^(!|#|exit|end|frr (version|defaults) |hostname |domainname |log |no log |service |no service |password |enable |line vty|username |debug |agentx)/;

/** Daemons that speak to others or write routes by themselves; zebra and staticd do what their files say. */
const speaking =
  /^(bgpd|ospfd|ospf6d|ripd|ripngd|isisd|pimd|pim6d|ldpd|nhrpd|eigrpd|babeld|sharpd|pbrd|bfdd|fabricd|vrrpd|pathd)=["']?(?!no|0|["'\s]|$)/;

/** What a frr.conf, or the file of its daemons, does for somebody else; undefined where that is nothing. */
export function foreignFrr(conf: string, daemons: string): string | undefined {
  const line = conf.split("\n").find((one) => one.trim() !== "" && !idle.test(one.trim()));
  const daemon = daemons.split("\n").find((one) => speaking.test(one.trim()));
  if (line !== undefined) return `it has ${JSON.stringify(line.trim())}`;
  return daemon === undefined ? undefined : `daemons has ${daemon.trim()}`;
}
