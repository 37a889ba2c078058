import { pullGobgp } from "../../components/reflector/gobgp/image";
import { Docker } from "../../util/docker";
import { requiredVariable, say } from "../../util/step";

/** Has the image that the configuration names on the Docker daemon of DOCKER_HOST; prints its id. */
export async function run(): Promise<void> {
  const id = await pullGobgp(new Docker(), requiredVariable("SEAMLESS_IMAGE"), say);
  process.stdout.write(`${id}\n`);
}
