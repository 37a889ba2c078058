import { pullImage } from "../../components/reflector/image";
import { Docker } from "../../util/docker";
import { requiredVariable, say } from "../../util/step";
import { stepKind } from "./router";

/** Has the image that the configuration names on the Docker daemon of DOCKER_HOST; prints its id. */
export async function run(): Promise<void> {
  const id = await pullImage(stepKind(), new Docker(), requiredVariable("SEAMLESS_IMAGE"), say);
  process.stdout.write(`${id}\n`);
}
