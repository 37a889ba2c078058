import type { RemoteHost } from "../../../components/ask/host";
import { removeFromHost } from "../../../components/linux/apply";
import type { HostInput } from "../../../components/linux/input";
import { parseHost } from "../../../components/linux/look";
import { exitCode, SeamlessError } from "../../../util/errors";

const parts = (all: Readonly<Record<string, string>>) =>
  parseHost(
    Object.entries(all)
      .map(([name, text]) => `\n@@ ${name}\n${text}\n`)
      .join(""),
  );

test.each([
  [
    "addresses",
    { addresses: "ip: unrecognized option: j" },
    "its addresses could not be read: ip -j says ip: unrecognized option: j; needed: ip of iproute2",
  ],
  [
    "routes",
    { addresses: "[]", routes: "Error: argument is wrong\nUsage: ..." },
    "its routes could not be read: ip -j says Error: argument is wrong; needed: ip of iproute2",
  ],
])("a host that does not tell its %s is not one that has none", (_, said, message) => {
  expect(() => parts(said)).toThrow(new SeamlessError(message));
});

test.each([
  ["20.10.24", [20, 10, 24]],
  ["20.10.5+dfsg1", [20, 10, 5]],
  ["Emulate Docker CLI using podman.\n4.3.1", [4, 3, 1]],
  ["Cannot connect to the Docker daemon at tcp://127.0.0.1:2375. Is it running?", undefined],
  [
    "Error response from daemon: client version 1.52 is too new. Maximum supported API version is 1.43",
    undefined,
  ],
])("the version of Docker in: %s", (docker, version) => {
  expect(parts({ docker }).docker).toEqual(version);
});

/** A host whose scripts end so. */
const failing = (code: (typeof exitCode)[keyof typeof exitCode]): RemoteHost => {
  const refuse = async () => {
    throw new SeamlessError("plain/one: sh: exit code 1", code);
  };
  return { name: "plain/one", run: refuse, need: refuse, script: refuse };
};
const input: HostInput = {
  ...{ name: "plain/one", shell: { via: "ssh", target: "ssh://root@10.1.1.21" } },
  ...{ addresses: ["10.1.1.21"], ranges: ["10.65.1.0/24"], planned: ["10.64.0.0/16"] },
  ...{ containers: "docker", bird: "", firewall: "" },
};

test("a host is left as it is when it does not answer, and not when it answers with an error", async () => {
  const said: string[] = [];
  const say = (message: string) => said.push(message);
  await removeFromHost(failing(exitCode.nothingToCheck), input, say);
  expect(said).toEqual(["left as it is, if it is still there: plain/one: sh: exit code 1"]);
  await expect(removeFromHost(failing(exitCode.operationFailed), input, say)).rejects.toThrow(
    "plain/one: sh: exit code 1",
  );
});
