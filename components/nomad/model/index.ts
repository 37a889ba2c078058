import { sshProblems } from "../../../config/ssh";
import type { CoeModel } from "../../contract/model";
import { frrFacts, frrProblems } from "../../linux/model";
import { accessDraft, accessFields } from "./access";
import {
  accessProblems,
  driverOf,
  networkProblems,
  probeProblems,
  roleProblems,
  runsImages,
  secretProblem,
} from "./check";
import { fields, probeFields } from "./config";
import { ownPart } from "./plan";
import { defaultRole, roles } from "./roles";

/**
 * Servers run nothing; each client has a range of its own, a bridge in it that CNI puts allocations on, and BIRD or FRR. Nomad has
 * no DNS: names of its services are told by Consul, or by who reads them from its API.
 */
export const nomadModel: CoeModel<"bird" | "frr"> = {
  roles,
  defaultRole,
  speakers: { bird: { nodeRanges: true }, frr: frrFacts },
  defaultSpeaker: "bird",
  fields,
  access: {
    fields: accessFields,
    example: '{ url: "https://nomad.example.com:4646", ssh: { user: root } }',
  },
  secrets: { sorts: ["tokens", "keys"], check: secretProblem },
  listsNodes: false,
  services: { ranges: [] },
  labPorts: { nomad: 14646 },
  labPortsIfUsed: true,
  probe: {
    image: "an image that answers HTTP at port 8080 by itself, or with command",
    runsWithoutImage: (coe) => !runsImages(driverOf(coe)),
    fields: probeFields,
  },
  policy: {
    byNode: "a port of a client that a job maps to its allocation",
    needed: "load balancers and others that ask allocations from outside",
  },
  names: { zones: [] },
  *check(coe, at, around) {
    yield* networkProblems(at, coe);
    yield* roleProblems(at, coe);
    yield* probeProblems(at, coe);
    yield* accessProblems(at, coe, around);
    yield* frrProblems(coe, at, around.config);
    const ssh = accessDraft(coe)?.ssh;
    if (ssh !== undefined) yield* sshProblems([...at, "access", "ssh"], ssh, around.secrets);
  },
  plan: ownPart,
};
