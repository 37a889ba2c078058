import { z } from "zod";

const v1Rule = z.looseObject({ action: z.string() });

const poolDocument = z.looseObject({
  kind: z.literal("ipPool"),
  metadata: z.looseObject({ cidr: z.string() }),
  // What is left out is off.
  spec: z
    .looseObject({
      "nat-outgoing": z.boolean().default(false),
      ipip: z
        .looseObject({ enabled: z.boolean().default(false), mode: z.string().exactOptional() })
        .prefault({}),
      disabled: z.boolean().default(false),
    })
    .prefault({}),
});

const peerDocument = z.looseObject({
  kind: z.literal("bgpPeer"),
  metadata: z.looseObject({
    peerIP: z.string(),
    scope: z.string().default("global"),
    node: z.string().exactOptional(),
  }),
  spec: z.looseObject({ asNumber: z.coerce.number() }),
});

const policyDocument = z.looseObject({
  kind: z.literal("policy"),
  metadata: z.looseObject({ name: z.string() }),
  spec: z
    .looseObject({
      types: z.array(z.string()).default([]),
      order: z.number().exactOptional(),
      ingress: z.array(v1Rule).default([]),
      egress: z.array(v1Rule).default([]),
    })
    .prefault({}),
});

const profileDocument = z.looseObject({
  kind: z.literal("profile"),
  metadata: z.looseObject({ name: z.string() }),
  spec: z
    .looseObject({ ingress: z.array(v1Rule).default([]), egress: z.array(v1Rule).default([]) })
    .prefault({}),
});

/** A document of the v1 API as it is read back, with its defaults filled in: of the kinds that are made here. */
export const v1Document = z.discriminatedUnion("kind", [
  poolDocument,
  peerDocument,
  policyDocument,
  profileDocument,
]);

export type V1Document = z.output<typeof v1Document>;

/** Kinds of v1 objects that are made here. */
export type V1Kind = V1Document["kind"];

/** Names an object: `ipPool/192.168.128.0/17`, `bgpPeer/172.16.18.32`, `bgpPeer/agent-1/172.16.18.1`. */
export function v1Ref(document: V1Document): string {
  switch (document.kind) {
    case "ipPool":
      return `ipPool/${document.metadata.cidr}`;
    case "bgpPeer": {
      const { node, peerIP } = document.metadata;
      return node === undefined || node === "" ? `bgpPeer/${peerIP}` : `bgpPeer/${node}/${peerIP}`;
    }
    default:
      return `${document.kind}/${document.metadata.name}`;
  }
}

/** `get -o json` prints a list of objects, one alone, or a list object (calicoctl 1.x, "Resource definitions"). */
export const v1Answer = z.union([
  z.array(v1Document),
  z.object({ items: z.array(v1Document) }).transform(({ items }) => items),
  v1Document.transform((one) => [one]),
]);

/** Objects of the v1 API that are looked at, and never made: nodes and interfaces of hosts. */
export const v1Seen = z.looseObject({
  kind: z.enum(["node", "hostEndpoint"]),
  metadata: z.looseObject({ name: z.string() }),
  spec: z
    .looseObject({
      bgp: z
        .looseObject({
          ipv4Address: z.string().default(""),
          // A text in some versions.
          asNumber: z.coerce.number().exactOptional(),
        })
        .prefault({}),
    })
    .prefault({}),
});

export type V1Seen = z.output<typeof v1Seen>;

export const v1SeenAnswer = z.union([
  z.array(v1Seen),
  z.object({ items: z.array(v1Seen) }).transform(({ items }) => items),
  v1Seen.transform((one) => [one]),
]);
