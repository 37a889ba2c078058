import { z } from "zod";
import { exitCode, messageOf, SeamlessError } from "../../util/errors";
import { isLabel } from "../../util/label";
import { remoteHost } from "../ask/host";
import type { AdoptedCoe, AdoptedNode, AdoptRequest } from "../contract/adopt";
import { NodeDocker, onHosts } from "./docker";
import { addressOfNode, type DockerNode, dockerNode } from "./seen";

const flagsSchema = z.object({ manager: z.string().optional() });

/** Nothing of a swarm says an AS; one for private use stands there until it is chosen (RFC 6996). */
const someAsn = 64511;

/** Reads a running swarm as a configuration would have it: its nodes. @throws SeamlessError when it does not answer */
export async function adoptSwarm({ name, flags }: AdoptRequest): Promise<AdoptedCoe> {
  const { manager } = flagsSchema.parse(flags);
  if (manager === undefined || !/^([a-z_][a-z0-9._-]*@)?[^\s@]+$/i.test(manager))
    throw new SeamlessError(
      `${name}: found ${manager === undefined ? "no manager" : `manager ${manager}`}; needed: manager=user@address of a manager, which ssh reaches`,
      exitCode.usage,
    );
  const { username, port } = new URL(`ssh://${manager}`);
  const shell = {
    via: "ssh",
    target: `ssh://${username === "" ? `root@${manager}` : manager}`,
  } as const;
  const docker = new NodeDocker(onHosts({ manager: remoteHost(name, shell) }), "manager");
  const members = await docker.inspectAll(dockerNode, "node").catch((thrown: unknown) => {
    throw new SeamlessError(`${name}: ${messageOf(thrown)}`, exitCode.nothingToCheck, {
      cause: thrown,
    });
  });
  const ssh = {
    ...(username === "" ? {} : { user: username }),
    ...(port === "" ? {} : { port: Number(port) }),
  };
  return {
    fields: { access: { ssh } },
    nodes: Object.fromEntries(members.flatMap(asNode)),
    asn: someAsn,
    networks: [],
    taken: [],
    unsure: {},
  };
}

/** A node under its host name, where that can be one of the configuration. One that has left is down. */
function asNode(member: DockerNode): [string, AdoptedNode][] {
  const { Description, Status, Spec } = member;
  const host = (Description?.Hostname ?? "").toLowerCase().split(".")[0] ?? "";
  const address = addressOfNode(member);
  if (Status?.State === "down" || address === "") return [];
  const name = isLabel(host) ? host : `node-${address.replace(/[.:]/g, "-")}`;
  return [[name, { address, ...(Spec.Role === "manager" ? { role: "manager" } : {}) }]];
}
