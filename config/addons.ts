import { isPrefix } from "../util/net";
import type { AddonDraft, CoeDraft } from "./draft";
import { isServer, readPrefix } from "./family";
import type { KindFacts } from "./kinds";
import type { Path, Problem } from "./problems";
import { didYouMean } from "./words";

/** Add-ons of several kinds, the default first: the parts that each consists of, which have images of their own. */
const parts: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  dns: { coredns: [], "kube-dns": ["kubedns", "dnsmasq", "sidecar"] },
  dashboard: {
    "kubernetes-dashboard": ["api", "auth", "web", "metrics-scraper", "gateway"],
    "kube-web-view": ["web"],
  },
};

/** An engine that has its own ways for these takes none; a name server has a service address the nodes know. */
export function addonProblems(
  path: Path,
  coe: CoeDraft,
  kind: KindFacts,
  problems: Problem[],
): void {
  for (const [name, addon] of Object.entries(coe.addons)) {
    if (!kind.addons)
      problems.push({
        path: [...path, "addons", name],
        message: `a ${coe.kind} engine has no add-ons: leave it out`,
      });
    images([...path, "addons", name], addon, ownOf(parts, name) ?? {}, problems);
    for (const server of addon.upstream) upstream([...path, "addons", name], server, problems);
  }
  const range = readPrefix(coe.serviceCidr ?? "");
  if (!kind.addons || coe.addons.dns === undefined || (isPrefix(range) && range.length <= 28))
    return;
  problems.push({
    path: [...path, "addons", "dns"],
    message: `found ${coe.serviceCidr === undefined ? "no serviceCidr" : coe.serviceCidr}; the name server is the tenth address of serviceCidr, so a range of /28 or larger is needed`,
  });
}

/** Images are of parts that there are. */
function images(
  path: Path,
  addon: AddonDraft,
  kinds: Readonly<Record<string, readonly string[]>>,
  problems: Problem[],
): void {
  const kind = addon.kind ?? Object.keys(kinds)[0] ?? "";
  const known = ownOf(kinds, kind);
  if (known === undefined) return;
  if (addon.image && known.length > 0)
    problems.push({
      path: [...path, "image"],
      message: `${kind} has more than one; allowed: images, with ${known.join(", ")}`,
    });
  for (const part of addon.images) {
    if (known.includes(part)) continue;
    problems.push({
      path: [...path, "images", part],
      message:
        known.length === 0
          ? `${kind} has only one; allowed: image`
          : `${kind} has no such part; allowed: ${known.join(", ")}${didYouMean(part, known)}`,
    });
  }
}

/** Servers are written into a configuration as they are; a file of them may stand for all. */
function upstream(path: Path, server: string, problems: Problem[]): void {
  const file = /^\/[\w./-]+$/.test(server);
  if (file || isServer(server.replace(/^tls:\/\//, ""))) return;
  problems.push({
    path: [...path, "upstream"],
    message: `found ${JSON.stringify(server)}; allowed: an IPv4 address such as 192.0.2.53, or with a port, 192.0.2.53:5353, or the path of a file such as /etc/resolv.conf`,
  });
}

/** The value of a key that a map has itself: every map has a `constructor`, too. */
function ownOf<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
