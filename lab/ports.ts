import type { LabPorts } from "./contract";

/** Under which name the lab has the port of a COE: one of its own, `<coe>.<name>`, goes before the kind's. */
export function portName(ports: LabPorts, coe: string, name: string): string {
  const own = `${coe}.${name}`;
  return Object.hasOwn(ports, own) ? own : name;
}

/** The ports as one COE sees them, by the names that its kind gives them. */
export function portsOf(ports: LabPorts, coe: string): LabPorts {
  const prefix = `${coe}.`;
  const all = Object.entries(ports);
  const own = all.filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries([
    ...all.filter(([name]) => !name.includes(".")),
    ...own.map(([name, port]): [string, number] => [name.slice(prefix.length), port]),
  ]);
}
