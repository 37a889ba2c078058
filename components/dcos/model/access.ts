import type { CoeDraft } from "../../../config/draft";
import type { LoginSort } from "../../../config/handed-on";
import type { Path, Problem } from "../../../config/problems";
import { isReadable } from "../../../util/urls";
import { clusterUrlProblem, etcdProblem } from "./urls";

/** What is wrong with how a cluster that is there already is reached. */
export function* accessProblems(
  at: Path,
  { access, packages }: CoeDraft,
  secrets: readonly LoginSort[],
): Iterable<Problem> {
  if (access === undefined) return;
  const { url, uid, etcd, allowHttp } = access;
  const path = [...at, "access"];
  const problem = typeof url === "string" ? clusterUrlProblem(url) : undefined;
  if (problem !== undefined) yield { path: [...path, "url"], message: problem };
  for (const [index, endpoint] of (Array.isArray(etcd) ? etcd : []).entries()) {
    const message = typeof endpoint === "string" ? etcdProblem(endpoint) : undefined;
    if (message !== undefined) yield { path: [...path, "etcd", `${index}`], message };
  }
  // The package etcd has the endpoints by itself.
  const missing = { url: url === undefined, etcd: etcd === undefined && !packages.etcd };
  for (const [key, is] of Object.entries(missing))
    if (is) yield { path: [...path, key], message: "missing; a dcos COE needs url and etcd" };
  const login = uid !== undefined || secrets.length > 0;
  if (typeof url === "string" && isReadable(url) && login && allowHttp !== true)
    yield {
      path: [...path, "url"],
      message: `found ${url} with a login, which all on its way could read; allowed: https://, or allowHttp: true beside it`,
    };
}
