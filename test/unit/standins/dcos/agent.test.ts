import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine, isAlive, startOf } from "../../../../standins/common/processes";
import { addressOf, findNetwork } from "../../../../standins/dcos/agent/cni";
import { checkCommand, nextResult } from "../../../../standins/dcos/agent/health";
import { readReport } from "../../../../standins/dcos/protocol";

test.each([
  ['{"cniVersion":"0.3.1","ips":[{"version":"4","address":"192.168.128.1/32"}]}', undefined],
  ['{"cniVersion":"0.2.0","ip4":{"ip":"192.168.128.2/32"}}', "192.168.128.2"],
  ['{"cniVersion":"0.2.0","ip6":{"ip":"fd00::2/128"}}', "fd00::2"],
  ["no result", undefined],
])("the address of the CNI result %s", (result, address) => {
  expect(addressOf(result)).toBe(address);
});

test("finds a network by its name, and names the others", () => {
  const dir = mkdtempSync(join(tmpdir(), "seamless-cni-"));
  try {
    const conf = { cniVersion: "0.3.1", name: "calico-open", type: "calico" };
    writeFileSync(join(dir, "10-a"), JSON.stringify(conf));
    writeFileSync(join(dir, "20-b.conf"), "{}");
    expect(findNetwork(dir, "calico-open")).toEqual(conf);
    expect(() => findNetwork(dir, "other")).toThrow(
      `unknown CNI network 'other'; networks in ${dir}: calico-open; not readable: 20-b.conf: no network name`,
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
});

const check = {
  path: "/health",
  portIndex: 1,
  gracePeriodSeconds: 300,
  intervalSeconds: 60,
  timeoutSeconds: 20,
  maxConsecutiveFailures: 3,
};

test("checks are made from inside the task's network", () => {
  const http = ["curl", "-sS", "-f", "-k", "-g", "-m", "20", "-o", "/dev/null"];
  expect(checkCommand({ ...check, protocol: "MESOS_HTTP" }, [1, 2])).toEqual([
    ...http,
    "http://127.0.0.1:2/health",
  ]);
  expect(checkCommand({ ...check, protocol: "HTTPS", port: 443 }, [1, 2])).toEqual([
    ...http,
    "https://127.0.0.1:443/health",
  ]);
  expect(checkCommand({ ...check, protocol: "COMMAND", command: "exit 1" }, [])).toEqual([
    "/bin/sh",
    "-c",
    "exit 1",
  ]);
  expect(checkCommand({ ...check, protocol: "MESOS_TCP" }, [1, 2]).at(-1)).toBe("2");
});

test("the result of a check counts failures until it succeeds again", () => {
  const failed = nextResult(nextResult(undefined, "refused", "t1"), "refused", "t2");
  expect(failed).toEqual({
    alive: false,
    consecutiveFailures: 2,
    lastFailure: "t2",
    lastFailureCause: "refused",
  });
  expect(nextResult(failed, undefined, "t3")).toEqual({
    alive: true,
    consecutiveFailures: 0,
    firstSuccess: "t3",
    lastSuccess: "t3",
    lastFailure: "t2",
    lastFailureCause: "refused",
  });
});

test("a text is run by a shell, a list as it is, both in the namespace", () => {
  expect(commandLine("sleep 1; true")).toEqual(["/bin/sh", "-c", "sleep 1; true"]);
  expect(commandLine(["sleep", "1"], "/var/run/netns/x")).toEqual([
    "nsenter",
    "--net=/var/run/netns/x",
    "sleep",
    "1",
  ]);
});

test("a process is told from another one with its number", () => {
  const start = startOf(process.pid);
  if (start === undefined) throw new Error("this process has no start time");
  expect(isAlive({ pid: process.pid, start })).toBe(true);
  expect(isAlive({ pid: process.pid, start: `${start}0` })).toBe(false);
});

test("a report is taken only when it is one", () => {
  const report = {
    name: "agent-1",
    address: "172.16.18.43",
    role: "private",
    resources: { cpus: 4, mem: 4096 },
    tasks: [{ id: "x", state: "TASK_RUNNING", health: [] }],
  };
  expect(readReport(report)).toEqual(report);
  expect(readReport({ ...report, role: "master" })).toBeUndefined();
  expect(readReport({ ...report, tasks: [{ id: "x", state: "RUNNING" }] })).toBeUndefined();
  expect(readReport(null)).toBeUndefined();
});
