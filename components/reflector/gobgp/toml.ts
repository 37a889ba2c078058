import { parse, stringify, type TomlTable } from "smol-toml";
import { z } from "zod";
import {
  type Accepted,
  fenceLine,
  type NeighbourFile,
  type RouterFile,
  resetText,
} from "../contract";
import { digestOf } from "../passwords";
import type { GobgpConfig } from "./config";
import { limitIn } from "./state";

/** gobgpd.toml. */
export function renderGobgp(config: GobgpConfig): string {
  return stringify(config);
}

const role = z.object({
  config: z.object({
    "route-reflector-client": z.boolean(),
    "route-reflector-cluster-id": z.string(),
  }),
});

const neighbor = z.looseObject({
  config: z.looseObject({
    "neighbor-address": z.string(),
    "peer-as": z.number(),
    "auth-password": z.string().optional(),
  }),
  "route-reflector": role.optional(),
  "afi-safis": z
    .array(
      z.looseObject({
        "prefix-limit": z
          .looseObject({ config: z.looseObject({ "max-prefixes": z.number().optional() }) })
          .optional(),
      }),
    )
    .default([]),
  transport: z
    .object({ config: z.looseObject({ "passive-mode": z.boolean().optional() }) })
    .optional(),
  "ttl-security": z.object({ config: z.object({ enabled: z.boolean() }) }).optional(),
  "as-path-options": z.object({ config: z.object({ "replace-peer-as": z.boolean() }) }).optional(),
});

const replacing = z.object({ options: z.string() }).optional();
const bgpActions = z.object({
  "set-route-origin": z.string().optional(),
  "set-local-pref": z.number().optional(),
  "set-med": z.string().optional(),
  "set-community": replacing,
});

const file = z.object({
  global: z.object({
    config: z.looseObject({ as: z.number(), "router-id": z.string() }),
    "apply-policy": z.object({
      config: z.object({ "import-policy-list": z.array(z.string()).default([]) }),
    }),
  }),
  "defined-sets": z
    .object({
      "neighbor-sets": z
        .array(
          z.object({
            "neighbor-set-name": z.string(),
            "neighbor-info-list": z.array(z.string()),
          }),
        )
        .default([]),
      "prefix-sets": z
        .array(
          z.object({
            "prefix-set-name": z.string(),
            "prefix-list": z.array(
              z.object({ "ip-prefix": z.string(), "masklength-range": z.string() }),
            ),
          }),
        )
        .default([]),
    })
    .default({ "neighbor-sets": [], "prefix-sets": [] }),
  "policy-definitions": z
    .array(
      z.object({
        name: z.string(),
        statements: z.array(
          z.object({
            conditions: z
              .object({
                "match-neighbor-set": z.object({ "neighbor-set": z.string() }).optional(),
                "match-prefix-set": z.object({ "prefix-set": z.string() }).optional(),
                "bgp-conditions": z
                  .object({
                    "next-hop-in-list": z.array(z.string()),
                    "as-path-length": z
                      .object({ operator: z.string(), value: z.number() })
                      .optional(),
                  })
                  .optional(),
              })
              .prefault({}),
            actions: z.object({
              "route-disposition": z.string().optional(),
              "bgp-actions": bgpActions.optional(),
            }),
          }),
        ),
      }),
    )
    .default([]),
  neighbors: z.array(neighbor).default([]),
});

/** Reads a file that {@link renderGobgp} wrote. @throws Error when it is no such file */
export function parseGobgp(text: string): RouterFile {
  const parsed = file.parse(parse(text));
  const accepted = acceptedBy(parsed);
  return {
    identity: JSON.stringify(parsed.global.config),
    neighbors: Object.fromEntries(
      parsed.neighbors.map((one) => [one.config["neighbor-address"], neighborFile(one)]),
    ),
    accepted,
    fence: accepted.map(fenceLine).sort(),
  };
}

function neighborFile(one: z.infer<typeof neighbor>): NeighbourFile {
  const client = one["route-reflector"]?.config;
  const { "auth-password": password } = one.config;
  return {
    asn: one.config["peer-as"],
    ...(client?.["route-reflector-client"] === true
      ? { clusterId: client["route-reflector-cluster-id"] }
      : {}),
    ...(one["as-path-options"]?.config["replace-peer-as"] === true ? { replacePeerAs: true } : {}),
    ...(password === undefined ? {} : { password: digestOf(password) }),
    ...(one["ttl-security"]?.config.enabled === true ? { ttlSecurity: true } : {}),
    ...(one.transport?.config["passive-mode"] === true ? { passive: true } : {}),
    ...limitIn(one["afi-safis"].map((family) => family["prefix-limit"]?.config["max-prefixes"])),
    text: JSON.stringify(one),
    lasting: JSON.stringify({
      ...one,
      timers: undefined,
      "afi-safis": one["afi-safis"].map((family) => ({ ...family, "prefix-limit": undefined })),
    }),
  };
}

function acceptedBy(parsed: z.infer<typeof file>): Accepted[] {
  const sets = parsed["defined-sets"];
  const senders = new Map(
    sets["neighbor-sets"].map((set) => [set["neighbor-set-name"], set["neighbor-info-list"]]),
  );
  const ranges = new Map(
    sets["prefix-sets"].map((set) => [set["prefix-set-name"], set["prefix-list"]]),
  );
  const importing = parsed.global["apply-policy"].config["import-policy-list"];
  return parsed["policy-definitions"]
    .filter(({ name }) => importing.includes(name))
    .flatMap(({ statements }) => statements)
    .filter(({ actions }) => actions["route-disposition"] === "accept-route")
    .flatMap(({ conditions, actions }) =>
      (ranges.get(conditions["match-prefix-set"]?.["prefix-set"] ?? "") ?? []).map((range) => ({
        neighbors: senders.get(conditions["match-neighbor-set"]?.["neighbor-set"] ?? "") ?? [],
        prefix: range["ip-prefix"],
        lengths: range["masklength-range"],
        nextHops: conditions["bgp-conditions"]?.["next-hop-in-list"] ?? [],
        asPath: pathText(conditions["bgp-conditions"]?.["as-path-length"]),
        ...setsOf(actions["bgp-actions"]),
      })),
    );
}

function setsOf(actions: z.infer<typeof bgpActions> = {}): Pick<Accepted, "sets"> {
  const { "set-local-pref": localPref, "set-med": med, "set-community": community } = actions;
  const sets = resetText({
    ...(localPref === undefined ? {} : { localPref }),
    ...(actions["set-route-origin"] === "igp" ? { origin: "IGP" } : {}),
    ...(med === undefined ? {} : { med: Number(med) }),
    ...(community?.options === "replace" ? { communities: true } : {}),
  });
  return sets === "" ? {} : { sets };
}

function pathText(length: { operator: string; value: number } | undefined): string {
  return length === undefined ? "" : `${length.operator} ${length.value}`;
}

/**
 * Files on the way from one to another: all of `next`, but with the neighbours as `current` has them that are still
 * waiting for their change, and without those that are taken away meanwhile. Both are read only once.
 */
export function filesBetween(
  current: string,
  next: string,
): (waiting: ReadonlySet<string>, without?: ReadonlySet<string>) => string {
  const document = parse(next);
  const target = neighborTables(document);
  const old = new Map(neighborTables(parse(current)));
  return (waiting, without) => {
    const neighbors = target.flatMap(([address, table]) => {
      if (without?.has(address) === true) return [];
      if (!waiting.has(address)) return [table];
      const other = old.get(address);
      return other === undefined ? [] : [other];
    });
    return stringify({ ...document, neighbors });
  };
}

function neighborTables(document: TomlTable): [string, TomlTable][] {
  const { neighbors } = z
    .object({ neighbors: z.array(z.custom<TomlTable>()).default([]) })
    .parse(document);
  return neighbors.map((table) => [neighbor.parse(table).config["neighbor-address"], table]);
}
