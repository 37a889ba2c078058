/** Paths of DC/OS's Admin Router that belong to a service behind it ("Admin Router"). */
const servicePaths = ["service", "marathon", "mesos", "package", "cosmos", "acs"];

const allowed = "allowed: the cluster's own URL, for instance https://dcos.example.com";

/** What is wrong with the URL of a DC/OS cluster, with what is allowed; undefined when nothing is. */
export function clusterUrlProblem(text: string): string | undefined {
  // Nothing is told of a text that may have a password in it.
  if (text.includes("@"))
    return `found a user in the URL; uid and a secret say who logs in; ${allowed}`;
  if (!URL.canParse(text)) return `found ${JSON.stringify(text)}, which is no URL; ${allowed}`;
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return `found the protocol ${url.protocol}; ${allowed}`;
  }
  if (servicePaths.includes(url.pathname.split("/")[1] ?? "")) {
    return `found the path ${url.pathname}, which belongs to a service behind Admin Router; ${allowed}`;
  }
  return undefined;
}

const allowedEtcd = "allowed: an endpoint such as https://10.1.0.31:2379";

/** What is wrong with an endpoint of etcd; undefined when nothing is. */
export function etcdProblem(text: string): string | undefined {
  // It would stand in plain text in the state, and be told in messages.
  if (text.includes("@"))
    return `found a user in the URL, whose password would be in plain text; ${allowedEtcd}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.pathname === "/" && url.search === "" && url.hash === "";
  if (plain && (url.protocol === "http:" || url.protocol === "https:")) return undefined;
  return `found ${JSON.stringify(text)}; ${allowedEtcd}`;
}
