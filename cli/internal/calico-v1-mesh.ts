import { calicoMeshInput, endMesh, meshInV1 } from "../../components/dcos/calico-mesh";
import { CalicoctlV1 } from "../../components/dcos/calicoctl-v1";
import { daemonsOf } from "../../components/reflector/container";
import { readInput, say } from "./input";
import { previousReflectors } from "./previous";

/** Ends the sessions between the nodes once those with the reflectors are there. Prints which reflectors it asked. */
export async function run(): Promise<void> {
  const { etcdEndpoints, nodes, reflectors } = await readInput(calicoMeshInput);
  const mesh = meshInV1(new CalicoctlV1(etcdEndpoints));
  await endMesh(mesh, nodes, daemonsOf(reflectors), daemonsOf(previousReflectors() ?? {}), { say });
  process.stdout.write(`${JSON.stringify({ reflectors })}\n`);
}
