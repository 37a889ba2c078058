/** Inspection on the manifests that Calico publishes, with what is read off them as the expectation. */
import { readdirSync } from "node:fs";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { backendOf, installationSpec, ipamOf } from "../../../components/kubernetes/inspect/agent";
import { readCluster } from "../../../components/kubernetes/inspect/read";
import { kubectlOf, type Manifest } from "../../helpers/kubectl";
import { describeWithShared, sharedPath, sharedText } from "../../helpers/shared";

const folder = "definitions/calico-manifests";
const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
const summary = z.array(
  z.looseObject({
    calico: z.string(),
    manifest: z.string(),
    networkingBackend: z.string(),
    bgpDaemonRuns: z.boolean(),
    felixBpfEnabled: z.union([z.boolean(), z.string()]).nullable(),
    cniIpam: z.looseObject({ type: z.string() }),
  }),
);

/** Of the definitions only the names matter here. */
const definition = (name: string, kind: string): Manifest & { readonly spec: object } => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name },
  spec: { names: { kind } },
});
const pools = definition("ippools.crd.projectcalico.org", "IPPool");

function manifestsOf(version: string, name: string): Manifest[] {
  const place = [folder, version, name];
  return readdirSync(sharedPath(...place)).map((file) =>
    manifest.parse(parse(sharedText(...place, file))),
  );
}

/** Calico's state by these objects. */
async function calicoOf(objects: readonly Manifest[]) {
  const { calico } = await readCluster(kubectlOf(objects));
  if (calico === undefined) throw new Error("no Calico found");
  return calico;
}

describeWithShared(folder, "Calico's own manifests", () => {
  const rows = summary.parse(JSON.parse(sharedText(folder, "summary.json")));

  test.each(rows.map((row) => [`${row.calico} ${row.manifest}`, row] as const))(
    "%s",
    async (_, row) => {
      const calico = await calicoOf([pools, ...manifestsOf(row.calico, row.manifest)]);
      expect(calico.version).toBe(row.calico);
      expect(calico.backend.name).toBe(row.networkingBackend);
      expect(calico.backend.name === "bird").toBe(row.bgpDaemonRuns);
      expect(calico.backend.against).toBe(undefined);
      expect(calico.ipam.name).toBe(row.cniIpam.type);
      // As published they have IPv4 alone ("Configure dual stack" says what to change).
      expect(calico.ipv6).toEqual({ address: undefined, felix: false, assigns: false });
      expect(calico.dataplane).toBe(String(row.felixBpfEnabled) === "true" ? "BPF" : undefined);
    },
  );

  test("without the ConfigMap the backend is not known, whatever the default is", async () => {
    const [row] = rows.filter((one) => one.bgpDaemonRuns);
    if (row === undefined) throw new Error("no manifest with BIRD");
    const others = manifestsOf(row.calico, row.manifest).filter(({ kind }) => kind !== "ConfigMap");
    expect((await calicoOf([pools, ...others])).backend).toEqual({
      name: "unknown",
      from: "ConfigMap calico-config, key calico_backend, which is not there or empty",
    });
  });

  test("with definitions of projectcalico.org alone it is told apart", async () => {
    const native = definition("ippools.projectcalico.org", "IPPool");
    const objects = manifestsOf("v3.32.1", "calico");
    const { calico, nativeV3 } = await readCluster(kubectlOf([native, ...objects]));
    expect([calico, nativeV3]).toEqual([undefined, true]);
    // An API server of Calico's own serves that group beside the definitions.
    expect((await readCluster(kubectlOf([native, pools, ...objects]))).nativeV3).toBe(false);
  });
});

describeWithShared("definitions/tigera-operator", "the operator's Installations", () => {
  const agent = { name: "calico-node", image: "", env: [], envFrom: [] };
  const expected: Readonly<Record<string, readonly [string, string]>> = {
    "docs.aks-calico-vxlan-bgp-disabled.yaml": ["vxlan or none", "calico-ipam"],
    "docs.eks-amazonvpc-bgp-disabled.yaml": ["vxlan or none", "AmazonVPC"],
    "docs.nftables.yaml": ["bird", "calico-ipam"],
    "docs.stored-object-bgp-enabled-ipip.yaml": ["bird", "calico-ipam"],
    "docs.unencapsulated-bgp-default.yaml": ["bird", "calico-ipam"],
    "docs.vxlan-bgp-disabled.yaml": ["vxlan or none", "calico-ipam"],
    "v3.26.5.custom-resources.yaml": ["bird", "calico-ipam"],
    "v3.32.1.custom-resources-bpf.yaml": ["bird", "calico-ipam"],
    "v3.32.1.custom-resources.yaml": ["bird", "calico-ipam"],
    "v3.32.1.ocp-03-cr-installation.yaml": ["bird", "calico-ipam"],
  };
  const place = "definitions/tigera-operator/samples";

  test("there is an answer for each sample", () => {
    expect(readdirSync(sharedPath(place)).sort()).toEqual(Object.keys(expected));
  });

  test.each(Object.entries(expected))("%s", (file, [backend, ipam]) => {
    const [spec] = parseAllDocuments(sharedText(place, file)).flatMap((document) => {
      const object = z
        .looseObject({ kind: z.string(), spec: z.unknown() })
        .safeParse(document.toJS());
      return object.data?.kind === "Installation" ? [installationSpec.parse(object.data.spec)] : [];
    });
    expect(spec).toBeDefined();
    expect(backendOf(agent, {}, spec)).toEqual({
      name: backend,
      from: "the operator's Installation",
    });
    const serviceAccountName = "calico-node";
    const template = { spec: { containers: [agent], initContainers: [], serviceAccountName } };
    expect(ipamOf({ selector: { matchLabels: {} }, template }, {}, spec).name).toBe(ipam);
  });
});
