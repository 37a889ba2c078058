import { z } from "zod";
import { exitCode, SeamlessError } from "../../util/errors";
import { isLabel } from "../../util/label";
import { parseAddress } from "../../util/net";
import { isReadable } from "../../util/urls";
import type { AdoptedCoe, AdoptedNode, AdoptRequest } from "../contract/adopt";
import { stepAccess } from "./api/access";
import { NomadClient } from "./api/client";
import { newestFirst } from "./api/nodes";
import { agentMembers, nodeStubs } from "./api/shapes";
import { urlProblem } from "./model/check";

const flagsSchema = z.object({ nomad: z.string().optional() });

/** Nothing of a cluster says an AS; one for private use stands there until it is chosen (RFC 6996). */
const someAsn = 64511;

/** Reads a running cluster as a configuration would have it: its nodes. @throws SeamlessError when it does not answer */
export async function adoptNomad({ name, flags }: AdoptRequest): Promise<AdoptedCoe> {
  const { nomad: url } = flagsSchema.parse(flags);
  const problem = url === undefined ? "found no URL" : urlProblem(url);
  if (url === undefined || problem !== undefined)
    throw new SeamlessError(
      `${name}: ${problem}; needed: nomad=URL of a server's HTTP API`,
      exitCode.usage,
    );
  const asking = stepAccess({ url }, process.env);
  if (asking.token !== undefined && isReadable(url))
    throw new SeamlessError(
      `${name}: found ${url} with a token, which all on its way could read; allowed: https://`,
      exitCode.usage,
    );
  const client = new NomadClient(asking);
  const clients = newestFirst(await client.get("/v1/nodes", nodeStubs));
  const { Members } = await client.get("/v1/agent/members", agentMembers);
  const nodes: Record<string, AdoptedNode> = {};
  for (const { Name, Address, Status } of clients)
    if (Status !== "down") nodes[labelOf(Name, Address, nodes)] = { address: Address };
  const known = new Set(clients.map(({ Address }) => Address));
  for (const { Name, Addr } of Members)
    if (!known.has(Addr)) nodes[labelOf(Name, Addr, nodes)] = { address: Addr, role: "server" };
  return {
    fields: { access: { url } },
    nodes,
    ...{ asn: someAsn, networks: [], taken: [] },
    unsure: {},
  };
}

/** A node under its name, where that can be one of the configuration and no other node has it. */
function labelOf(name: string, address: string, taken: Readonly<Record<string, unknown>>): string {
  const label = parseAddress(name) === undefined ? (name.toLowerCase().split(".")[0] ?? "") : "";
  const fits = isLabel(label) && !Object.hasOwn(taken, label);
  return fits ? label : `node-${address.replace(/[.:]/g, "-")}`;
}
