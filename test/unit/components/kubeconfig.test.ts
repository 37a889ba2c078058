import { stringify } from "yaml";
import { clusterOf, refuseReadableLogin } from "../../../components/cluster/kubeconfig";
import { refusal } from "../../../components/cluster/kubectl";

const labels = { kubeconfig: "access.kubeconfig ~/.kube/config", context: "access.context" };
const server = "https://192.0.2.1:6443";

/** Of two clusters, with the changes asked for. */
const kubeconfig = (changes: object = {}) =>
  stringify({
    "current-context": "prod",
    contexts: [
      { name: "prod", context: { cluster: "prod", user: "admin" } },
      { name: "test", context: { cluster: "test", user: "admin" } },
    ],
    clusters: [
      { name: "prod", cluster: { server } },
      { name: "test", cluster: { server: "https://192.0.2.2:6443" } },
    ],
    users: [{ name: "admin", user: { token: "hidden" } }],
    ...changes,
  });

test("the cluster of the context that is meant, or of the current one", () => {
  expect(clusterOf(kubeconfig(), undefined, labels)).toEqual({
    context: "prod",
    server,
    user: "admin",
    login: true,
  });
  expect(clusterOf(kubeconfig(), "test", labels).server).toBe("https://192.0.2.2:6443");
});

/** Ended in the year 2000. */
const expired = `-----BEGIN CERTIFICATE-----
MIIBBzCBrgIBATAKBggqhkjOPQQDAjAQMQ4wDAYDVQQDDAVhZG1pbjAeFw0wMDAx
MDEwMDAwMDBaFw0wMDAxMDIwMDAwMDBaMBAxDjAMBgNVBAMMBWFkbWluMFkwEwYH
KoZIzj0CAQYIKoZIzj0DAQcDQgAEf6AGzyZ/TKV2cJCRWEDiT7qKg7CtXuAZfpby
wpYZiXVbkIHbnQx+m8g62PX+pOeoRBQATr0n3HDuE1k0Bde/uzAKBggqhkjOPQQD
AgNIADBFAiBkjVwnvvEjaHCd5z2Z28210SEiosFqofJ0YSqSr3dFrQIhAOXSN/GC
Bz6SMD4Hb3R/M0qQXZvmvN3gVkvJ4GOQU53A
-----END CERTIFICATE-----
`;
const user = (fields: object) => ({ users: [{ name: "admin", user: fields }] });
const absent = { "current-context": undefined };

test.each<[string, string, string | undefined, string]>([
  [
    "a context that does not exist",
    kubeconfig(),
    "prd",
    'access.context: found "prd"; allowed: prod, test; did you mean prod?',
  ],
  [
    "no context at all",
    kubeconfig(absent),
    undefined,
    "access.kubeconfig ~/.kube/config: current-context: found none; allowed: prod, test",
  ],
  [
    "no contexts",
    kubeconfig({ contexts: null }),
    "prod",
    'access.context: found "prod"; allowed: none, for the kubeconfig has no contexts',
  ],
  [
    "a cluster that does not exist",
    kubeconfig({ clusters: [] }),
    undefined,
    'access.kubeconfig ~/.kube/config: context prod: found cluster "prod", which the kubeconfig does not have',
  ],
  [
    "a user that does not exist",
    kubeconfig({ users: [] }),
    undefined,
    'access.kubeconfig ~/.kube/config: context prod: found user "admin", which the kubeconfig does not have',
  ],
  [
    "no URL",
    kubeconfig({ clusters: [{ name: "prod", cluster: { server: "192.0.2.1:6443" } }] }),
    undefined,
    'access.kubeconfig ~/.kube/config: context prod: found server "192.0.2.1:6443"; allowed: a URL such as https://192.0.2.1:6443',
  ],
  [
    "a user in the URL",
    kubeconfig({
      clusters: [{ name: "prod", cluster: { server: "https://admin:hidden@192.0.2.1:6443" } }],
    }),
    undefined,
    "access.kubeconfig ~/.kube/config: context prod: found a user in the server's URL; allowed: a URL such as https://192.0.2.1:6443, and who asks among the users",
  ],
  [
    "a file beside the kubeconfig",
    kubeconfig(user({ "client-certificate": "admin.crt" })),
    undefined,
    "access.kubeconfig ~/.kube/config: context prod: found client-certificate admin.crt; allowed: an absolute path, or the data itself: kubectl config view --flatten --minify writes such a kubeconfig",
  ],
  [
    "a certificate that has ended",
    kubeconfig(user({ "client-certificate-data": Buffer.from(expired).toString("base64") })),
    undefined,
    "access.kubeconfig ~/.kube/config: context prod: the certificate of user admin expired on 2000-01-02T00:00:00.000Z; renew it",
  ],
  [
    "something else",
    "token: 'hidden",
    undefined,
    "access.kubeconfig ~/.kube/config: not a kubeconfig; allowed: YAML with contexts, clusters and users, as kubectl config view shows it",
  ],
])("%s", (_, text, context, message) => {
  expect(() => clusterOf(text, context, labels)).toThrow(
    expect.objectContaining({ message, code: 2 }),
  );
});

test("a certificate that nobody can read is the API server's business", () => {
  const odd = kubeconfig(user({ "client-certificate-data": "b2Rk" }));
  expect(clusterOf(odd, undefined, labels).user).toBe("admin");
});

const at = (url: string) => ({ clusters: [{ name: "prod", cluster: { server: url } }] });
const plain = "http://192.0.2.1:8080";

test.each([
  ["a token", { token: "hidden" }],
  ["a file with a token", { tokenFile: "/var/token" }],
  ["a password", { username: "admin", password: "hidden" }],
  ["a program", { exec: { command: "login" } }],
  ["a provider", { "auth-provider": { name: "oidc" } }],
])("%s is not sent over plain HTTP unless that is what is wanted", (_, fields) => {
  const cluster = clusterOf(kubeconfig({ ...at(plain), ...user(fields) }), undefined, labels);
  expect(() => refuseReadableLogin(cluster, false, labels)).toThrow(
    expect.objectContaining({
      message: `access.kubeconfig ~/.kube/config: context prod: found ${plain} with a login of user admin, which anyone on the path can read; allowed: https://, or access.allowHttp: true`,
      code: 2,
    }),
  );
  expect(() => refuseReadableLogin(cluster, true, labels)).not.toThrow();
});

test.each([
  ["no login", plain, {}],
  ["HTTPS", server, { token: "hidden" }],
  ["this machine", "http://127.0.0.1:8080", { token: "hidden" }],
  ["this machine by its name", "http://localhost:8080", { token: "hidden" }],
  ["this machine by IPv6", "http://[::1]:8080", { token: "hidden" }],
])("with %s nothing can be read", (_, url, fields) => {
  const cluster = clusterOf(kubeconfig({ ...at(url), ...user(fields) }), undefined, labels);
  expect(() => refuseReadableLogin(cluster, false, labels)).not.toThrow();
});

const where = `kubectl get nodes: ${server} (context prod, user admin): `;

test.each([
  [
    "error: You must be logged in to the server (Unauthorized)",
    "You must be logged in to the server (Unauthorized): the API server does not know who asks; renew the token or certificate of user admin in the kubeconfig",
  ],
  [
    'Error from server (Forbidden): nodes is forbidden: User "dev" cannot list resource "nodes"',
    'Error from server (Forbidden): nodes is forbidden: User "dev" cannot list resource "nodes": give user admin the right to do so',
  ],
  [
    "E1 memcache.go\nThe connection to the server 192.0.2.1:6443 was refused - did you specify the right host or port?",
    "The connection to the server 192.0.2.1:6443 was refused - did you specify the right host or port?: nobody answers there; check the address, and that the API server runs",
  ],
  [
    "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority",
    "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority: the server's certificate is not the kubeconfig's; check certificate-authority-data and the address",
  ],
  ["error: something new", "something new"],
])("%s", (stderr, said) => {
  const cluster = { context: "prod", server, user: "admin", login: true };
  expect(refusal({ cluster }, ["get", "nodes"], { stderr }).message).toBe(`${where}${said}`);
});

test("a kubectl that had to be ended says so, and one of an unknown kubeconfig names nobody", () => {
  const failure = "timed out after 20000 ms";
  expect(refusal({}, ["get", "nodes"], { stderr: "", failure }).message).toBe(
    "kubectl get nodes: timed out after 20000 ms: nobody answers there; check the address, and that the API server runs",
  );
});
