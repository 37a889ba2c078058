import type { CoeDraft } from "../../../config/draft";
import type { LoginSort } from "../../../config/handed-on";
import type { Path, Problem } from "../../../config/problems";
import { isReadable } from "../../../util/urls";
import { draftOf } from "./config";
import { clusterUrlProblem, etcdProblem } from "./urls";

/** What is wrong with how a cluster that is there already is reached. */
export function* accessProblems(
  at: Path,
  coe: CoeDraft,
  secrets: readonly LoginSort[],
): Iterable<Problem> {
  const { access, packages } = draftOf(coe);
  if (access === undefined) return;
  const { url, uid, etcd, allowHttp } = access;
  const path = [...at, "access"];
  const problem = url === undefined ? undefined : clusterUrlProblem(url);
  if (problem !== undefined) yield { path: [...path, "url"], message: problem };
  for (const [index, endpoint] of (etcd ?? []).entries()) {
    const message = etcdProblem(endpoint);
    if (message !== undefined) yield { path: [...path, "etcd", `${index}`], message };
  }
  // The package etcd has the endpoints by itself.
  const missing = {
    url: url === undefined,
    etcd: etcd === undefined && packages?.etcd === undefined,
  };
  for (const [key, is] of Object.entries(missing))
    if (is) yield { path: [...path, key], message: "missing; a dcos COE needs url and etcd" };
  const login = uid !== undefined || secrets.length > 0;
  if (url !== undefined && isReadable(url) && login && allowHttp !== true)
    yield {
      path: [...path, "url"],
      message: `found ${url} with a login, which anyone on the path can read; allowed: https://, or allowHttp: true`,
    };
}
