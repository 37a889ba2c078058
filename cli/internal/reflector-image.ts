import { gobgpImage } from "../../components/reflector/image";
import { Docker } from "../../util/docker";

/** Builds the reflector's image on the Docker daemon of DOCKER_HOST; prints a digest of what is in it. */
export async function run(): Promise<void> {
  const digest = await new Docker(process.env.DOCKER_HOST).build(gobgpImage());
  process.stdout.write(`${digest}\n`);
}
