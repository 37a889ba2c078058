import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Network } from "../../../plan/propagation";
import type { Table } from "./tables";

/** A network on which the model and the daemons once disagreed. */
export interface Disagreement {
  readonly name: string;
  /** What the daemons do. */
  readonly why: string;
  readonly network: Network;
  /** What the daemons' tables are; absent where that is a matter of chance. */
  readonly tables?: Readonly<Record<string, Table>>;
}

const folder = join(__dirname, "../../unit/fixtures/bgp");

export function disagreements(): Disagreement[] {
  return readdirSync(folder)
    .sort()
    .map((file) => ({
      name: file.replace(".json", ""),
      ...JSON.parse(readFileSync(join(folder, file), "utf8")),
    }));
}
