import { readInput, say } from "../../../util/step";
import { daemonsOf } from "../../reflector/container";
import { previousReflectors } from "../../reflector/previous";
import { calicoMeshInput, endMesh, meshIn } from "../calico-mesh";
import { Calicoctl } from "../calicoctl";

/** Ends the sessions between the nodes once those with the reflectors are there. Prints which reflectors it asked. */
export async function run(): Promise<void> {
  const { etcdEndpoints, nodes, reflectors, sessions } = await readInput(calicoMeshInput);
  const mesh = meshIn(new Calicoctl(etcdEndpoints));
  const before = daemonsOf(previousReflectors() ?? {});
  await endMesh(mesh, nodes, daemonsOf(reflectors), before, { say, sessions });
  process.stdout.write(`${JSON.stringify({ reflectors })}\n`);
}
