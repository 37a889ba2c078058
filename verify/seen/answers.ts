import { parsed } from "../../components/ask/shell";
import type { Answer } from "../../components/ask/types";
import type { Access } from "../../plan/access";
import { familiesIn } from "../../plan/one-family";
import type { NodePlan, Plan } from "../../plan/types";
import { familyOf, parseAddress, parseEndpoint } from "../../util/net";
import { deployedCoes, speakersOf } from "../coes";
import { each, type Needed, type Probes } from "./each";
import { askNode } from "./kernels";

/** By name server, `address:port`: the addresses that it has for a name; none where it knows no such name. */
export type NameAnswers = Readonly<Record<string, readonly string[]>>;

/** Asks each of some name servers ($2, $3, ...) for a name ($1), by whatever client the node has. */
const script = `
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
there() { command -v "$1" >/dev/null 2>&1; }
name=$1; shift
for server; do
  address=\${server%:*} port=\${server##*:}
  case $address in *:*) at="[$address]" ;; *) at=$address ;; esac
  echo "@@ $server"
  if there dig; then
    dig +short +time=3 +tries=1 -p "$port" "@$address" "$name" A
    dig +short +time=3 +tries=1 -p "$port" "@$address" "$name" AAAA
  elif there busybox; then timeout 4 busybox nslookup "$name" "$at:$port"
  elif there nslookup; then timeout 4 nslookup "-port=$port" "$name" "$address"
  else echo "no dig, nslookup or busybox on this node" >&2; exit 127
  fi
done
exit 0
`;

/** Asks name servers for names, each from a node of a COE: its own servers, and those of the COE whose zone it is. */
export function collectAnswers(
  plan: Plan,
  access: Access,
  probes: Probes,
  needed: Needed,
): Promise<Record<string, Answer<NameAnswers>>> {
  const asked = [...needed].flatMap((need) => {
    const [, key = "", name = "", host = ""] = /^answers\/(([^/]+)\/(.+))$/.exec(need) ?? [];
    if (askingNode(plan, access, name) === undefined) return [];
    if (serversFor(plan, name, host).length === 0) return [];
    return [[key, () => answersOf(plan, access, probes, name, host)] as const];
  });
  return each(asked, ([, get]) => get());
}

/** The node of a COE that asks: one that is reached. */
function askingNode(plan: Plan, access: Access, name: string): NodePlan | undefined {
  const coe = deployedCoes(plan).find((one) => one.name === name);
  const nodes = coe === undefined ? [] : speakersOf(coe);
  return nodes.find((one) => access.coes[name]?.nodes[one.name] !== undefined) ?? nodes[0];
}

/** Asks for one name from a node of a COE. */
export async function answersOf(
  plan: Plan,
  access: Access,
  probes: Probes,
  coe: string,
  host: string,
): Promise<Answer<NameAnswers>> {
  const node = askingNode(plan, access, coe);
  const servers = serversFor(plan, coe, host);
  const label = `${node?.id ?? coe}: nslookup ${host} at ${servers.join(", ")}`;
  if (node === undefined)
    return { ok: false, asked: label, error: `no node of ${coe} can be asked`, unasked: true };
  const argv = ["sh", "-c", script, "sh", host, ...servers.map(bare)];
  const said = await askNode(access, probes, coe, node, argv);
  const families = familiesIn(plan);
  const planned = (word: string) => families.some((family) => familyOf(word) === family);
  const read = (text: string) =>
    Object.fromEntries(
      Object.entries(parseAnswers(text)).map(([server, all]) => [server, all.filter(planned)]),
    );
  return { ...parsed(said, read), asked: label };
}

/** The name servers of a COE, and those of the COE whose zone holds a name. */
function serversFor(plan: Plan, coe: string, host: string): string[] {
  const owner = Object.values(plan.coes).find(({ names }) => holdsName(names?.zones, host));
  const own = plan.coes[coe]?.names?.servers ?? [];
  return [...new Set([...own, ...(owner?.names?.servers ?? [])])];
}

export function holdsName(zones: readonly string[] | undefined, host: string): boolean {
  const name = host.replace(/\.$/, "").toLowerCase();
  return zones?.some((zone) => name.endsWith(`.${zone.toLowerCase()}`)) === true;
}

/** `address:port`, without brackets around an address of IPv6. */
function bare(server: string): string {
  const { address, port = 53 } = parseEndpoint(server) ?? { address: server };
  return `${address}:${port}`;
}

/** Reads what the script has printed: addresses behind the name, not the server's own. */
export function parseAnswers(text: string): NameAnswers {
  const parts = text.split(/^@@ /m).slice(1);
  if (parts.length === 0) throw new Error("no answers");
  return Object.fromEntries(
    parts.map((part) => {
      const [server = "", ...lines] = part.split("\n");
      const start = lines.findIndex((line) => line.startsWith("Name:"));
      const body = start === -1 && lines.some((line) => /^Server:/.test(line)) ? [] : lines;
      const found = body
        .slice(Math.max(start, 0))
        .flatMap((line) => line.split(/\s+/))
        .filter((word) => parseAddress(word) !== undefined);
      return [server.trim(), [...new Set(found)]];
    }),
  );
}
