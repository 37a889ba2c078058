import { createHash } from "node:crypto";
import type { CoePlan } from "../../plan/types";
import { type LabKinds, labKindOf } from "../contract";

/**
 * Changes with what would be written to the hosts, certificates left aside: so a lab that runs gets the files of a newer
 * program, though its plan is the same.
 */
export function filesDigest(coes: readonly CoePlan[], kinds: LabKinds): string {
  const hosts = coes.flatMap((coe) => {
    const kind = labKindOf(kinds, coe);
    if (kind === undefined) return [];
    const none = { certificate: "", privateKey: "" };
    const names = Object.keys(kind.certificates(coe));
    const pki = {
      authority: "",
      leaves: Object.fromEntries(names.map((name) => [name, none])),
      serviceAccount: { privateKey: "", publicKey: "" },
    };
    return Object.values(coe.nodes).map((node) => kind.files(coe, node, pki));
  });
  return createHash("sha256").update(JSON.stringify(hosts)).digest("hex").slice(0, 16);
}
