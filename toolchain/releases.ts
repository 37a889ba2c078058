import { exitCode, SeamlessError } from "../util/errors";
import { pluginVersions, pulumiVersion, type Tool } from "./catalogue";

/** One file of an upstream release. */
export interface ReleaseFile {
  readonly url: string;
  /** What upstream publishes, as somebody who had the release has written it down; checked before anything else. */
  readonly sha256?: string;
  /** Upstream's own list, for files of which nobody's record was found. */
  readonly sums?: string;
  /** The programs in it: name that our own build gives each -> file name in the archive. One of no archive is itself. */
  readonly programs: Readonly<Record<string, string>>;
}

/** Until a connection stands: short, for a machine that is offline must not wait. */
export const connectMs = 3_000;

type Architecture = "amd64" | "arm64";

const architectures: Readonly<Record<string, Architecture | undefined>> = {
  x64: "amd64",
  arm64: "arm64",
};

const github = (path: string) => `https://github.com/${path.replace(" ", "/releases/download/")}`;

const pulumi = {
  // From Pulumi's Homebrew formula of this version.
  amd64: "8916fd36ccc96adbd45ca679194b685e3b767d94502ae05610878a6d9870b8f3",
  arm64: "deb4bf0d05b4cbaf3adcf82ffa44039ad0ebf039e33338ead8136877a437b4e5",
};

/** From records of projects that pin these releases. */
const coredns = { amd64: "9a09356438c6d9591cb80011a2a7a52f87fc3a113f6690e41f243f98b98faac9" };
const metricsServer = {
  amd64: "43ee266a0cf8f5c76c5995d2a6487c4a865472860729a64324c0271a9651d7ab",
  arm64: "fdc7e8a27b3f509609def95e341ab03fcd2205dc70d12141326459b90b759010",
};
const kubelet = { amd64: "0415ef7778646172f7aad830cbe09a7d903461eef9e15cd34193b85d95dfff0d" };

type Sums = Partial<Record<Architecture, string>>;

/** A pinned sum where there is one, else upstream's list. */
function checkedBy(sums: Sums, architecture: Architecture, list: string) {
  const sha256 = sums[architecture];
  return sha256 === undefined ? { sums: list } : { sha256 };
}

/** The releases of tools that have some with all of their programs. Calico's are container images but for calicoctl. */
const releases: Readonly<
  Record<string, (tool: Tool, architecture: Architecture) => readonly ReleaseFile[]>
> = {
  pulumi(_, architecture) {
    const name = `pulumi-v${pulumiVersion}-linux-${architecture === "amd64" ? "x64" : "arm64"}.tar.gz`;
    const url = github(`pulumi/pulumi v${pulumiVersion}/${name}`);
    return [{ url, sha256: pulumi[architecture], programs: { pulumi: "pulumi" } }];
  },
  "kubernetes-provider"(_, architecture) {
    const version = pluginVersions.kubernetes;
    const folder = `pulumi/pulumi-kubernetes v${version}/`;
    return [
      {
        url: github(`${folder}pulumi-resource-kubernetes-v${version}-linux-${architecture}.tar.gz`),
        sums: github(`${folder}pulumi-kubernetes_${version}_checksums.txt`),
        programs: { "kubernetes-provider": "pulumi-resource-kubernetes" },
      },
    ];
  },
  gobgp({ version }, architecture) {
    const folder = `osrg/gobgp v${version}/`;
    return [
      {
        url: github(`${folder}gobgp_${version}_linux_${architecture}.tar.gz`),
        sums: github(`${folder}gobgp_${version}_checksums.txt`),
        programs: { gobgp: "gobgp", gobgpd: "gobgpd" },
      },
    ];
  },
  kubernetes({ version, programs }, architecture) {
    return Object.keys(programs).map((program) => {
      const url = `https://dl.k8s.io/release/v${version}/bin/linux/${architecture}/${program}`;
      const known = program === "kubelet" ? kubelet : {};
      const check = checkedBy(known, architecture, `${url}.sha256`);
      return { url, ...check, programs: { [program]: program } };
    });
  },
  addons({ version }, architecture) {
    const [dns = "", metrics = ""] = version.split("-");
    const archive = github(`coredns/coredns v${dns}/coredns_${dns}_linux_${architecture}.tgz`);
    return [
      {
        url: archive,
        ...checkedBy(coredns, architecture, `${archive}.sha256`),
        programs: { coredns: "coredns" },
      },
      {
        url: github(
          `kubernetes-sigs/metrics-server v${metrics}/metrics-server-linux-${architecture}`,
        ),
        sha256: metricsServer[architecture],
        programs: { "metrics-server": "metrics-server" },
      },
    ];
  },
};

/** The files of a tool's release for this machine; none where there is no release with all of its programs. */
export function releaseOf(
  tool: Tool,
  platform: string = process.platform,
  arch: string = process.arch,
): readonly ReleaseFile[] {
  const architecture = architectures[arch];
  if (platform !== "linux" || architecture === undefined) return [];
  return releases[tool.name]?.(tool, architecture) ?? [];
}

/** Where releases are downloaded from: upstream, a mirror with upstream's paths below its own, or not at all. */
export type Source =
  | { readonly kind: "off" }
  | { readonly kind: "upstream" }
  | { readonly kind: "mirror"; readonly base: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** What SEAMLESS_RELEASES says. @throws SeamlessError for what is neither `off` nor an address that may be asked */
export function releaseSource(env: Environment = process.env): Source {
  const wish = env.SEAMLESS_RELEASES ?? "";
  if (wish === "") return { kind: "upstream" };
  if (wish === "off") return { kind: "off" };
  if (URL.canParse(wish) && mayAsk(new URL(wish)))
    return { kind: "mirror", base: wish.replace(/\/+$/, "") };
  throw new SeamlessError(
    `SEAMLESS_RELEASES=${wish}: not known; use off (build everything), or the https:// address of a mirror, or unset it`,
    exitCode.usage,
  );
}

/** Only what cannot be read or changed on the way, and this machine itself. */
export function mayAsk({ protocol, hostname }: URL): boolean {
  if (protocol === "https:") return true;
  return protocol === "http:" && /^(127(\.\d+){3}|localhost|\[::1\])$/.test(hostname);
}

/** The address of a file at a source: a mirror has upstream's host name as the first folder. */
export function addressOf(url: string, source: Source): string {
  return source.kind === "mirror" ? `${source.base}/${url.replace(/^https?:\/\//, "")}` : url;
}
