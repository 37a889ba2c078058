import { fromLines, fromStanzas, mirrorsOf } from "../../../util/debian-mirrors";

test("sources of one line lose options and comments", () => {
  const text = `# deb http://old.example/debian bookworm main
deb [signed-by=/usr/share/keyrings/k.gpg arch=amd64] http://mirror.example/debian bookworm main contrib # near
deb-src http://mirror.example/debian bookworm main
`;
  expect(fromLines(text)).toEqual(["deb http://mirror.example/debian bookworm main contrib"]);
});

test("stanzas give a line for each place and suite; disabled ones and sources none", () => {
  const text = `Types: deb deb-src
# a comment between fields
URIs: http://mirror.example/debian
Suites: bookworm
 bookworm-updates
Components: main non-free
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://src.example/debian
Suites: bookworm
Components: main
`;
  expect(fromStanzas(text)).toEqual([
    "deb http://mirror.example/debian bookworm main non-free",
    "deb http://mirror.example/debian bookworm-updates main non-free",
  ]);
});

test("only a release and its updates are taken, main alone, each once", () => {
  const lines = [
    "deb http://tools.example/apt tools-bookworm main",
    "deb http://mirror.example/debian bookworm main contrib",
    "deb http://mirror.example/debian bookworm main",
    "deb http://mirror.example/security bookworm-security main",
    "deb http://mirror.example/debian bookworm-backports main",
  ];
  expect(mirrorsOf("bookworm", lines)).toEqual([
    "deb http://mirror.example/debian bookworm main",
    "deb http://mirror.example/security bookworm-security main",
  ]);
});

test("a machine with another release has none", () => {
  const lines = [
    "deb http://mirror.example/ubuntu noble main",
    "deb http://x.example/ bookworm-updates main",
  ];
  expect(mirrorsOf("bookworm", lines)).toEqual([]);
});
