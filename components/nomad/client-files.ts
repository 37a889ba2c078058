import { isRecord } from "../../util/json";

/** A CNI file of a client. */
export interface CniFile {
  readonly path: string;
  /** The name of its network; undefined where the file cannot be read. */
  readonly network: string | undefined;
  readonly text: string;
  /** Why a client could not read it. */
  readonly problem?: string;
}

/** An address that host-local has given out. */
export interface Lease {
  readonly address: string;
  /** The id of the allocation. */
  readonly holder: string;
}

export interface ClientFiles {
  /** In the order of their names, in which a client reads them. */
  readonly files: readonly CniFile[];
  readonly leases: readonly Lease[];
}

/** $1 folder of CNI files, $2 folder of leases. Texts go in base64, one line each. */
const script = `
for file in "$1"/*.conf "$1"/*.conflist "$1"/*.json; do
  [ -f "$file" ] && echo "file $file $(base64 -w0 < "$file")"
done
for lease in "$2"/*; do
  case $(basename "$lease") in *[!0-9a-fA-F.:]*|'') continue;; esac
  [ -f "$lease" ] && echo "lease $(basename "$lease") $(head -n1 "$lease" | tr -d '\\r')"
done
exit 0
`;

/** Prints what {@link parseClientFiles} reads. */
export function askClientFiles(folder: string, leases: string): string[] {
  return ["sh", "-c", script, "sh", folder, leases];
}

/** @throws Error for a text that is something else */
export function parseClientFiles(text: string): ClientFiles {
  const files: CniFile[] = [];
  const leases: Lease[] = [];
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [what = "", first = "", second = ""] = line.split(" ");
    if (what === "file") files.push(cniFile(first, Buffer.from(second, "base64").toString("utf8")));
    else if (what === "lease") leases.push({ address: first, holder: second });
    else throw new Error(`not what a client was asked for: ${line.slice(0, 100)}`);
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, leases };
}

/** As libcni reads it: a list has a name and plugins with types, any other file is one plugin. */
function cniFile(path: string, text: string): CniFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { path, text, network: undefined, problem: "it is not JSON" };
  }
  const bad = (problem: string): CniFile => ({ path, text, network: undefined, problem });
  if (!isRecord(value)) return bad("it is no JSON object");
  const { name, plugins, type } = value;
  if (path.endsWith(".conflist")) {
    if (typeof name !== "string") return bad("it has no name");
    if (!Array.isArray(plugins) || plugins.length === 0) return bad("it has no plugins");
    if (!plugins.every((one) => isRecord(one) && typeof one.type === "string" && one.type !== ""))
      return bad("a plugin has no type");
    return { path, text, network: name };
  }
  if (typeof type !== "string" || type === "") return bad("it has no type");
  return { path, text, network: typeof name === "string" ? name : "" };
}

/** The ranges that host-local gives addresses of, by a network's file. */
export function rangesIn(text: string): string[] {
  const value: unknown = JSON.parse(text);
  const plugins = isRecord(value) && Array.isArray(value.plugins) ? value.plugins : [];
  return plugins.flatMap((plugin) => {
    const ipam = isRecord(plugin) && isRecord(plugin.ipam) ? plugin.ipam : {};
    const sets = Array.isArray(ipam.ranges) ? ipam.ranges : [];
    return sets
      .flat()
      .flatMap((range) =>
        isRecord(range) && typeof range.subnet === "string" ? [range.subnet] : [],
      );
  });
}
