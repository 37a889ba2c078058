import { calicoMeshInput, endMesh, meshIn } from "../../components/dcos/calico-mesh";
import { Calicoctl } from "../../components/dcos/calicoctl";
import { daemonsOf } from "../../components/reflector/container";
import { readInput, say } from "./input";
import { previousReflectors } from "./previous";

/** Ends the sessions between the nodes once those with the reflectors are there. Prints which reflectors it asked. */
export async function run(): Promise<void> {
  const { etcdEndpoints, nodes, reflectors } = await readInput(calicoMeshInput);
  const mesh = meshIn(new Calicoctl(etcdEndpoints));
  await endMesh(mesh, nodes, daemonsOf(reflectors), daemonsOf(previousReflectors() ?? {}), { say });
  process.stdout.write(`${JSON.stringify({ reflectors })}\n`);
}
