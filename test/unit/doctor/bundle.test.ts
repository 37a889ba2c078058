import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { extract } from "tar";
import { type BundleInput, bundleFiles } from "../../../cli/commands/bundle";
import { writeBundle } from "../../../doctor/bundle";
import { Redactor } from "../../../util/redact";
import { inScratch } from "../../../util/scratch";
import { parseOutputs } from "../../../verify/outputs";
import { healthy, no, plan } from "../verify/fixture";

/** Each stands for one kind of secret; none is like another, so that what is found says where it came from. */
const planted = {
  kubeToken: "kube-token-0f3b9a77c1",
  kubeKey: "PRIVATE-of-kubeconfig-61c9",
  kubePassword: "basic pass w0rd & 7",
  dcosToken: "eyJhbGciOiJIUzI1NiJ9.eyJ1aWQiOiJib290In0.c2lnbmF0dXJlLTEyMw",
  dcosPassword: 'dc\'os "quoted" \\ pass',
  dcosKey:
    "-----BEGIN PRIVATE KEY-----\nMIIBVgIBADANBgkqhkiG9w0BAQEFAASC\nTm9ib2R5Q2FuUmVhZFRoaXM0Mg==\n-----END PRIVATE KEY-----",
  bgpPassword: "bgp-md5-5ecret",
  comment: "hunter2-in-a-comment",
  sealed: "v1:QUJDREVGR0hJSktM:TU5PUFFSU1RVVldYWVo=",
  passphrase: "correct horse battery",
  awsKey: "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
  urlLogin: "s3cretInUrl",
  unknownOutput: "output-of-another-program-77",
} as const;

const kubeconfig = `apiVersion: v1
users:
- name: admin
  user:
    token: ${planted.kubeToken}
    client-key-data: ${Buffer.from(planted.kubeKey).toString("base64")}
    password: "${planted.kubePassword}"
`;

const outputs = {
  plan,
  subnets: {},
  probes: [],
  access: {
    reflectors: {
      reflector: { via: "docker", dockerHost: "ssh://ops@host", container: "seamless-reflector" },
    },
    coes: {
      kubernetes: { kubeconfig, nodes: { "worker-1": { via: "kubectl" } } },
      dcos: {
        url: `https://admin:${planted.urlLogin}@dcos.example`,
        token: planted.dcosToken,
        login: { uid: "boot", password: planted.dcosPassword, privateKey: planted.dcosKey },
        nodes: {},
      },
    },
  },
  kubeconfigs: { kubernetes: kubeconfig },
  somebodysSecret: planted.unknownOutput,
};

const configText = `# the password is ${planted.comment}
encryptionsalt: ${planted.sealed}
config:
  seamless:network: {supernet: 192.168.0.0/16, nodes: 172.16.18.0/24, asn: 64511}
  seamless:bgpPasswords: {kubernetes: ${planted.bgpPassword}}
  seamless:tokens: {dcos: {secure: ${planted.sealed}}}
`;

const basic = Buffer.from(`admin:${planted.kubePassword}`).toString("base64");
const text = JSON.stringify(outputs);
const input: BundleInput = {
  stack: "lab",
  configText,
  env: {
    PULUMI_CONFIG_PASSPHRASE: planted.passphrase,
    AWS_SECRET_ACCESS_KEY: planted.awsKey,
    PATH: `/usr/bin:/home/${planted.passphrase}`,
  },
  diagnosis: {
    lines: [
      {
        id: "coe/dcos",
        level: "fail",
        found: `login with ${JSON.stringify({ password: planted.dcosPassword })} failed at https://x:${planted.urlLogin}@h`,
        advice: `renew ${planted.kubeToken}`,
      },
    ],
    outputs: parseOutputs(text, "the test"),
    outputsText: text,
  },
  verified: {
    exitCode: 1,
    results: [
      {
        id: "session/x",
        group: "session",
        title: "a session",
        status: "fail",
        asked: `curl -H 'Authorization: Basic ${basic}' -d ${encodeURIComponent(planted.dcosPassword)}`,
        found: `${Buffer.from(planted.bgpPassword).toString("hex")} ${planted.awsKey}`,
        expected: planted.kubeKey,
        cause: planted.dcosKey,
        remedy: `PULUMI_CONFIG_PASSPHRASE='${planted.passphrase}' pulumi up`,
        at: planted.unknownOutput,
      },
    ],
    seen: {
      ...healthy,
      rib: {
        reflector: no(
          `ask ${planted.kubeToken}`,
          `body ${JSON.stringify(JSON.stringify({ k: planted.dcosKey, t: planted.dcosToken }))} ${Buffer.from(kubeconfig).toString("base64")}`,
        ),
      },
    },
  },
};

/** A text, and whatever is encoded in it, as somebody would look who searches for secrets. */
function readings(given: string): string[] {
  const runs = (of: RegExp) => given.match(of) ?? [];
  const unescaped = given.replace(/\\+n/g, "\n").replace(/\\+"/g, '"').replace(/\\+/g, "\\");
  const decoded = (run: string) => {
    try {
      return decodeURIComponent(run.replaceAll("+", " "));
    } catch {
      return "";
    }
  };
  return [
    given,
    unescaped,
    given.replaceAll("&#39;", "'").replaceAll("&quot;", '"').replaceAll("&amp;", "&"),
    ...runs(/[^\s"']*%[^\s"']*/g).map(decoded),
    ...runs(/[A-Za-z0-9+/_-]{8,}/g).flatMap((run) =>
      [0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), "base64").toString("latin1")),
    ),
    ...runs(/[0-9a-fA-F]{8,}/g).map((run) => Buffer.from(run, "hex").toString("latin1")),
  ];
}

/** What of a secret is enough to know it. */
const known = Object.values(planted).flatMap((secret) =>
  secret.includes("\n") ? secret.split("\n").slice(1, -1) : [secret],
);

test("no secret of any kind is in the bundle, in no encoding it had", async () => {
  await inScratch("bundle-test", async (folder) => {
    const { files, redactor } = bundleFiles(input);
    const file = join(folder, "b.tgz");
    await writeBundle(file, files, redactor);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await extract({ file, cwd: folder });
    const inside = join(folder, "seamless-bundle");
    expect(readdirSync(inside).sort()).toEqual([
      "README.txt",
      "config.yaml",
      "doctor.json",
      "doctor.txt",
      "environment.json",
      "outputs.json",
      "plan.json",
      "plan.txt",
      "report.html",
      "verify.json",
      "versions.json",
    ]);
    for (const name of readdirSync(inside)) {
      const all = readings(readFileSync(join(inside, name), "utf8"));
      const left = known.filter((secret) => all.some((one) => one.includes(secret)));
      expect({ name, left }).toEqual({ name, left: [] });
    }
  });
});

test("the search of this test finds every secret in what went in", () => {
  const all = readings(JSON.stringify(input));
  expect(known.filter((secret) => !all.some((one) => one.includes(secret)))).toEqual([]);
});

test("what is no secret is still there", () => {
  const { files } = bundleFiles(input);
  expect(JSON.parse(files["outputs.json"] ?? "")).toMatchObject({
    plan: JSON.parse(JSON.stringify(plan)),
    access: {
      reflectors: {
        reflector: { via: "docker", dockerHost: "ssh://ops@host", container: "seamless-reflector" },
      },
      coes: {
        kubernetes: { kubeconfig: "[secret]", nodes: { "worker-1": { via: "kubectl" } } },
        dcos: { url: "https://[secret]@dcos.example", token: "[secret]", login: "[secret]" },
      },
    },
    kubeconfigs: "[secret]",
  });
  expect(files["config.yaml"]).toContain("supernet: 192.168.0.0/16");
  expect(JSON.parse(files["verify.json"] ?? "").seen.neighbours).toEqual(healthy.neighbours);
  expect(JSON.parse(files["environment.json"] ?? "")).toEqual({ PATH: "/usr/bin:/home/[secret]" });
});

test("a bundle with a secret in it is not written", async () => {
  await inScratch("bundle-test", async (folder) => {
    const file = join(folder, "b.tgz");
    const redactor = new Redactor(["planted-secret"]);
    await expect(
      writeBundle(file, { "a.txt": "x", "b.txt": "a planted-secret" }, redactor),
    ).rejects.toMatchObject({
      message: `--bundle ${file}: a known secret would be in b.txt, so nothing is written; leave the bundle out, and report this`,
      code: 4,
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

test.each<[string, string]>([
  ["no YAML", "a: [b\n password: c"],
  ["nothing", ""],
])("a configuration that is %s gives no text of its own away", (_, bad) => {
  const { files } = bundleFiles({ ...input, configText: bad });
  expect(files["config.yaml"]).not.toContain("password");
});
