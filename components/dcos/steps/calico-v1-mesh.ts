import { readInput, say } from "../../../util/step";
import { daemonsOf } from "../../reflector/container";
import { previousReflectors } from "../../reflector/previous";
import { calicoMeshInput, endMesh, meshInV1 } from "../calico-mesh";
import { CalicoctlV1 } from "../calicoctl-v1";

/** Ends the sessions between the nodes once those with the reflectors are there. Prints which reflectors it asked. */
export async function run(): Promise<void> {
  const { etcdEndpoints, nodes, reflectors } = await readInput(calicoMeshInput);
  const mesh = meshInV1(new CalicoctlV1(etcdEndpoints));
  await endMesh(mesh, nodes, daemonsOf(reflectors), daemonsOf(previousReflectors() ?? {}), { say });
  process.stdout.write(`${JSON.stringify({ reflectors })}\n`);
}
