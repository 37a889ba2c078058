import { createHash } from "node:crypto";
import type { CoePlan, Plan, RackPlan } from "../../plan/types";
import { type LabKinds, type LabRouters, labKindOf } from "../contract";
import { filesOfHost, filesOfRouter } from "./racks";

/**
 * Changes with what would be written to the hosts, certificates left aside: so a lab that runs gets the files of a newer
 * program, though its plan is the same.
 * @param racks where each has a network of its own
 */
export function filesDigest(
  coes: readonly CoePlan[],
  kinds: LabKinds,
  racks: readonly RackPlan[] = [],
): string {
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
    return Object.values(coe.nodes).map((node) =>
      filesOfHost(kind.files(coe, node, pki), node, racks, coes),
    );
  });
  return digestOf(hosts);
}

/** The same for routers. @param names of those that the lab makes */
export function routersDigest(plan: Plan, names: readonly string[], kinds: LabRouters): string {
  return digestOf(
    names.map((name) => {
      const router = plan.reflectors[name];
      const kind = kinds[router?.kind ?? ""];
      return router === undefined || kind === undefined ? [] : filesOfRouter(kind, plan, router);
    }),
  );
}

function digestOf(files: unknown): string {
  return createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16);
}
