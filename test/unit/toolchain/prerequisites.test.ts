import {
  atLeast,
  findProgram,
  isDebianLike,
  missingMessage,
} from "../../../toolchain/prerequisites";

const missing = [
  { text: "mmdebstrap (makes the hosts' file system)", package: "mmdebstrap" },
  { text: "dockerd (the lab's hosts are its containers)", package: "docker.io" },
  { text: "docker (builds the lab's images)", package: "docker.io" },
  { text: "go >= 1.26, found 1.19.8 (builds)", advice: "Go 1.26 or newer: see its site" },
];

test("names all that is missing in one list, with the commands", () => {
  expect(missingMessage(missing, false)).toBe(`this machine lacks:
  mmdebstrap (makes the hosts' file system)
  dockerd (the lab's hosts are its containers)
  docker (builds the lab's images)
  go >= 1.26, found 1.19.8 (builds)
get it by:
  sudo apt-get install --no-install-recommends docker.io mmdebstrap
  Go 1.26 or newer: see its site
then run \`make toolchain\` again`);
});

test("needs no sudo as root, and no apt-get where no package is missing", () => {
  expect(missingMessage(missing.slice(0, 1), true)).toContain("\n  apt-get install");
  expect(missingMessage(missing.slice(3), false)).not.toContain("apt-get");
});

test.each([
  ["1.26", "1.26", true],
  ["1.26.8", "1.26", true],
  ["1.27rc1", "1.26", true],
  ["2.0", "1.26", true],
  ["1.19.8", "1.26", false],
  ["1.9", "1.26", false],
  ["", "1.26", false],
  ["3.249.9", "3.250.0", false],
])("%s is at least %s: %s", (version, wanted, expected) => {
  expect(atLeast(version, wanted)).toBe(expected);
});

test.each([
  ['PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', true],
  ["ID=ubuntu\nID_LIKE=debian\n", true],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
  ['ID="rhel"\nID_LIKE="fedora"\n', false],
  ['NAME="not debian"\nID=alpine\n', false],
  ["", false],
])("knows Debian by %j", (text, expected) => {
  expect(isDebianLike(text)).toBe(expected);
});

test("finds programs in the folders of PATH alone when told so", () => {
  expect(findProgram("sh", "/nowhere::/bin", [])).toBe("/bin/sh");
  expect(findProgram("sh", "/nowhere", [])).toBeUndefined();
});
