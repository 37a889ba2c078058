import type { CoeDraft } from "../../../config/draft";
import { hasTenth, isServer } from "../../../config/family";
import type { Path, Problem } from "../../../config/problems";
import { didYouMean } from "../../../config/words";
import { draftOf } from "./config";

/** Add-ons of several kinds, the default first: the parts that each consists of, which have images of their own. */
const parts: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  dns: { coredns: [], "kube-dns": ["kubedns", "dnsmasq", "sidecar"] },
  dashboard: {
    "kubernetes-dashboard": ["api", "auth", "web", "metrics-scraper", "gateway"],
    "kube-web-view": ["web"],
  },
};

/** Images and servers are looked at; a name server has a service address that the nodes know. */
export function* addonProblems(at: Path, coe: CoeDraft): Iterable<Problem> {
  const { addons = {} } = draftOf(coe);
  for (const [name, addon] of Object.entries(addons)) {
    const path = [...at, "addons", name];
    if (addon !== undefined) yield* images(path, addon, partsOf(parts, name) ?? {});
  }
  for (const server of addons.dns?.upstream ?? [])
    yield* upstream([...at, "addons", "dns"], server);
  if (addons.dns === undefined || hasTenth(coe.serviceCidr)) return;
  yield {
    path: [...at, "addons", "dns"],
    message: `found ${coe.serviceCidr?.join(", ") ?? "no serviceCidr"}; the name server is the tenth address of serviceCidr, so a range of /28 or larger is needed`,
  };
}

/** Images are of parts that there are. */
function* images(
  path: Path,
  addon: {
    readonly kind?: string | undefined;
    readonly image?: string | undefined;
    readonly images?: Readonly<Record<string, string>> | undefined;
  },
  kinds: Readonly<Record<string, readonly string[]>>,
): Iterable<Problem> {
  const kind = addon.kind ?? Object.keys(kinds)[0] ?? "";
  const known = partsOf(kinds, kind);
  if (known === undefined) return;
  if (addon.image !== undefined && known.length > 0)
    yield {
      path: [...path, "image"],
      message: `${kind} has more than one; allowed: images, with ${known.join(", ")}`,
    };
  for (const part of Object.keys(addon.images ?? {})) {
    if (known.includes(part)) continue;
    yield {
      path: [...path, "images", part],
      message:
        known.length === 0
          ? `${kind} has only one; allowed: image`
          : `${kind} has no such part; allowed: ${known.join(", ")}${didYouMean(part, known)}`,
    };
  }
}

/** Servers are written into a configuration as they are; a file of them may stand for all. */
function* upstream(path: Path, server: string): Iterable<Problem> {
  const file = /^\/[\w./-]+$/.test(server);
  if (file || isServer(server.replace(/^tls:\/\//, ""))) return;
  yield {
    path: [...path, "upstream"],
    message: `found ${JSON.stringify(server)}; allowed: an address such as 192.0.2.53, or with a port, 192.0.2.53:5353 or [2001:db8::53]:5353, or the path of a file such as /etc/resolv.conf`,
  };
}

/** The value of a key that a map has itself: every map has a `constructor`, too. */
function partsOf<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
