import { z } from "zod";
import { SeamlessError } from "../../util/errors";
import type { Askable } from "../reflector/contract";
import {
  awaitSessions,
  followSessions,
  type SessionsOptions,
  sessionsInput,
} from "../reflector/sessions";
import type { StepOptions } from "./calico-etcd";
import type { Calicoctl } from "./calicoctl";
import type { CalicoctlV1 } from "./calicoctl-v1";

/** Input of the steps `calico-mesh` and `calico-v1-mesh`. */
export const calicoMeshInput = sessionsInput.extend({
  /** Endpoints of the etcd that is Calico's datastore. */
  etcdEndpoints: z.array(z.string()).min(1),
});

export type CalicoMeshInput = z.infer<typeof calicoMeshInput>;

/** The sessions between the nodes of a COE. */
export interface Mesh {
  isOn(): Promise<boolean>;
  end(): Promise<void>;
}

const ref = "BGPConfiguration/default";

/** In a datastore of Calico 3. */
export function meshIn(calicoctl: Calicoctl): Mesh {
  const isOn = async () => {
    const found = await calicoctl.get(ref);
    return found?.spec?.nodeToNodeMeshEnabled !== false;
  };
  return {
    isOn,
    async end() {
      const found = await calicoctl.get(ref);
      if (found === undefined) throw new SeamlessError(`${ref}: not found, so the mesh stays on`);
      const { apiVersion, kind, metadata, spec } = found;
      const object = { apiVersion, kind, metadata: { name: metadata.name } };
      await calicoctl.apply([{ ...object, spec: { ...spec, nodeToNodeMeshEnabled: false } }]);
      if (await isOn()) throw new SeamlessError(`${ref} does not hold what was applied`);
    },
  };
}

/** In a datastore of Calico 2. */
export function meshInV1(calicoctl: CalicoctlV1): Mesh {
  const isOn = async () => (await calicoctl.setting("nodeToNodeMesh")) !== "off";
  return {
    isOn,
    async end() {
      await calicoctl.set("nodeToNodeMesh", "off");
      if (await isOn())
        throw new SeamlessError("Calico's datastore does not hold what was set: nodeToNodeMesh");
    },
  };
}

type Daemons = Readonly<Record<string, Askable>>;

/**
 * Ends the mesh when every node has its session with every reflector. Where it is off already, those nodes that have a
 * session have to have all.
 * @param before the reflectors of the last update
 * @throws SeamlessError that names the nodes without a session; the mesh stays on then
 */
export async function endMesh(
  mesh: Mesh,
  nodes: CalicoMeshInput["nodes"],
  reflectors: Daemons,
  before: Daemons,
  options: StepOptions & Pick<SessionsOptions, "sessions">,
): Promise<void> {
  if (!(await mesh.isOn())) return followSessions(nodes, reflectors, before, options);
  await awaitSessions(nodes, reflectors, options);
  options.say("the sessions are there: ending the node-to-node mesh");
  await mesh.end();
}
