import { isAbsolute, normalize } from "node:path";
import type { CoeDraft } from "../../../config/draft";
import type { LoginSort } from "../../../config/handed-on";
import type { Around } from "../../../config/kind";
import type { Path, Problem } from "../../../config/problems";
import { isFields } from "../../../config/readable";
import { isReadable } from "../../../util/urls";
import { accessDraft } from "./access";
import { draftOf } from "./config";

/** What CNI takes for a network (specification 1.0.0), in lower case: a client of Nomad compares it so. */
const networkName = /^[a-z0-9][a-z0-9_.-]*$/;
/** The networks that Nomad has by itself. */
const taken = ["bridge", "host", "none"];
/** A path that a shell, systemd and a file of JSON take as it is. */
const plainPath = /^[A-Za-z0-9/._-]+$/;
const unitName = /^[A-Za-z0-9:_.@-]+$/;

/** What is wrong with the network of a cluster. */
export function* networkProblems(at: Path, coe: CoeDraft): Iterable<Problem> {
  const { network, cniConfigDir, unit } = draftOf(coe);
  if (network !== undefined && network !== network.toLowerCase())
    yield {
      path: [...at, "network"],
      message: `found ${JSON.stringify(network)}; a client lower-cases the mode of a job before it compares, so no job would find it: write ${network.toLowerCase()}`,
    };
  else if (network !== undefined && (!networkName.test(network) || taken.includes(network)))
    yield {
      path: [...at, "network"],
      message: `found ${JSON.stringify(network)}; allowed: lower-case letters, digits, dots, dashes and underscores, beginning with a letter or a digit, but for ${taken.join(", ")}`,
    };
  if (cniConfigDir !== undefined && !isPlainFolder(cniConfigDir))
    yield {
      path: [...at, "cniConfigDir"],
      message: `found ${JSON.stringify(cniConfigDir)}; allowed: an absolute path, as the clients have it for client.cni_config_dir`,
    };
  if (unit !== undefined && !unitName.test(unit))
    yield {
      path: [...at, "unit"],
      message: `found ${JSON.stringify(unit)}; allowed: the name of a systemd unit, such as nomad.service`,
    };
}

function isPlainFolder(path: string): boolean {
  return isAbsolute(path) && normalize(path) === path && plainPath.test(path) && path !== "/";
}

const allowedUrl = "allowed: the URL of a server, such as https://nomad.example.com:4646";

/** What is wrong with the URL of the API; undefined when nothing is. */
export function urlProblem(text: string): string | undefined {
  // Nothing is told of a text that may have a password in it.
  if (text.includes("@")) return `found a user in the URL; a token says who asks; ${allowedUrl}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return `found ${JSON.stringify(text)}, which is no URL; ${allowedUrl}`;
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return `found the protocol ${url.protocol}; ${allowedUrl}`;
  if (/^\/(v1|ui)(\/|$)/.test(url.pathname))
    return `found the path ${url.pathname}, which is added where it is needed; ${allowedUrl}`;
  return url.search === "" && url.hash === "" ? undefined : `found ${text}; ${allowedUrl}`;
}

/** What is wrong with how a cluster that is there already is reached. */
export function* accessProblems(at: Path, coe: CoeDraft, { secrets }: Around): Iterable<Problem> {
  const access = accessDraft(coe);
  if (access === undefined) return;
  const path = [...at, "access", "url"];
  const { url, allowHttp } = access;
  if (url === undefined) {
    yield { path, message: "missing; a nomad COE needs url, that of a server's HTTP API" };
    return;
  }
  const problem = urlProblem(url);
  if (problem !== undefined) yield { path, message: problem };
  else if (isReadable(url) && secrets.includes("tokens") && allowHttp !== true)
    yield {
      path,
      message: `found ${url} with a token, which anyone on the path can read; allowed: https://, or allowHttp: true`,
    };
}

/** A server runs nothing, and only it takes part in Raft; without one there is nobody to ask. */
export function* roleProblems(at: Path, coe: CoeDraft): Iterable<Problem> {
  if (!coe.embedded) return;
  const servers = Object.values(coe.nodes).filter(({ role }) => role === "server");
  if (servers.length === 1) return;
  yield {
    path: [...at, "nodes"],
    message: `found ${servers.length} nodes with role server; the lab runs exactly one`,
  };
}

/** The driver that the probe names, if any. */
export function driverOf({ written: { probe } }: CoeDraft): string | undefined {
  if (!isFields(probe) || typeof probe.driver !== "string") return undefined;
  return probe.driver;
}

export function runsImages(driver: string | undefined): boolean {
  return driver === "docker" || driver === "podman";
}

/** The probe: an image is for drivers that run one. */
export function* probeProblems(at: Path, coe: CoeDraft): Iterable<Problem> {
  const driver = driverOf(coe);
  if (coe.probe?.image === undefined || driver === undefined || runsImages(driver)) return;
  yield {
    path: [...at, "probe", "image"],
    message: `found an image, which the driver ${driver} does not run; allowed: driver docker or podman, or command in place of the image`,
  };
}

/** What a secret of a sort is for. */
export function secretProblem(sort: LoginSort): string | undefined {
  return sort === "tokens" || sort === "keys"
    ? undefined
    : "found a password; allowed: an ACL token in seamless:tokens, and a private key for SSH in seamless:keys";
}
