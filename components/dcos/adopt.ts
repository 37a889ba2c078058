import { z } from "zod";
import { exitCode, SeamlessError } from "../../util/errors";
import { isReadable } from "../../util/urls";
import type { AdoptedCoe, AdoptedNode, AdoptRequest } from "../contract/adopt";
import { adoptedFields, adoptedNodes, peerAddresses } from "../speakers/calico/adopt";
import { DcosSession, excerpt } from "./api/session";
import { accessOf } from "./app-input";
import { Calicoctl } from "./calicoctl";
import { readCalico, readDcos } from "./inspect/read";

const flagsSchema = z.object({
  url: z.string().optional(),
  etcd: z.array(z.string()).optional(),
});

const agents = z.looseObject({
  slaves: z
    .array(
      z.looseObject({
        hostname: z.string(),
        pid: z.string().default(""),
        attributes: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .default([]),
});

/** Milliseconds for Calico's datastore to answer. */
const patienceMs = 15_000;

/** Reads a running cluster as a configuration would have it. @throws SeamlessError when it does not answer */
export async function adoptDcos({ name, flags }: AdoptRequest): Promise<AdoptedCoe> {
  const { url, etcd } = flagsSchema.parse(flags);
  if (url === undefined || etcd === undefined)
    throw new SeamlessError(
      `${name}: found no ${url === undefined ? "url" : "etcd"}; needed: url=URL and etcd=URL of Calico's datastore`,
      exitCode.usage,
    );
  const asking = accessOf({ url }, process.env);
  if ((asking.token !== undefined || asking.login !== undefined) && isReadable(url))
    throw new SeamlessError(
      `${name}: found ${url} with a login, which all on its way could read; allowed: https://`,
      exitCode.usage,
    );
  const session = new DcosSession(asking, {
    patienceMs,
    say: (message) => process.stderr.write(`${message}\n`),
  });
  const { datastore } = await readDcos(session, () => readCalico(new Calicoctl(etcd), patienceMs));
  if ("unreachable" in datastore)
    throw new SeamlessError(
      `${name}: Calico's datastore at ${etcd.join(", ")} does not answer: ${datastore.unreachable}`,
      exitCode.nothingToCheck,
    );
  const { nodes, networks } = adoptedNodes(datastore.nodes);
  const known = await agentsOf(session);
  const { fields, unsure } = adoptedFields(datastore);
  return {
    fields: { ...fields, access: { url, etcd } },
    nodes: { ...named(nodes, known) },
    asn: datastore.bgp.asn,
    networks,
    taken: peerAddresses(datastore),
    unsure: {
      ...unsure,
      ...(Object.keys(nodes).some((one) => !known.has(nodes[one]?.address ?? ""))
        ? { nodes: "those of role master are no agents of Mesos, and are taken for masters" }
        : {}),
    },
  };
}

/** By address, whether an agent is for containers that are reached from outside. */
async function agentsOf(session: DcosSession): Promise<ReadonlyMap<string, "private" | "public">> {
  const answer = await session.send({ method: "GET", path: "/mesos/state" });
  if (answer.status >= 300)
    throw new SeamlessError(
      `${answer.what}: HTTP ${answer.status}: ${excerpt(answer.text)}`,
      exitCode.nothingToCheck,
    );
  const { slaves } = session.read(answer, agents, "the Mesos master's", "check the URL");
  return new Map(
    slaves.map(({ hostname, pid, attributes }) => {
      const [, address = hostname] = /@(.*):\d+$/.exec(pid) ?? [];
      return [address, attributes.public_ip === "true" ? "public" : "private"] as const;
    }),
  );
}

/** Nodes that Calico knows, each with its role in Mesos, and agents without Calico. */
function named(
  nodes: Readonly<Record<string, AdoptedNode>>,
  known: ReadonlyMap<string, "private" | "public">,
): Record<string, AdoptedNode> {
  const addresses = new Set(Object.values(nodes).map(({ address }) => address));
  const others = [...known].filter(([address]) => !addresses.has(address));
  return {
    ...Object.fromEntries(
      Object.entries(nodes).map(([name, node]) => {
        const role = known.get(node.address);
        // Calico runs on a master from DC/OS 2.1 on.
        return [
          name,
          role === undefined ? { ...node, role: "master", speaker: true } : { ...node, role },
        ];
      }),
    ),
    ...Object.fromEntries(
      others.map(([address, role]) => [address.replaceAll(".", "-"), { address, role }]),
    ),
  };
}
