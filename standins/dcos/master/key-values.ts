import { isRecord } from "../../../util/json";
import { readJson, writeJson } from "../../common/store";

/**
 * What schedulers keep with the master so that they find it again on whatever agent they are started: it takes
 * the place of ZooKeeper. One text for each path, all in one file.
 */
export class KeyValues {
  private readonly values: Map<string, string>;

  constructor(private readonly file: string) {
    const found = readJson(file) ?? {};
    if (!isRecord(found)) throw new Error(`${file}: expected a JSON object`);
    this.values = new Map(Object.entries(found).map(([key, value]) => [key, String(value)]));
  }

  get(key: string): string | undefined {
    return this.values.get(key);
  }

  set(key: string, value: string): void {
    if (this.values.get(key) === value) return;
    this.values.set(key, value);
    this.save();
  }

  /** Removes a path and all below it. */
  delete(key: string): void {
    for (const one of [...this.values.keys()]) {
      if (one === key || one.startsWith(`${key}/`)) this.values.delete(one);
    }
    this.save();
  }

  private save(): void {
    writeJson(this.file, Object.fromEntries(this.values));
  }
}
