import type { Facts } from "../../../doctor/facts";
import { machineLines, type Wants } from "../../../doctor/machine";
import { renderLines } from "../../../doctor/report";

const healthy: Facts = {
  node: "20.19.0",
  root: true,
  pulumi: { kind: "own", why: "there is no pulumi on PATH" },
  programs: { docker: { path: "/usr/bin/docker", version: "Docker version 28" } },
  absentTools: [],
  disk: { path: "/cache", freeMb: 9_000 },
  memory: { totalMb: 16_000, availableMb: 8_000 },
  kernel: { release: "6.1", filesystems: ["overlay"], namespaces: ["net", "mnt", "pid"] },
  takenPorts: [],
  labs: [],
};

const wants: Wants = {
  oldestNode: "20.19",
  programs: [{ program: "docker", why: "runs the reflector", advice: "install docker" }],
  lab: { namespace: "seamless-lab", ports: { dcos: 18080 } },
  buildMb: 0,
};

/** The lines that are not ok, with what to do. */
function complaints(facts: Partial<Facts>, more: Partial<Wants> = {}) {
  return machineLines({ ...healthy, ...facts }, { ...wants, ...more })
    .filter(({ level }) => level !== "ok")
    .map(({ id, level, found, advice }) => `${level} ${id}: ${found} -> ${advice}`);
}

test("a machine that has everything", () => {
  expect(renderLines(machineLines(healthy, wants))).toEqual([
    "ok   machine/node: Node.js 20.19.0",
    "ok   machine/pulumi: the built one: there is no pulumi on PATH",
    "ok   machine/program/docker: /usr/bin/docker Docker version 28",
    "ok   machine/disk: 9000 MB free at /cache",
    "ok   machine/root: runs as root",
    "ok   machine/kernel: Linux 6.1",
    "ok   machine/memory: 8000 of 16000 MB available",
    "ok   machine/port/dcos: port 18080 is free",
    "",
    "8 ok, 0 to know, 0 to mend",
  ]);
});

test.each<[string, Partial<Facts>, Partial<Wants>, string]>([
  [
    "an old Node.js",
    { node: "18.20.1" },
    {},
    "fail machine/node: Node.js 18.20.1 -> install Node.js 20.19 or later",
  ],
  [
    "no pulumi at all",
    { absentTools: ["pulumi"] },
    {},
    "fail machine/pulumi: there is no pulumi on PATH, and none is built -> run: bin/seamless toolchain --pulumi-only",
  ],
  [
    "a wish for a pulumi that is not there",
    { pulumi: { error: "SEAMLESS_PULUMI=path: there is no pulumi on PATH" } },
    {},
    "fail machine/pulumi: SEAMLESS_PULUMI=path: there is no pulumi on PATH -> do as the message says",
  ],
  [
    "a program that is missing",
    { programs: {} },
    {},
    "fail machine/program/docker: docker is missing: runs the reflector -> install docker",
  ],
  [
    "a full disk",
    { disk: { path: "/cache", freeMb: 3_000 } },
    { buildMb: 2_000 },
    "fail machine/disk: 3000 MB free at /cache; needed for the lab: 6000 MB -> make room there, or set SEAMLESS_CACHE to a folder on another disk",
  ],
  [
    "another user",
    { root: false },
    {},
    "fail machine/root: does not run as root -> run the lab as root: it makes a network namespace and runs Docker in it",
  ],
  [
    "a kernel without what the lab takes",
    { kernel: { release: "4.4", filesystems: ["ext4"], namespaces: ["mnt", "pid"] } },
    {},
    "fail machine/kernel: Linux 4.4 without overlay file systems, net namespaces -> load the modules, or boot a kernel that has them",
  ],
  [
    "little memory",
    { memory: { totalMb: 4_000, availableMb: 1_000 } },
    {},
    "warn machine/memory: 1000 of 4000 MB available; the lab takes 3500 MB -> end other programs, or take a machine with more memory",
  ],
  [
    "a port that is taken",
    { takenPorts: [18080] },
    {},
    "fail machine/port/dcos: port 18080 is taken by another program -> end that program, or set another port: seamless:lab.ports.dcos",
  ],
])("%s", (_, facts, more, complaint) => {
  expect(complaints(facts, more)).toEqual(expect.arrayContaining([complaint]));
});

test("a lab that runs has its ports, its memory and its disk already", () => {
  const running = {
    labs: ["seamless-lab"],
    takenPorts: [18080],
    memory: { totalMb: 4_000, availableMb: 1_000 },
    disk: { path: "/cache", freeMb: 100 },
  };
  expect(complaints(running)).toEqual([]);
});

test("without a lab nothing is asked of the machine for one", () => {
  const { lab: _, ...without } = wants;
  const ids = machineLines({ ...healthy, root: false }, without).map(({ id }) => id);
  expect(ids).toEqual(["machine/node", "machine/pulumi", "machine/program/docker", "machine/disk"]);
});
