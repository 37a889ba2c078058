import { gobgpImage, refuseUnbuilt } from "../../components/reflector/gobgp/image";
import { Docker } from "../../util/docker";
import { requiredVariable } from "../../util/step";

/** Builds the reflector's image on the Docker daemon of DOCKER_HOST; prints its id. */
export async function run(): Promise<void> {
  refuseUnbuilt();
  const docker = new Docker();
  const tag = requiredVariable("SEAMLESS_IMAGE");
  await docker.build(gobgpImage(tag));
  const { stdout } = await docker.run(["image", "inspect", "--format", "{{.Id}}", tag]);
  process.stdout.write(stdout);
}
