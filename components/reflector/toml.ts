import { parse, stringify } from "smol-toml";
import { z } from "zod";
import type { GobgpConfig } from "./config";

/** gobgpd.toml. */
export function renderGobgp(config: GobgpConfig): string {
  return stringify(config);
}

/** What the reload needs to know of a file: the parts GoBGP treats in different ways. */
export interface GobgpFile {
  /** `global.config`: a reload ignores changes of it. */
  readonly identity: string;
  /** By address: everything about one neighbour, comparable as text. */
  readonly neighbors: Readonly<Record<string, { readonly asn: number; readonly text: string }>>;
}

const file = z.object({
  global: z.object({ config: z.object({ as: z.number(), "router-id": z.string() }) }),
  neighbors: z
    .array(
      z.looseObject({
        config: z.looseObject({ "neighbor-address": z.string(), "peer-as": z.number() }),
      }),
    )
    .default([]),
});

/** Reads a file that {@link renderGobgp} wrote. @throws Error when it is no such file */
export function parseGobgp(text: string): GobgpFile {
  const { global, neighbors } = file.parse(parse(text));
  return {
    identity: JSON.stringify(global.config),
    neighbors: Object.fromEntries(
      neighbors.map((one) => [
        one.config["neighbor-address"],
        { asn: one.config["peer-as"], text: JSON.stringify(one) },
      ]),
    ),
  };
}

/** The same file without some of its neighbours. */
export function withoutNeighbors(text: string, addresses: ReadonlySet<string>): string {
  const document = parse(text);
  const { neighbors } = file.parse(document);
  return stringify({
    ...document,
    neighbors: neighbors.filter((one) => !addresses.has(one.config["neighbor-address"])),
  });
}
