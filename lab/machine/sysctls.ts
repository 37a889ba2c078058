import { mkdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

/** A value the whole machine shares, as a path below /proc/sys. */
type Values = Readonly<Record<string, string>>;

/** systemd and containerd take an inotify instance per unit and container; eight hosts need more than the usual 128. */
const raised: Readonly<Record<string, number>> = { "fs/inotify/max_user_instances": 2048 };

/** What the node agents of COEs set for the whole machine, although they run in containers. */
const changedByNodes = ["kernel/panic", "kernel/panic_on_oops", "vm/overcommit_memory"];

/** One for all labs, since the values are the machine's; gone at a boot, as the changes are. */
export const sysctlRecord = "/run/seamless/sysctls.json";

const file = (name: string) => `/proc/sys/${name}`;

/** Notes what the machine has, once, and raises what a lab needs. */
export async function prepareSysctls(record = sysctlRecord): Promise<void> {
  const names = [...Object.keys(raised), ...changedByNodes];
  const before: Values = Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, (await readFile(file(name), "utf8")).trim()] as const),
    ),
  );
  await mkdir(dirname(record), { recursive: true });
  // A record that is there already is from before the first lab; what is read now may not be.
  await writeFile(record, JSON.stringify(before), { flag: "wx" }).catch((error) => {
    if (error.code !== "EEXIST") throw error;
  });
  for (const [name, value] of Object.entries(raised)) {
    if (Number(before[name]) < value) await writeFile(file(name), String(value));
  }
}

/** Puts back what {@link prepareSysctls} noted. To be called when no lab is left. */
export async function restoreSysctls(record = sysctlRecord): Promise<void> {
  const text = await readFile(record, "utf8").catch(() => undefined);
  if (text === undefined) return;
  const values = z.record(z.string(), z.string()).parse(JSON.parse(text));
  for (const [name, value] of Object.entries(values)) await writeFile(file(name), value);
  await rm(record);
  // Stays while another lab keeps something there.
  await rmdir(dirname(record)).catch(() => undefined);
}
