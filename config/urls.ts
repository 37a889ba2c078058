/** Paths of DC/OS's Admin Router that belong to a service behind it ("Admin Router"). */
const servicePaths = ["service", "marathon", "mesos", "package", "cosmos", "acs"];

const allowed = "allowed is the cluster's own URL, for instance https://dcos.example.com";

/** What is wrong with the URL of a DC/OS cluster, with what is allowed; undefined when nothing is. */
export function clusterUrlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return `found ${JSON.stringify(text)}, which is no URL; ${allowed}`;
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return `found the protocol ${url.protocol}; ${allowed}`;
  }
  if (url.username !== "" || url.password !== "") {
    return `found a user in the URL, which is a secret apart; ${allowed}`;
  }
  if (servicePaths.includes(url.pathname.split("/")[1] ?? "")) {
    return `found the path ${url.pathname}, which belongs to a service behind it; ${allowed}`;
  }
  return undefined;
}
