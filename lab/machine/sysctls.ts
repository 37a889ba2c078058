import { readFile, rm, writeFile } from "node:fs/promises";
import { z } from "zod";

/** A value the whole machine shares, as a path below /proc/sys. */
type Values = Readonly<Record<string, string>>;

/** systemd and containerd take an inotify instance per unit and container; eight hosts need more than the usual 128. */
const raised: Readonly<Record<string, number>> = { "fs/inotify/max_user_instances": 2048 };

/** What the kubelets set for the whole machine, container or not ("protectKernelDefaults: false"). */
const changedByKubelet = ["kernel/panic", "kernel/panic_on_oops", "vm/overcommit_memory"];

const file = (name: string) => `/proc/sys/${name}`;

/** Notes what the machine has, once, and raises what the lab needs. */
export async function prepareSysctls(record: string): Promise<void> {
  const names = [...Object.keys(raised), ...changedByKubelet];
  const before: Values = Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, (await readFile(file(name), "utf8")).trim()] as const),
    ),
  );
  // A record that is there already is from before the lab; what is read now may not be.
  await writeFile(record, JSON.stringify(before), { flag: "wx" }).catch((error) => {
    if (error.code !== "EEXIST") throw error;
  });
  for (const [name, value] of Object.entries(raised)) {
    if (Number(before[name]) < value) await writeFile(file(name), String(value));
  }
}

/** Puts back what {@link prepareSysctls} noted. */
export async function restoreSysctls(record: string): Promise<void> {
  const text = await readFile(record, "utf8").catch(() => undefined);
  if (text === undefined) return;
  const values = z.record(z.string(), z.string()).parse(JSON.parse(text));
  for (const [name, value] of Object.entries(values)) await writeFile(file(name), value);
  await rm(record);
}
