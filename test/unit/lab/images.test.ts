import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { labKinds } from "../../../components/kinds/lab";
import { dashboardImage } from "../../../components/kubernetes/lab/images";
import {
  assetFiles,
  confdFiles,
  withoutTunnels,
} from "../../../components/speakers/calico/lab/files";
import { imagesGeneration } from "../../../lab/images";

const template = `if (x) then
  krt_tunnel = "tunl0";
else
  krt_tunnel = "";
krt_tunnel = "tunl0"; accept;
`;
const patched = `if (x) then
  { }
else
  { }
 accept;
`;

test("an assignment goes, and after a condition an empty block stays", () => {
  expect(withoutTunnels(template)).toBe(patched);
});

test.each([
  ["accept;\n", 0],
  ['krt_tunnel = "tunl0";\nif (krt_tunnel = "") then accept;\n', 1],
])("a template with other uses is refused (%#)", (other, count) => {
  expect(() => withoutTunnels(other)).toThrow(
    `Calico v3.31.0: bird_ipam.cfg.template has ${count} known uses of krt_tunnel; this version needs another patch`,
  );
});

describe("Calico's data files", () => {
  const before = process.env.SEAMLESS_CACHE;
  const cache = mkdtempSync(join(tmpdir(), "seamless-assets-"));
  const confd = "confd/etc/calico/confd";
  const at = (path: string) => join(cache, "calico-assets-v3.31.0", path);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };

  beforeAll(() => {
    process.env.SEAMLESS_CACHE = cache;
    write(`${confd}/templates/bird_ipam.cfg.template`, template);
    write(`${confd}/templates/bird.cfg.template`, "log stderr;\n");
    write("node/filesystem/sbin/start_runit", "#!/bin/sh\n");
    write("node/filesystem/sbin/notes", "text\n");
    chmodSync(at("node/filesystem/sbin/start_runit"), 0o755);
  });

  afterAll(() => {
    if (before === undefined) delete process.env.SEAMLESS_CACHE;
    else process.env.SEAMLESS_CACHE = before;
    rmSync(cache, { recursive: true });
  });

  test("programs stay executable, in the order of their names", () => {
    const from = (name: string) => ({ from: at(`node/filesystem/sbin/${name}`) });
    expect(assetFiles("node/filesystem/sbin", "usr/sbin")).toEqual([
      { path: "usr/sbin/notes", content: from("notes"), mode: 0o644 },
      { path: "usr/sbin/start_runit", content: from("start_runit"), mode: 0o755 },
    ]);
  });

  test("of confd's templates only the one with tunnels is another", () => {
    expect(confdFiles("etc/confd")).toEqual([
      {
        path: "etc/confd/templates/bird.cfg.template",
        content: { from: at(`${confd}/templates/bird.cfg.template`) },
        mode: 0o644,
      },
      {
        path: "etc/confd/templates/bird_ipam.cfg.template",
        content: { text: patched },
        mode: 0o644,
      },
    ]);
  });
});

test("the dashboard's image is its packages on Debian's Python, and starts them", () => {
  const packages = mkdtempSync(join(tmpdir(), "seamless-packages-"));
  try {
    mkdirSync(join(packages, "kube_web"));
    writeFileSync(join(packages, "kube_web", "web.py"), "");
    writeFileSync(join(packages, "aioauth_client.py"), "");
    expect(dashboardImage(packages)).toEqual({
      tag: "localhost/seamless/kube-web-view:1",
      from: "localhost/seamless/dashboard-system:1",
      files: ["aioauth_client.py", "kube_web/web.py"].map((path) => ({
        path: `opt/dashboard/${path}`,
        content: { from: join(packages, path) },
      })),
      instructions: [
        "ENV PYTHONPATH=/opt/dashboard PYTHONDONTWRITEBYTECODE=1 HOME=/",
        'ENTRYPOINT ["/usr/bin/python3","-m","kube_web"]',
      ],
    });
  } finally {
    rmSync(packages, { recursive: true });
  }
});

test("what the images are made of is told without the place of the cache", () => {
  expect(imagesGeneration(labKinds).split(" ")).toEqual([
    ...["host", "calico", "dashboard"].map((name) =>
      expect.stringMatching(new RegExp(`^lab-${name}-[0-9a-f]{12}\\.tar$`)),
    ),
    ...["coredns:1", "metrics-server:1", "kube-web-view:1"].map(
      (tag) => `localhost/seamless/${tag}`,
    ),
    ...["node", "cni", "kube-controllers"].map((name) => `quay.io/calico/${name}:v3.31.0`),
  ]);
});

test("a lab with FRR-K8s has its images beside, and no other lab has", () => {
  const common = imagesGeneration(labKinds).split(" ");
  const found = imagesGeneration(labKinds, ["hosts", "kubernetes/frr-k8s"]).split(" ");
  expect(found).toEqual([
    ...common.slice(0, 3),
    ...["docker-host", "frr-node"].map((name) =>
      expect.stringMatching(new RegExp(`^lab-${name}-[0-9a-f]{12}\\.tar$`)),
    ),
    ...common.slice(3),
    ...["localhost/seamless/frr:10.3", "quay.io/metallb/frr-k8s:v0.0.25"],
  ]);
});

test("every Python package of the dashboard is of one version, and has its digest", () => {
  const file = join(__dirname, "..", "..", "..", "toolchain/modules/dashboard/requirements.txt");
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").slice(1);
  expect(lines).toHaveLength(4);
  for (const line of lines) expect(line).toMatch(/^[a-z-]+==[\d.]+ --hash=sha256:[0-9a-f]{64}$/);
});
