import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { execOrThrow } from "../../util/exec";
import { toolsBin } from "../../util/paths";
import { waitFor } from "../../util/wait";
import { attemptCommand, attemptLink } from "../../verify/explain/attempt";
import { parseTrips } from "../../verify/trips/parse";
import { onNode } from "../../verify/trips/script";
import { TwoHosts } from "../helpers/two-hosts";
import { ok, pod, task } from "../unit/verify/fixture";

/* What one container tries of another: by `explain`, and by the checks of paths. */
const hosts = new TwoHosts();
beforeAll(() => hosts.up());
afterAll(() => hosts.down());
jest.setTimeout(180_000);

test("one container tries to reach another, by a port", async () => {
  const server = spawn("ip", [
    "netns",
    "exec",
    hosts.nameOf("task"),
    join(toolsBin(), "lab-probe"),
  ]);
  const from = { sort: "container", address: pod.address } as const;
  const link = async (port: number) => {
    const { stdout } = await execOrThrow(attemptCommand(from, task.address, port));
    const { status, says } = attemptLink("worker", task, port, ok("worker", stdout));
    return `${status}: ${says}`;
  };
  try {
    const connected = `ok: TCP to ${task.address} port 8080: connected`;
    await waitFor({ what: "the server", timeoutMs: 120_000 }, async () => {
      const seen = await link(8080);
      return seen === connected ? { done: true, value: undefined } : { done: false, seen };
    });
    expect(await link(81)).toBe(`broken: TCP to ${task.address} port 81: refused`);
    await hosts.run("agent", "iptables -A FORWARD -p tcp --dport 8080 -j DROP");
    expect(await link(8080)).toBe(`broken: TCP to ${task.address} port 8080: no answer within 4 s`);
  } finally {
    await hosts.run("agent", "iptables -F FORWARD");
    server.kill();
    await once(server, "exit");
  }
}, 180_000);

test("a trip starts in the container's own network, and 64 KiB are sent", async () => {
  const server = spawn("ip", [
    "netns",
    "exec",
    hosts.nameOf("task"),
    join(toolsBin(), "lab-probe"),
  ]);
  try {
    const target = { address: task.address, port: 8080, closed: false };
    const trip = async () =>
      parseTrips((await execOrThrow(onNode(pod.address, [target]))).stdout)[task.address];
    const first = await waitFor({ what: "the server", timeoutMs: 60_000 }, async () => {
      const value = await trip();
      return value?.page.ok ? { done: true, value } : { done: false, seen: "no page" };
    });
    expect(first).toMatchObject({
      page: { ok: true, value: { client: pod.address } },
      mtu: 1500,
      body: { ok: true },
    });
    await hosts.run("agent", "iptables -A FORWARD -m length --length 1001: -j DROP");
    expect((await trip())?.body).toEqual({
      ok: false,
      error: "no answer within 4 s",
      silent: true,
    });
  } finally {
    await hosts.run("agent", "iptables -F FORWARD");
    server.kill();
    await once(server, "exit");
  }
});
