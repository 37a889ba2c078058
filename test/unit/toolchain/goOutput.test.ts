import { adviceFor } from "../../../toolchain/build";
import { diskMessage } from "../../../toolchain/disk";
import { GoOutput } from "../../../toolchain/goOutput";
import { duration } from "../../../toolchain/progress";

test("tells downloads, packages and messages apart, however they are cut", () => {
  const output = new GoOutput();
  expect(output.describe()).toBe("reading packages, or linking");
  const text = [
    "go: downloading k8s.io/api v0.33.5",
    "go: downloading gopkg.in/yaml.v3 v3.0.1",
    "",
  ].join("\n");
  output.add(text.slice(0, 50));
  output.add(text.slice(50));
  expect(output.describe()).toBe("2 modules downloaded");
  output.add("internal/abi\ngithub.com/a/b-c/v2\n# github.com/a/b\n");
  expect(output.describe()).toBe("2 packages compiled, last github.com/a/b-c/v2");
  output.add("main.go:3:5: undefined: x\nlast line without");
  expect(output.packages).toBe(2);
  expect(output.messages).toEqual([
    "# github.com/a/b",
    "main.go:3:5: undefined: x",
    "last line without",
  ]);
});

test.each([
  ["write /x: no space left on device", "the disk is full"],
  ["verifying m@v1: checksum mismatch", "do not switch the check off"],
  ["dial tcp: lookup proxy: no such host", "the Go module proxy cannot be reached"],
  ["/usr/lib/go/link: signal: killed", "out of memory"],
  ["main.go:3:5: undefined: x", "see the lines above"],
])("for %j advises: %s", (line, advice) => {
  expect(adviceFor(line)).toContain(advice);
});

test("says how much room is missing", () => {
  expect(diskMessage("/home/me/.cache/seamless", 321.4, 12_265)).toBe(
    "not enough room to build: the disk of /home/me/.cache/seamless has 321 MB free, 12.3 GB are needed;\n" +
      "  make room (docs/toolchain.md says what each cache takes and how to clear it),\n" +
      "  or put the caches elsewhere: SEAMLESS_CACHE, GOCACHE, GOMODCACHE",
  );
});

test.each([
  [0.4, "0 s"],
  [59.4, "59 s"],
  [59.6, "1 min 00 s"],
  [185, "3 min 05 s"],
])("%s seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
