import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { exec } from "../../../util/exec";
import type { ClientConfig } from "../config";
import type { NodeReport } from "../protocol";
import { networkNames } from "./cni";

const pluginTimeoutMs = 3_000;

/** What a client finds on its node. @throws Error where a CNI file cannot be read */
export async function fingerprint(config: ClientConfig, id: string): Promise<NodeReport> {
  const { name, address, datacenter, version } = config;
  return {
    ...{ id, name, address, datacenter, version },
    attributes: {
      "kernel.name": "linux",
      "nomad.version": version,
      "unique.hostname": hostname(),
      "unique.network.ip-address": address,
      ...(await pluginVersions(config.cniPath)),
    },
    networks: await networkNames(config),
    drivers: ["exec", "raw_exec"],
  };
}

/** By the attribute, the version that each plugin tells when it is run without arguments. */
async function pluginVersions(path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const folder of path.split(":")) {
    // A folder that is not there ends the search, as in a real client.
    if (!existsSync(folder)) return found;
    for (const file of readdirSync(folder).sort()) {
      const version = await versionOf(join(folder, file));
      if (version !== undefined) found[`plugins.cni.version.${file}`] = version;
    }
  }
  return found;
}

async function versionOf(program: string): Promise<string | undefined> {
  try {
    accessSync(program, constants.X_OK);
  } catch {
    return undefined;
  }
  const { code, stdout, stderr } = await exec([program], { timeoutMs: pluginTimeoutMs });
  if (code !== 0) return undefined;
  return `${stdout} ${stderr}`.split(/\s+/).find((word) => /^v?\d+\.\d+\.\d+(-\S+)?$/.test(word));
}

/** Networks are looked at by CHECK where the bridge plugin knows it well enough: from 1.3.0 on. */
export function checksNetworks({ attributes }: NodeReport): boolean {
  const version = /^v?(\d+)\.(\d+)/.exec(attributes["plugins.cni.version.bridge"] ?? "");
  if (version === null) return false;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major > 1 || (major === 1 && minor >= 3);
}
