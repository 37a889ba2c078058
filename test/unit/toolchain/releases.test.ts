import { tools } from "../../../toolchain/catalogue";
import { sumIn } from "../../../toolchain/download";
import { addressOf, mayAsk, releaseOf, releaseSource } from "../../../toolchain/releases";

const files = (name: string, arch = "x64") =>
  tools.filter((tool) => tool.name === name).flatMap((tool) => releaseOf(tool, "linux", arch));

test("a release has all programs of its tool, and a checksum or upstream's list for each file", () => {
  const released = tools.filter((tool) => releaseOf(tool, "linux", "x64").length > 0);
  expect(released.map(({ name }) => name)).toEqual([
    "pulumi",
    "kubernetes-provider",
    "gobgp",
    "kubernetes",
    "addons",
  ]);
  for (const arch of ["x64", "arm64"]) {
    for (const tool of released) {
      const found = releaseOf(tool, "linux", arch);
      expect(found.flatMap(({ programs }) => Object.keys(programs)).sort()).toEqual(
        Object.keys(tool.programs).sort(),
      );
      for (const { url, sha256, sums } of found) {
        expect(url).toMatch(/^https:\/\/(github\.com|dl\.k8s\.io)\//);
        if (sha256 === undefined) expect(sums).toMatch(/^https:\/\/(github\.com|dl\.k8s\.io)\//);
        else expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      }
    }
  }
});

test("the addresses are upstream's", () => {
  expect(files("pulumi").map(({ url }) => url)).toEqual([
    "https://github.com/pulumi/pulumi/releases/download/v3.250.0/pulumi-v3.250.0-linux-x64.tar.gz",
  ]);
  expect(files("kubernetes", "arm64").map(({ url }) => url)).toContain(
    "https://dl.k8s.io/release/v1.33.13/bin/linux/arm64/kubelet",
  );
  expect(files("addons").map(({ url }) => url)).toEqual([
    "https://github.com/coredns/coredns/releases/download/v1.14.7/coredns_1.14.7_linux_amd64.tgz",
    "https://github.com/kubernetes-sigs/metrics-server/releases/download/v0.9.0/metrics-server-linux-amd64",
  ]);
  expect(files("gobgp").map(({ url, sums }) => [url, sums])).toEqual([
    [
      "https://github.com/osrg/gobgp/releases/download/v4.8.0/gobgp_4.8.0_linux_amd64.tar.gz",
      "https://github.com/osrg/gobgp/releases/download/v4.8.0/gobgp_4.8.0_checksums.txt",
    ],
  ]);
});

test("machines without a release build", () => {
  for (const tool of tools) {
    expect(releaseOf(tool, "linux", "riscv64")).toEqual([]);
    expect(releaseOf(tool, "darwin", "arm64")).toEqual([]);
  }
});

test.each([
  [undefined, { kind: "upstream" }],
  ["", { kind: "upstream" }],
  ["off", { kind: "off" }],
  ["https://mirror.example/releases/", { kind: "mirror", base: "https://mirror.example/releases" }],
  ["http://127.0.0.1:8080", { kind: "mirror", base: "http://127.0.0.1:8080" }],
])("SEAMLESS_RELEASES=%s", (text, source) => {
  expect(releaseSource({ SEAMLESS_RELEASES: text })).toEqual(source);
});

test.each(["on", "http://mirror.example", "http://127.0.0.1.example", "ftp://127.0.0.1"])(
  "SEAMLESS_RELEASES=%s is refused",
  (text) => {
    expect(() => releaseSource({ SEAMLESS_RELEASES: text })).toThrow(
      `SEAMLESS_RELEASES=${text}: not known; use off (build everything), or the https:// address of a mirror, or unset it`,
    );
  },
);

test("only https is asked, but for this machine", () => {
  const asked = ["https://a.example/", "http://127.0.0.1:1/", "http://[::1]/", "http://localhost/"];
  for (const url of asked) expect([url, mayAsk(new URL(url))]).toEqual([url, true]);
  for (const url of ["http://a.example/", "http://128.0.0.1/", "file:///etc/passwd"])
    expect([url, mayAsk(new URL(url))]).toEqual([url, false]);
});

test("a mirror has upstream's paths below its own", () => {
  const mirror = { kind: "mirror", base: "https://m.example/x" } as const;
  expect(addressOf("https://dl.k8s.io/release/a", mirror)).toBe(
    "https://m.example/x/dl.k8s.io/release/a",
  );
  expect(addressOf("https://dl.k8s.io/a", { kind: "upstream" })).toBe("https://dl.k8s.io/a");
});

test("a list of checksums is read as sha256sum prints it", () => {
  const [a, b] = ["a".repeat(64), "B".repeat(64)];
  expect(sumIn(`${a}  x.tgz\n${b} *./y.tgz\n`, "y.tgz")).toBe("b".repeat(64));
  expect(sumIn(`${a}\n`, "anything")).toBe(a);
  expect(sumIn(`${a}  x.tgz\n`, "y.tgz")).toBeUndefined();
  expect(sumIn(`${a}  x.tgz\n${b}\n`, "y.tgz")).toBeUndefined();
  expect(sumIn("<html>not found</html>", "x.tgz")).toBeUndefined();
  expect(sumIn(`${a.slice(1)}  x.tgz\n`, "x.tgz")).toBeUndefined();
});
