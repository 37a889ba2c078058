import { homedir } from "node:os";
import { dockerEnv, parseDockerHost, resolveDocker } from "../../../util/docker-host";
import { exitCode, SeamlessError } from "../../../util/errors";

test.each([
  ["unix:///run/docker.sock", { via: "unix", path: "/run/docker.sock" }],
  ["tcp://10.1.0.10:2376", { via: "tcp", host: "10.1.0.10", port: 2376, plain: false }],
  ["tcp://[fd00::1]:2376", { via: "tcp", host: "fd00::1", port: 2376, plain: false }],
  ["tcp://rr.example.com:2375/", { via: "tcp", host: "rr.example.com", port: 2375, plain: false }],
  ["tcp://10.1.0.10:2375#plain", { via: "tcp", host: "10.1.0.10", port: 2375, plain: true }],
  ["ssh://ops@10.1.0.10", { via: "ssh", user: "ops", host: "10.1.0.10", port: undefined }],
  ["ssh://rr-1:2222", { via: "ssh", user: undefined, host: "rr-1", port: 2222 }],
])("%s is a Docker host", (text, expected) => {
  expect(parseDockerHost(text)).toEqual(expected);
});

test.each([
  "",
  "unix://docker.sock",
  "10.1.0.10:2375",
  "http://10.1.0.10:2375",
  "tcp://10.1.0.10",
  "tcp://user@10.1.0.10:2376",
  "tcp://10.1.0.10:2376/v1.41",
  "tcp://10.1.0.10:2376#anything",
  "tcp://10.1.0.10:99999",
  "ssh://",
  "ssh://ops:secret@10.1.0.10",
  "ssh://-oProxyCommand=true",
  "ssh://-oProxyCommand=true@10.1.0.10",
  "ssh://ops@10.1.0.10/run/docker.sock",
  "ssh://ops@10.1.0.10#plain",
])("%j is none", (text) => {
  expect(parseDockerHost(text)).toBeUndefined();
});

function refusal(ask: () => unknown) {
  try {
    ask();
  } catch (thrown) {
    if (thrown instanceof SeamlessError) return { message: thrown.message, code: thrown.code };
    throw thrown;
  }
  return "accepted";
}

const ways =
  "allowed: ssh://user@host; DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH; reflectors.<name>.dockerHost with dockerCerts, or with allowPlainTcp: true, which takes the risk";

test.each([
  ["from DOCKER_HOST", {}, { DOCKER_HOST: "tcp://10.1.0.10:2375" }, "DOCKER_HOST"],
  ["that is given", { dockerHost: "tcp://10.1.0.10:2375" }, {}, "Docker host"],
  [
    "beside a folder of certificates that nothing asks for",
    {},
    { DOCKER_HOST: "tcp://10.1.0.10:2375", DOCKER_CERT_PATH: "/certs" },
    "DOCKER_HOST",
  ],
])("plain TCP to another machine is refused: one %s", (_, access, env, source) => {
  const message = `${source}: found tcp://10.1.0.10:2375 without TLS: whoever reaches that port is root on the host; ${ways}`;
  expect(refusal(() => resolveDocker(access, env))).toEqual({ message, code: exitCode.usage });
  expect(refusal(() => dockerEnv(access, env))).toEqual({ message, code: exitCode.usage });
});

test("a host of no known form is refused with what it may be", () => {
  expect(refusal(() => resolveDocker({}, { DOCKER_HOST: "fd://" }))).toEqual({
    message: 'DOCKER_HOST: found "fd://"; allowed: ssh://user@host, tcp://host:port, unix:///path',
    code: exitCode.usage,
  });
});

const nobody = { SSH_ASKPASS_REQUIRE: "never" };
const noTls = { DOCKER_TLS: undefined, DOCKER_TLS_VERIFY: undefined, DOCKER_CERT_PATH: undefined };
const tls = (folder: string) => ({ ...noTls, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: folder });
const ambient = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/ambient" };

test.each([
  ["the machine's own by default", {}, {}, "unix:///var/run/docker.sock", noTls],
  ["DOCKER_HOST", {}, { DOCKER_HOST: "ssh://rr" }, "ssh://rr", noTls],
  [
    "what is given before DOCKER_HOST",
    { dockerHost: "unix:///lab.sock" },
    { DOCKER_HOST: "ssh://rr" },
    "unix:///lab.sock",
    noTls,
  ],
  [
    "no certificates where there is no TCP",
    { dockerHost: "unix:///lab.sock" },
    ambient,
    "unix:///lab.sock",
    noTls,
  ],
  [
    "certificates that are given before those of the environment",
    { dockerHost: "tcp://10.1.0.10:2376", dockerCerts: "~/rr-1" },
    ambient,
    "tcp://10.1.0.10:2376",
    tls(`${homedir()}/rr-1`),
  ],
  [
    "certificates of the environment",
    {},
    { ...ambient, DOCKER_HOST: "tcp://10.1.0.10:2376" },
    "tcp://10.1.0.10:2376",
    tls("/ambient"),
  ],
  [
    "docker's own folder of certificates",
    {},
    { DOCKER_TLS_VERIFY: "1", DOCKER_HOST: "tcp://10.1.0.10:2376" },
    "tcp://10.1.0.10:2376",
    tls(`${homedir()}/.docker`),
  ],
  [
    "the loopback without TLS",
    { dockerHost: "tcp://127.0.0.1:2375" },
    {},
    "tcp://127.0.0.1:2375",
    noTls,
  ],
  [
    "plain TCP that is allowed, without its mark and whatever the environment says of TLS",
    { dockerHost: "tcp://10.1.0.10:2375#plain" },
    ambient,
    "tcp://10.1.0.10:2375",
    noTls,
  ],
])("docker is given %s", (_, access, env, host, variables) => {
  expect(dockerEnv(access, env)).toEqual({ DOCKER_HOST: host, ...variables, ...nobody });
});
